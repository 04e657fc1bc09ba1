package live

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Check says what is wrong with an exchange that was read from a file.
func (e Exchange) Check() error {
	if _, known := stimuli[e.Kind]; !known {
		return fmt.Errorf("there is no kind of request %q", e.Kind)
	}
	for _, s := range e.Steps {
		op, known := operators[s.Op]
		if !known || !slices.Contains(op.forms, s.Form) {
			return fmt.Errorf("there is no step %q with the form %q", s.Op, s.Form)
		}
		if op.size == nil && s.N != 0 {
			return fmt.Errorf("the step %q takes no number", s.Op)
		}
		if s.N < -maxN || s.N > maxN {
			return fmt.Errorf("the step %q takes no number like %d", s.Op, s.N)
		}
	}
	return nil
}

// maxN bounds what a file may ask for: five centuries in seconds.
const maxN = 500 * yearS

// Kinds are all kinds that a lab's target answers, by what it claims.
func Kinds(lab engine.Lab, s suite.Setup) []Kind {
	var kinds []Kind
	for _, k := range []Kind{Call, RichCall, Probe, Introspect, Sync, InBandSync, Fetched, Stepping, Sending} {
		c := suite.Case{Given: s, When: stimuli[k], Needs: needs[k]}
		if lab.Lacks(c) == "" && !((k == Call || k == RichCall) && lab.Visibility() != suite.Full) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

var needs = map[Kind][]suite.Capability{
	Probe: {suite.TrustProbe}, InBandSync: {suite.InBand}, Stepping: {suite.Checkpoint}, Sending: {suite.Events},
}

// String tells the exchange in a line.
func (e Exchange) String() string {
	words := []string{}
	for _, s := range e.Steps {
		words = append(words, s.String())
	}
	text := string(e.Kind)
	if e.Rotating {
		text += " to a target with a fallback key"
	}
	if len(words) == 0 {
		return text + ", as it should be"
	}
	return text + ": " + strings.Join(words, " + ")
}

// String tells the step.
func (s Step) String() string {
	text := s.Op
	if s.Form != "" {
		text += " " + s.Form
	}
	if operators[s.Op].size != nil {
		text += fmt.Sprintf(" (%s)", amount(s))
	}
	if s.Signed {
		text += ", signed"
	}
	return text
}

func keysOf[V any](forms map[string]V) []string { return slices.Sorted(maps.Keys(forms)) }
