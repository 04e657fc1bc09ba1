package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// CandidateSchema names the format of candidate.json.
const CandidateSchema = "urn:countersign:candidate:2"

// Candidate is a finding on its way into the catalogue and the vectors. What
// only a human can say is left empty. Where it has a vector, the members of
// Common and Vector are those of verify.json.
type Candidate struct {
	Schema string `json:"schema"`
	Common
	*Vector
	// TwinVector is the vector that Control names, where verify.json has none.
	TwinVector *Vector       `json:"twinVector,omitempty"`
	NoVector   string        `json:"noVector,omitempty"` // why there is no vector
	Case       CandidateCase `json:"case"`
	From       CandidateFrom `json:"from"`
}

// Common is the head of a case and of a vector.
type Common struct {
	ID        string   `json:"id"`     // words, dotted, permanent: "receiving.expired"
	Clause    string   `json:"clause"` // "SPEC 4.1.3(4)"
	Level     string   `json:"level"`  // MUST or SHOULD
	Risk      string   `json:"risk"`
	Ambiguity string   `json:"ambiguity,omitempty"` // the ambiguity that it touches: "R5"
	Comment   string   `json:"comment"`             // what is owed, as a sentence
	Flags     []string `json:"flags"`               // of the vector, from the head of verify.json
	// Control is the id of a valid vector that differs only in what Differs names.
	Control string   `json:"control,omitempty"`
	Differs []string `json:"differs,omitempty"`
}

// CandidateCase is the rest of the case, as Go.
type CandidateCase struct {
	Seed string `json:"seed"` // "KEYS 3"
	When string `json:"when"` // "Call{Age: -306 * time.Second}"
	Then string `json:"then"` // "refused()"
}

// CandidateFrom is where a candidate comes from.
type CandidateFrom struct {
	Finding  string      `json:"finding"` // the name of its folder
	Class    Class       `json:"class"`
	Level    suite.Level `json:"level"` // as it was found; the candidate's is a human's to say
	What     string      `json:"what"`
	Exchange Exchange    `json:"exchange"`
}

// Promote makes a candidate of a finding. Its request is made anew, in the world
// of the published vectors: with their keys, at their time.
func Promote(f Finding) Candidate {
	c := Candidate{Schema: CandidateSchema, Common: Common{Flags: []string{}}}
	c.From = CandidateFrom{f.Name(), f.shownAs(), f.Level, f.What, f.Exchange}
	c.make()
	c.Case.When, _ = c.From.when()
	c.Case.Then, _ = c.From.then()
	return c
}

// make makes the vectors.
func (c *Candidate) make() {
	made := vectorOf(c.From)
	c.Vector, c.TwinVector, c.NoVector = made.vector, made.twin, made.lacking
	c.Control, c.Differs = made.twinID, made.differs
}

// ErrCandidate says that a text is no candidate.
var ErrCandidate = errors.New("this is no candidate")

// ParseCandidate reads candidate.json strictly. The error is an [ErrCandidate].
func ParseCandidate(text []byte) (Candidate, error) {
	var c Candidate
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, fmt.Errorf("%w: %w", ErrCandidate, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) || c.Schema != CandidateSchema {
		return c, fmt.Errorf("%w: its schema is %q, not %s, or something stands behind it", ErrCandidate, c.Schema, CandidateSchema)
	}
	if err := c.From.Exchange.Check(); err != nil {
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

// Lacks says what is missing or wrong, a line each; none where the candidate is
// complete.
func (c Candidate) Lacks() (lines []string) {
	check := func(ok bool, format string, args ...any) {
		if !ok {
			lines = append(lines, fmt.Sprintf(format, args...))
		}
	}
	check(idForm.MatchString(c.ID), "id: a family and a name in lower case, with dashes, like receiving.expired")
	_, err := suite.Find(c.ID)
	check(err != nil, "id: the catalogue has a case %s", c.ID)
	_, err = suite.ParseCitation(c.Clause)
	check(err == nil, "clause: where it is asked for, like SPEC 4.1.3(4): %v", err)
	check(c.Level == string(suite.Must) || c.Level == string(suite.Should), "level: MUST or SHOULD; what a MAY says is reported and never scored, so it is no finding")
	check(slices.Contains(risks, suite.Risk(c.Risk)), "risk: what a violation leads to: %s", joined(risks))
	_, known := suite.FindAmbiguity(c.Ambiguity)
	check(c.Ambiguity == "" || known, "ambiguity: unknown: %s", c.Ambiguity)
	check(sentenceForm.MatchString(c.Comment), "comment: what is owed, as a sentence without a full stop")
	sameTitle := func(other suite.Case) bool { return other.Title == c.Comment }
	check(!slices.ContainsFunc(suite.Catalogue(), sameTitle), "comment: the catalogue has this sentence")
	check(suite.Sources[c.Case.Seed] != "", "case.seed: the sentence of the seed that it carries, like KEYS 3")
	return append(append(lines, c.Case.lacks()...), c.lacksOfVector()...)
}

func joined(risks []suite.Risk) string {
	var words []string
	for _, r := range risks {
		words = append(words, string(r))
	}
	return strings.Join(words, ", ")
}

// lacksOfVector: what was worked out must not be changed by hand, and a vector
// has a flag.
func (c Candidate) lacksOfVector() (lines []string) {
	fresh := c
	fresh.make()
	if fresh.TwinVector != nil {
		fresh.Control = c.Control // is a human's to name
		if c.Control != c.ID+".twin" {
			lines = append(lines, "twin: the candidate's own id with .twin behind it, as `go generate ./vectors` names it")
		}
	}
	if !reflect.DeepEqual(c, fresh) {
		lines = append(lines, "vector: it is not what the exchange gives; promote the finding again")
	}
	flagged := len(c.Flags) > 0 && !slices.ContainsFunc(c.Flags, func(flag string) bool { return !flagForm.MatchString(flag) })
	if c.Vector != nil && !flagged {
		lines = append(lines, "flags: one at least, from the head of verify.json, like Future")
	}
	return lines
}
