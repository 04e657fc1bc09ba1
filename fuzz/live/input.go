package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// Input is a request that can be made again at any time and with any keys: a
// valid one, and the steps by which it deviates. What the target is sent besides, as
// far as it matters, is its state.
type Input struct {
	Base     Base   `json:"base"`
	Rotating bool   `json:"rotating,omitempty"` // the target has a fallback key, too
	Steps    []Step `json:"steps"`

	Cold   bool          `json:"cold,omitempty"`   // the target was just started, and received no valid request yet
	Before []Earlier     `json:"before,omitempty"` // sent to it right before, one after the other
	Beside suite.Company `json:"beside,omitempty"` // how valid calls are in flight at the same time
}

// Step is one mutation operator with its parameters. Equal steps do equal things.
type Step struct {
	Op   string `json:"op"`
	Form string `json:"form,omitempty"` // which of the operator's forms
	N    int64  `json:"n,omitempty"`    // seconds, a position or a size, depending on the operator
	// Signed: the sender has the key and signs what the step made. Otherwise the
	// signature stays what it was before the step.
	Signed bool `json:"signed,omitempty"`
	// Carried are deviations of the dictionary that Form names, as they are written in
	// Go, a line each.
	Carried string `json:"carried,omitempty"`
}

// control is the same input without its steps and its state.
func (in Input) control() Input { return Input{Base: in.Base, Rotating: in.Rotating} }

// setup is the set-up of the target that the input is sent to.
func (in Input) setup() suite.Setup {
	if in.Rotating {
		return suite.Setup{Fallback: suite.Present}
	}
	return suite.Setup{}
}

// draft applies the steps of the input to its base.
func (in Input) draft(s scene) *draft {
	s.rotating = in.Rotating
	d := newDraft(in.Base, s, in.deviations()...)
	for _, step := range in.Steps {
		operators[step.Op].apply(d, step)
	}
	return d
}

// build makes the request. Equal inputs in equal scenes give equal requests.
func (in Input) build(s scene) request { return in.draft(s).finish() }

// needsCapture reports whether the input uses a signed response of the target.
func (in Input) needsCapture() bool {
	captures := func(steps []Step) bool {
		return slices.ContainsFunc(steps, func(s Step) bool { return s.Op == "transplant" && strings.Contains(s.Form, "response") })
	}
	return captures(in.Steps) || slices.ContainsFunc(in.Before, func(e Earlier) bool { return captures(e.Steps) })
}

// Check says what is wrong with an input that was read from a file.
func (in Input) Check() error {
	if _, known := bases[in.Base]; !known {
		return fmt.Errorf("there is no base request %q", in.Base)
	}
	for _, s := range in.Steps {
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
		if (op.carries == nil) != (s.Carried == "") {
			return fmt.Errorf("the step %q carries %q", s.Op, s.Carried)
		}
		if name, unknown := s.unknownDeviation(); unknown {
			return fmt.Errorf("there is no deviation %s among the %s", name, s.Form)
		}
	}
	return in.checkState()
}

// maxN bounds the numbers of steps in a file: five centuries in seconds.
const maxN = 500 * yearS

// String describes the input in a line.
func (in Input) String() string {
	steps := []string{}
	for _, s := range in.Steps {
		steps = append(steps, s.String())
	}
	text := string(in.Base)
	if in.Rotating {
		text += " to a target with a fallback key"
	}
	switch {
	case len(steps) > 0:
		text += ": " + strings.Join(steps, " + ")
	case !in.inState():
		text += ", unchanged"
	}
	return strings.Join(append([]string{text}, in.describeState()...), "; ")
}

// mostNamed is how many deviations of a step are named.
const mostNamed = 3

// String describes the step.
func (s Step) String() string {
	text := s.Op
	if s.Form != "" {
		text += " " + s.Form
	}
	switch names := s.carried(); {
	case len(names) > mostNamed:
		text += fmt.Sprintf(" (%d at once)", len(names))
	case len(names) > 0:
		text += ": " + strings.Join(names, ", ")
	}
	if operators[s.Op].size != nil {
		text += fmt.Sprintf(" (%s)", amount(s))
	}
	if s.Signed {
		text += ", signed"
	}
	return text
}
