package main

import (
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// verifyBuilder builds verify.json. Its vectors are requests of the suite; each is
// kept with the stimulus and set-up that it was made from.
type verifyBuilder struct {
	*fileBuilder[vectors.Verify]
	byInput map[string]int        // the index of a vector, by its inputs
	origins map[string]suite.Case // the case of a vector, by its id
}

// addRequest adds the request of a case. If an equal request exists, the case's id
// is added to that, unless the case belongs to a table.
func (b *verifyBuilder) addRequest(c vectors.Common, from suite.Case, stance suite.Stance) {
	v := newVerify(c, keysOf(from.Given), suite.Make(from.When, scene).Request)
	v.Sender = senderOf(from.When)
	b.expect(&v, stance)
	if v.Result == vectors.Refuse {
		v.By = string(attackerOf(from))
	}
	fromCatalogue := from.Title != ""
	if at, found := b.byInput[fingerprint(v)]; found {
		first := &b.file.Vectors[at]
		if stance != suite.Unspecified && first.Result != v.Result {
			b.fail("%s and %s have the same request and different results", first.ID, v.ID)
		}
		if fromCatalogue {
			first.Cases = append(first.Cases, v.ID)
		}
		return
	}
	if fromCatalogue {
		v.Cases = []string{v.ID}
	}
	b.byInput[fingerprint(v)] = len(b.file.Vectors)
	b.origins[v.ID] = from
	b.add(v)
}

// expect compares the reference's result with the stance of the case, and marks it
// as unspecified where the case has none.
func (b *verifyBuilder) expect(v *vectors.Verify, stance suite.Stance) {
	if stance == suite.Unspecified {
		v.Result, v.Reference = vectors.Unspecified, v.Result
		return
	}
	if v.Result != string(stance) {
		b.fail("%s expects %s, and the reference returns %s (%s)", v.ID, stance, v.Result, v.Reason)
	}
}

// attackerOf returns who can send the request of a case. A case of a table has
// only its request, so that suite derives the attacker from that.
func attackerOf(c suite.Case) suite.Attacker {
	if c.By != "" {
		return c.By
	}
	c.Then = suite.Expectation{Negative: true}
	return c.Attacker()
}
