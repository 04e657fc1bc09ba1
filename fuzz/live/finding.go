package live

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/strictjson"
)

// findingSchema names the format of finding.json.
const findingSchema = "urn:countersign:fuzz-finding:2"

// Finding is a violation, shrunk, with what it takes to reproduce it. It contains
// no secret, and no signature that was ever valid.
type Finding struct {
	Schema      string           `json:"schema"`
	Target      string           `json:"target"` // "inngest-js@4.24.0"
	Class       Class            `json:"class"`
	Level       suite.Level      `json:"level"`
	Requirement string           `json:"requirement"` // with the clause or the ambiguity
	Observed    string           `json:"observed"`    // instead
	Input       Input            `json:"input"`
	AlsoOn      []Base           `json:"alsoOn"` // other bases that show it, too
	AlsoAs      []string         `json:"alsoAs"` // other forms of the same steps that do
	Seed        uint64           `json:"seed"`
	Index       uint64           `json:"index"`
	Neighbour   uint64           `json:"neighbour"`
	Control     RecordedResponse `json:"control"` // to the request without the steps
	Response    RecordedResponse `json:"response"`
	Request     RecordedRequest  `json:"request"`
	// Sequence is what else is sent each time, in this order.
	Sequence []RecordedExchange `json:"sequence,omitempty"`
}

func newFinding(a attempt, v violation, seed uint64, from origin) Finding {
	return Finding{
		Schema: findingSchema, Class: v.class, Level: v.level, Requirement: v.required, Observed: v.observed, Input: a.input, AlsoOn: []Base{}, AlsoAs: []string{},
		Seed: seed, Index: from.index, Neighbour: from.neighbour, Response: recordResponse(a.observed), Request: a.recordRequest(),
		Sequence: a.recordSequence(),
	}
}

func (f Finding) compare(other Finding) int {
	return cmp.Or(cmp.Compare(f.Class, other.Class), cmp.Compare(f.Name(), other.Name()))
}

// Name is the name of the finding's folder: equal findings have equal names.
func (f Finding) Name() string {
	sum := sha256.Sum256(fmt.Append(nil, f.Class, f.Input.forms(), f.Input.Base))
	return strings.ReplaceAll(string(f.Class), " ", "-") + "-" + hex.EncodeToString(sum[:4])
}

// shownAs is the class by which a finding shows: non-determinism shows as one of
// the others.
func (f Finding) shownAs() Class {
	if f.Class != Undetermined {
		return f.Class
	}
	for _, class := range classes {
		if strings.HasPrefix(f.Observed, string(class)) {
			return class
		}
	}
	return f.Class
}

// ErrFinding says that a text is no finding.
var ErrFinding = errors.New("this is no finding")

// ParseFinding reads finding.json strictly. The error is an [ErrFinding].
func ParseFinding(text []byte) (Finding, error) {
	var f Finding
	if err := strictjson.Unmarshal(text, &f); err != nil {
		return Finding{}, fmt.Errorf("%w: %w", ErrFinding, err)
	}
	switch {
	case f.Schema != findingSchema:
		return Finding{}, fmt.Errorf("%w: its schema is %q, not %s", ErrFinding, f.Schema, findingSchema)
	case !slices.Contains(classes, f.Class):
		return Finding{}, fmt.Errorf("%w: there is no class %q", ErrFinding, f.Class)
	}
	if err := f.Input.Check(); err != nil {
		return Finding{}, fmt.Errorf("%w: %w", ErrFinding, err)
	}
	return f, nil
}

// origin is where an input comes from.
type origin struct{ index, neighbour uint64 }
