package live

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/strictjson"
)

// Promote makes a candidate of a finding. Its request is made anew, in the scene
// of the published vectors: with their keys, at their time.
func Promote(f Finding) Candidate {
	c := Candidate{Schema: candidateSchema, head: head{Flags: []string{}}}
	c.From = candidateFrom{f.Name(), f.shownAs(), f.Level, f.Observed, f.Input}
	c.addVectors()
	c.Case.When, _ = c.From.when()
	c.Case.Then, _ = c.From.then()
	return c
}

// addVectors makes the vectors from the input.
func (c *Candidate) addVectors() {
	made := vectorsOf(c.From)
	c.Vector, c.ControlVector, c.NoVector = made.vector, made.control, made.reason
	c.Control, c.Differs = made.controlID, made.differs
}

// ErrCandidate says that a text is no candidate.
var ErrCandidate = errors.New("this is no candidate")

// ParseCandidate reads candidate.json strictly. The error is an [ErrCandidate].
func ParseCandidate(text []byte) (Candidate, error) {
	var c Candidate
	if err := strictjson.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("%w: %w", ErrCandidate, err)
	}
	if c.Schema != candidateSchema {
		return c, fmt.Errorf("%w: its schema is %q, not %s", ErrCandidate, c.Schema, candidateSchema)
	}
	if err := c.From.Input.Check(); err != nil {
		return c, fmt.Errorf("%w: %w", ErrCandidate, err)
	}
	return c, nil
}

// The forms of what a human fills in.
var (
	idForm       = regexp.MustCompile(`^[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)
	flagForm     = regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`)
	sentenceForm = regexp.MustCompile(`^\S+( \S+){2,}[^.\s]$`)
	risks        = []suite.Risk{suite.Forgery, suite.Replay, suite.Disclosure, suite.Lockout, suite.Availability, suite.Interoperability}
)

// Problems says what is missing or wrong, a line each; none where the candidate
// is complete.
func (c Candidate) Problems() (lines []string) {
	check := func(ok bool, format string, args ...any) {
		if !ok {
			lines = append(lines, fmt.Sprintf(format, args...))
		}
	}
	check(idForm.MatchString(c.ID), "id: a family and a name in lower case, with dashes, like receiving.expired")
	_, err := suite.Find(c.ID)
	check(err != nil, "id: the catalogue already has a case %s", c.ID)
	_, err = suite.ParseCitation(c.Clause)
	check(err == nil, "clause: the clause that requires it, like SPEC 4.1.3(4): %v", err)
	check(c.Level == string(suite.Must) || c.Level == string(suite.Should), "level: MUST or SHOULD; a MAY is reported and never scored, so it is no finding")
	check(slices.Contains(risks, suite.Risk(c.Risk)), "risk: what a violation leads to: %s", joined(risks))
	_, known := suite.FindAmbiguity(c.Ambiguity)
	check(c.Ambiguity == "" || known, "ambiguity: there is no %s", c.Ambiguity)
	check(sentenceForm.MatchString(c.Comment), "comment: what is required, as a sentence without a full stop")
	sameTitle := func(other suite.Case) bool { return other.Title == c.Comment }
	check(!slices.ContainsFunc(suite.Catalogue(), sameTitle), "comment: the catalogue already has this sentence")
	check(suite.Sources[c.Case.Source] != "", "case.source: the sentence of the source that requires it, like KEYS 3")
	return append(append(lines, c.Case.problems()...), c.vectorProblems()...)
}

// vectorProblems: what was computed must not be changed by hand, and a vector has
// a flag.
func (c Candidate) vectorProblems() (lines []string) {
	fresh := c
	fresh.addVectors()
	if fresh.ControlVector != nil {
		fresh.Control = c.Control // is for a human to name
		if c.Control != c.ID+".twin" {
			lines = append(lines, "control: the candidate's own id followed by .twin, as `go generate ./vectors` names it")
		}
	}
	if !reflect.DeepEqual(c, fresh) {
		lines = append(lines, "vector: it is not what the input gives; promote the finding again")
	}
	flagged := len(c.Flags) > 0 && !slices.ContainsFunc(c.Flags, func(flag string) bool { return !flagForm.MatchString(flag) })
	if c.Vector != nil && !flagged {
		lines = append(lines, "flags: at least one, from the head of verify.json, like Future")
	}
	return lines
}
