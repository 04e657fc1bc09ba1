package fuzz

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// CandidateSchema names the format of candidate.json.
const CandidateSchema = "urn:countersign:candidate:1"

// Candidate is a finding on its way into the vectors and the catalogue. What
// only a human can say is left empty.
type Candidate struct {
	Schema  string   `json:"schema"`
	ID      string   `json:"id"`     // words, dotted, permanent
	Clause  string   `json:"clause"` // "SPEC 4.1.3(4)"
	Level   string   `json:"level"`  // MUST, SHOULD, MAY
	Risk    string   `json:"risk"`
	Comment string   `json:"comment"` // what is owed, as a sentence
	Result  string   `json:"result"`  // accept or refuse
	Flags   []string `json:"flags"`
	Finding string   `json:"finding"` // the name of the finding's folder
	From    Exchange `json:"from"`
	Request Message  `json:"request"`
}

// Promote makes a candidate of a finding.
func Promote(f Finding) Candidate {
	c := Candidate{Schema: CandidateSchema, Finding: f.Name(), From: f.Exchange, Request: f.Request, Flags: []string{}, Result: "refuse"}
	if f.Class == FalseRefuse {
		c.Result = "accept"
	}
	return c
}

// ErrCandidate says that a text is no candidate.
var ErrCandidate = errors.New("this is no candidate")

// LintCandidate says what a candidate lacks, a line each; none where it is
// complete.
func LintCandidate(text []byte) (lacks []string, err error) {
	var c Candidate
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCandidate, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) || c.Schema != CandidateSchema {
		return nil, fmt.Errorf("%w: its schema is %q, not %s, or something stands behind it", ErrCandidate, c.Schema, CandidateSchema)
	}
	check := func(ok bool, line string) {
		if !ok {
			lacks = append(lacks, line)
		}
	}
	check(strings.Contains(c.ID, "."), "id: words, dotted, like receiving.expired")
	check(strings.HasPrefix(c.Clause, "SPEC ") || strings.HasPrefix(c.Clause, "KEYS "), "clause: where it is asked for, like SPEC 4.1.3(4)")
	check(among(c.Level, "MUST", "SHOULD", "MAY"), "level: MUST, SHOULD or MAY")
	check(among(c.Risk, "forgery", "replay", "disclosure", "lockout", "availability", "interoperability"), "risk: what a violation leads to")
	check(strings.Contains(c.Comment, " "), "comment: what is owed, as a sentence")
	check(among(c.Result, "accept", "refuse", "unspecified"), "result: accept, refuse or unspecified")
	return lacks, nil
}

func among(word string, words ...string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

// Literal is the case that the candidate would be, as Go.
func (c Candidate) Literal() []byte {
	var b bytes.Buffer
	b.WriteString("// From " + c.Finding + ": " + c.From.String() + "\n{\n")
	fmt.Fprintf(&b, "\tID:     %q,\n\tClause: cite(\"\", 0), Seed: \"\",\n\tLevel:  \"\", // Must, Should, May\n\tRisk:   \"\",\n\tTitle:  \"\",\n", c.ID)
	if c.From.Rotating {
		b.WriteString("\tGiven:  Setup{Fallback: Present},\n")
	}
	fields, rest := c.From.fields()
	fmt.Fprintf(&b, "\tWhen:   %s{%s},", stimulusNames[c.From.Kind], strings.Join(fields, ", "))
	if len(rest) > 0 {
		b.WriteString(" // and what has no field yet: " + strings.Join(rest, "; "))
	}
	fmt.Fprintf(&b, "\n\tThen:   %s,\n},\n", map[string]string{"accept": "accepted()", "refuse": "refused()"}[c.Result])
	return b.Bytes()
}

var stimulusNames = map[Kind]string{
	Call: "Call", RichCall: "Call", Fetched: "Call", Stepping: "Call", Sending: "Call", Probe: "Probe", Introspect: "Introspect", Sync: "Sync", InBandSync: "InBandSync",
}

// fields are the steps that the suite's stimuli have fields for, and the rest.
func (e Exchange) fields() (fields, rest []string) {
	switch e.Kind {
	case RichCall:
		fields = append(fields, "Body: Rich")
	case Fetched:
		fields = append(fields, "UseAPI: true")
	case Stepping:
		fields = append(fields, "Function: stepID", "Checkpoints: true")
	case Sending:
		fields = append(fields, "Function: sendID")
	}
	for _, s := range e.Steps {
		if field := s.field(); field != "" {
			fields = append(fields, field)
		} else {
			rest = append(rest, s.String())
		}
	}
	return fields, rest
}

// field is the step as a field of a stimulus; empty where there is none.
func (s Step) field() string {
	switch s.Op {
	case "time":
		return fmt.Sprintf("Age: %d * time.Second", int64(age(s).Seconds()))
	case "redate":
		return fmt.Sprintf("Redate: %d * time.Second", -int64(age(s).Seconds()))
	}
	return map[string]string{
		"header/absent": "Unsigned: true", "key/stranger": "Key: Stranger", "key/fallback": "Key: Fallback", "key/empty": "Key: EmptyKey",
		"hash/sha1": "Hash: SHA1", "hash/sha512": "Hash: SHA512", "hash/plain": "Hash: Plain", "over/nothing": "Over: NoMessage", "over/first half": "Over: FirstHalf",
		"over/no time": "Over: BodyOnly", "over/time first": "Over: TimeFirst", "framing/chunked": "Chunked: true", "key/decoded": "Over: DecodedAsKey", "key/prefix kept": "Over: WholeKeyText",
		"tamper/pad": "Tamper: InMiddle", "tamper/attempt": "Tamper: AtStart", "tamper/version": "Tamper: AtEnd",
		"t/text behind": `Header: "t={t}abc&s={s}"`, "t/fraction": `Header: "t={t}.5&s={s}"`, "t/exponent": `Header: "t={t}e1&s={s}"`, "t/NaN": `Header: "t=NaN&s={s}"`,
	}[s.Op+"/"+s.Form]
}
