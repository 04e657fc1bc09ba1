package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// book is the ledger of verify.json. Its vectors are requests that the suite
// makes; each knows the stimulus and the set-up that it came from.
type book struct {
	*ledger[vectors.Verify]
	sent    map[string]int // vectors by what arrives
	origins map[string]suite.Case
}

// verify: requests as they arrive, and whether they came from Inngest.
func verify() (made, error) {
	b := book{
		newLedger[vectors.Verify]("requests as they arrive, and whether they came from Inngest: the catalogue's own stimuli, and tables", verifyFlags),
		map[string]int{}, map[string]suite.Case{},
	}
	catalogue := suite.Catalogue()
	slices.SortStableFunc(catalogue, func(x, y suite.Case) int { return rank(x) - rank(y) })
	for _, c := range catalogue {
		b.catalogued(c)
	}
	for _, table := range []func(*book){windowTable, keyTable, headerTable, macTable, bodyTable, shapeTable} {
		table(&b)
	}
	b.pair()
	return b.done()
}

// rank puts the plainest chapter first: of cases with equal requests the first
// gives the vector its id.
func rank(c suite.Case) int {
	if strings.HasPrefix(c.ID, "receiving.") {
		return 0
	}
	return 1
}

// catalogued enters a case of the catalogue, if it makes a vector.
func (b *book) catalogued(c suite.Case) {
	if left := leftOut(c); left != "" {
		return
	}
	b.enter(vectors.Common{
		ID: c.ID, Clause: c.Clause.String(), Level: string(c.Level), Risk: string(c.Risk), Reading: c.Ambiguity, Comment: c.Title, Flags: flagsOf(c),
	}, c, c.Stance())
}

// longest is how long a body may be in a file that people open.
const longest = 16 << 10

// leftOut says why a case makes no vector; empty where it makes one.
func leftOut(c suite.Case) string {
	if _, isSigned := parts(c.When); !isSigned {
		return "its kind of request is not verified as a call is"
	}
	if c.Destructive {
		return "it asks whether an endpoint lives, not what a verifier says"
	}
	if slices.Contains(c.Faults(), "body") {
		return "it lacks a body and signs none: the table of shapes has it"
	}
	if c.Stance() == suite.Silent {
		return "it is not about the signature of its request"
	}
	env := c.Given.Environment(ring, "http://api.invalid")
	if reference.ResolveMode(func(name string) string { return env[name] }).Dev {
		return "in development mode nothing is owed to a signature: mode.json says so"
	}
	for name := range env {
		if strings.Contains(name, "_CODE_") {
			return "its keys come from code, and are the same to a verifier"
		}
	}
	request := suite.Make(c.When, scene(ring)).Request
	for _, field := range request.Header {
		if field.Name == "Transfer-Encoding" || field.Name == "Content-Encoding" {
			return "it is about how bodies travel, and a verifier gets them whole"
		}
	}
	if len(request.Body) > longest {
		return "its body is too long for a file"
	}
	if _, err := reference.Canonicalise(request.Body); err != nil && len(request.Body) > 0 && c.Stance() == suite.Refuses {
		return "no signature of its body is valid, so it has no twin; bodies without a canonical form have a table"
	}
	return ""
}

// enter adds the request of a case. A request that is there already takes in
// the case's name, unless the case is a table's.
func (b *book) enter(c vectors.Common, from suite.Case, stance suite.Stance) {
	v := arrive(c, keysOf(from.Given), suite.Make(from.When, scene(ring)).Request)
	v.Sender = senderOf(from.When)
	b.judge(&v, stance)
	fromCatalogue := from.Title != ""
	if at, there := b.sent[fingerprint(v)]; there {
		first := &b.file.Vectors[at]
		if stance != suite.Leaves && first.Result != v.Result {
			b.fail("%s and %s send the same request and expect different things", first.ID, v.ID)
		}
		if fromCatalogue {
			first.Cases = append(first.Cases, v.ID)
		}
		return
	}
	if fromCatalogue {
		v.Cases = []string{v.ID}
	}
	b.sent[fingerprint(v)] = len(b.file.Vectors)
	b.origins[v.ID] = from
	b.add(v)
}

// judge turns the reference's result into what is expected, and fails where
// the case expects something else.
func (b *book) judge(v *vectors.Verify, stance suite.Stance) {
	if stance == suite.Leaves {
		v.Result, v.Reference = vectors.Unspecified, v.Result
		return
	}
	if v.Result != string(stance) {
		b.fail("%s expects %s, and the reference gives %s (%s)", v.ID, stance, v.Result, v.Reason)
	}
}

// pair gives every vector with a fault its twin, and enters the twins that no
// case sends.
func (b *book) pair() {
	for at := 0; at < len(b.file.Vectors); at++ {
		v := b.file.Vectors[at]
		from, made := b.origins[v.ID]
		if !made || v.Result != vectors.Refuse {
			continue
		}
		stimulus, setup := from.Control()
		twin := suite.Case{Given: setup, When: stimulus}
		common := v.Common
		common.ID, common.Reading, common.Risk = v.ID+".twin", "", lockout
		common.Comment, common.Flags = "accepted: "+v.ID+", without its fault", []string{"Control"}
		if b.enter(common, twin, suite.Accepts); b.file.Vectors[at].ID != v.ID {
			panic("vectors stay where they are")
		}
		request := arrive(common, keysOf(setup), suite.Make(stimulus, scene(ring)).Request)
		other := b.file.Vectors[b.sent[fingerprint(request)]]
		if other.Result != vectors.Accept {
			b.fail("%s has the twin %s, which is not accepted", v.ID, other.ID)
		}
		b.file.Vectors[at].Control, b.file.Vectors[at].Differs = other.ID, b.differs(v, other)
	}
}

// differs names what a vector and its twin do not have in common. One thing,
// but where the verifier holds no primary key: nothing is valid there.
func (b *book) differs(v, twin vectors.Verify) (what []string) {
	say := func(differ bool, name string) {
		if differ {
			what = append(what, name)
		}
	}
	otherFields := func(v vectors.Verify) (others []vectors.Field) {
		for _, field := range v.Headers {
			if !strings.EqualFold(field.Name, reference.HeaderSignature) && field.Name != "Content-Type" {
				others = append(others, field)
			}
		}
		return others
	}
	say(textOf(v.Keys) != textOf(twin.Keys), "keys")
	say(!slices.Equal(signatures(v.Headers), signatures(twin.Headers)), "signature")
	say(textOf(v.Body) != textOf(twin.Body), "body")
	if v.Method != twin.Method || v.Target != twin.Target || !slices.Equal(otherFields(v), otherFields(twin)) {
		b.fail("%s and its twin %s differ in more than what is verified", v.ID, twin.ID)
	}
	if keyless := parsed(v.Keys).Primary.IsZero(); len(what) == 0 || len(what) > 1 && !keyless {
		b.fail("%s and its twin %s differ in %v: not in one thing", v.ID, twin.ID, what)
	}
	return what
}

func textOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic("a vector can be encoded: " + err.Error())
	}
	return string(text)
}

func fingerprint(v vectors.Verify) string {
	return textOf([]any{v.Keys, v.Method, v.Target, v.Headers, v.Body})
}
