package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// Everything stands still: the clock, the keys, the nonce.
var (
	still = suite.VectorScene()
	now   = still.Now
	ring  = still.Keys
	nonce = still.Nonce // stands in every body that the suite makes
)

// Levels and risks, as the files spell them.
const (
	must   = string(suite.Must)
	should = string(suite.Should)
	may    = string(suite.May)

	forgery          = string(suite.Forgery)
	replay           = string(suite.Replay)
	disclosure       = string(suite.Disclosure)
	lockout          = string(suite.Lockout)
	interoperability = string(suite.Interoperability)
	availability     = string(suite.Availability)
)

// ledger gathers the vectors of one file and checks them as they come.
type ledger[V vectors.Kind] struct {
	file vectors.File[V]
	at   map[string]int // vectors by id
	errs []error
}

func newLedger[V vectors.Kind](about string, flags map[string]vectors.Flag) *ledger[V] {
	var kind V
	return &ledger[V]{
		file: vectors.File[V]{Schema: "../schema.json", Name: kind.Of(), About: about, Flags: flags},
		at:   map[string]int{},
	}
}

// add enters a vector.
func (l *ledger[V]) add(v V) {
	id := v.About().ID
	if _, there := l.at[id]; there {
		l.fail("the id %s is taken twice", id)
	}
	l.at[id] = len(l.file.Vectors)
	l.file.Vectors = append(l.file.Vectors, v)
}

func (l *ledger[V]) fail(format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("%s: "+format, append([]any{l.file.Name}, args...)...))
}

// done checks the whole and writes it down.
func (l *ledger[V]) done() (made, error) {
	used := map[string]bool{}
	for _, v := range l.file.Vectors {
		about := v.About()
		for _, flag := range about.Flags {
			used[flag] = true
			if _, known := l.file.Flags[flag]; !known {
				l.fail("%s has the flag %s, which is not described", about.ID, flag)
			}
		}
		if _, there := l.at[about.Control]; about.Control != "" && !there {
			l.fail("%s has the twin %s, which is not there", about.ID, about.Control)
		}
		if about.Control == "" && v.Outcome() == vectors.Refuse {
			l.fail("%s is a negative without a twin", about.ID)
		}
		if len(about.Flags) == 0 {
			l.fail("%s has no flag", about.ID)
		}
	}
	for flag := range l.file.Flags {
		if !used[flag] {
			l.fail("the flag %s is on no vector", flag)
		}
	}
	l.file.Count = len(l.file.Vectors)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(l.file); err != nil {
		l.fail("encoding: %w", err)
	}
	return made{l.file.Name, l.file.About, l.file.Count, text.Bytes()}, errors.Join(l.errs...)
}

// about is the head of a vector. Flags are names from the head of the file.
func about(id, section string, item int, level, risk, comment string, flags ...string) vectors.Common {
	clause := suite.Citation{Section: section, Item: item}
	if clause.Text() == "" {
		panic(id + " cites a clause that is not there: " + clause.String())
	}
	return vectors.Common{ID: id, Clause: clause.String(), Level: level, Risk: risk, Comment: comment, Flags: flags}
}

// reading adds the ambiguity that a vector touches.
func reading(id string, c vectors.Common) vectors.Common {
	if _, known := suite.FindAmbiguity(id); !known {
		panic(c.ID + " touches a reading that is not there: " + id)
	}
	c.Reading = id
	return c
}

// twinned names the valid neighbour and where it differs.
func twinned(c vectors.Common, twin string, differs ...string) vectors.Common {
	c.Control, c.Differs = twin, differs
	return c
}

// scored is a vector's result and, where nothing is owed, what the reference does.
func scored(c vectors.Common, result string) (expected, reference string) {
	if c.Level == may {
		return vectors.Unspecified, result
	}
	return result, ""
}

// named are the reasons for which the reference refuses, as the files spell them.
func named(err error) string {
	var broken *reference.HeaderError
	for _, r := range []struct {
		is   error
		name string
	}{
		{reference.ErrUnsigned, "unsigned"}, {reference.ErrNoKey, "no-key"}, {reference.ErrMalformedKey, "malformed"},
		{reference.ErrExpired, "expired"}, {reference.ErrFuture, "future"}, {reference.ErrMismatch, "mismatch"},
		{reference.ErrNoMessage, "no-message"}, {reference.ErrNoCanonicalForm, "no-canonical-form"},
	} {
		if errors.Is(err, r.is) {
			return r.name
		}
	}
	if errors.As(err, &broken) {
		return "header"
	}
	panic("a reason without a name: " + err.Error())
}

func hexOf(mac [32]byte) string { return hex.EncodeToString(mac[:]) }

func mustKey(text string) reference.Key {
	key, err := reference.ParseKey(text)
	if err != nil {
		panic("a key of ours is well-formed: " + err.Error())
	}
	return key
}
