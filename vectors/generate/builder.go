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

// The scene in which every request is made: its clock, keys and nonce are fixed.
var (
	scene   = suite.VectorScene()
	now     = scene.Now
	keyring = scene.Keys
	nonce   = scene.Nonce
)

// Levels and risks, as in the files.
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

// fileBuilder collects and checks the vectors of one file.
type fileBuilder[V vectors.Kind] struct {
	file vectors.File[V]
	at   map[string]int // vectors by id
	errs []error
}

func newFileBuilder[V vectors.Kind](about string, flags map[string]vectors.Flag) *fileBuilder[V] {
	var kind V
	return &fileBuilder[V]{
		file: vectors.File[V]{Schema: "../schema.json", Name: kind.FileName(), About: about, Flags: flags},
		at:   map[string]int{},
	}
}

// add adds a vector.
func (l *fileBuilder[V]) add(v V) {
	id := v.About().ID
	if _, duplicate := l.at[id]; duplicate {
		l.fail("duplicate id %s", id)
	}
	l.at[id] = len(l.file.Vectors)
	l.file.Vectors = append(l.file.Vectors, v)
}

func (l *fileBuilder[V]) fail(format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("%s: "+format, append([]any{l.file.Name}, args...)...))
}

// done checks the file as a whole and encodes it.
func (l *fileBuilder[V]) done() (output, error) {
	used := map[string]bool{}
	for _, v := range l.file.Vectors {
		about := v.About()
		for _, flag := range about.Flags {
			used[flag] = true
			if _, known := l.file.Flags[flag]; !known {
				l.fail("%s has the flag %s, which has no description", about.ID, flag)
			}
		}
		if _, found := l.at[about.Control]; about.Control != "" && !found {
			l.fail("%s has an unknown control, %s", about.ID, about.Control)
		}
		if about.Control == "" && v.Outcome() == vectors.Refuse {
			l.fail("%s is a negative without a control", about.ID)
		}
		if len(about.Flags) == 0 {
			l.fail("%s has no flag", about.ID)
		}
	}
	for flag := range l.file.Flags {
		if !used[flag] {
			l.fail("no vector has the flag %s", flag)
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
	return output{l.file.Name, l.file.About, l.file.Count, text.Bytes()}, errors.Join(l.errs...)
}

// about returns the common fields of a vector.
func about(id, section string, item int, level, risk, comment string, flags ...string) vectors.Common {
	clause := suite.Citation{Section: section, Item: item}
	if clause.Text() == "" {
		panic(id + " cites an unknown clause: " + clause.String())
	}
	return vectors.Common{ID: id, Clause: clause.String(), Level: level, Risk: risk, Comment: comment, Flags: flags}
}

// ambiguous adds the ambiguity that a vector depends on.
func ambiguous(id string, c vectors.Common) vectors.Common {
	if _, known := suite.FindAmbiguity(id); !known {
		panic(c.ID + " depends on an unknown ambiguity: " + id)
	}
	c.Ambiguity = id
	return c
}

// sentBy adds who can send a negative.
func sentBy(attacker suite.Attacker, c vectors.Common) vectors.Common {
	c.By = string(attacker)
	return c
}

// withControl adds the control of a negative, and the inputs in which the two differ.
func withControl(c vectors.Common, control string, differs ...string) vectors.Common {
	c.Control, c.Differs = control, differs
	return c
}

// scored returns the expected result and, where that is unspecified, the
// reference's.
func scored(c vectors.Common, result string) (expected, reference string) {
	if c.Level == may {
		return vectors.Unspecified, result
	}
	return result, ""
}

// reasonOf returns the name of the reason for a refusal.
func reasonOf(err error) string {
	var broken *reference.HeaderError
	for _, r := range []struct {
		is   error
		name string
	}{
		{reference.ErrUnsigned, "unsigned"}, {reference.ErrNoKey, "no-key"}, {reference.ErrMalformedKey, "malformed"},
		{reference.ErrExpired, "expired"}, {reference.ErrFuture, "future"}, {reference.ErrMismatch, "mismatch"},
	} {
		if errors.Is(err, r.is) {
			return r.name
		}
	}
	if errors.As(err, &broken) {
		return "header"
	}
	panic("unnamed reason for a refusal: " + err.Error())
}

func hexOf(mac [32]byte) string { return hex.EncodeToString(mac[:]) }

func mustKey(text string) reference.Key {
	key, err := reference.ParseKey(text)
	if err != nil {
		panic("the keys in the tables are well-formed: " + err.Error())
	}
	return key
}
