package live

import (
	"fmt"
	"slices"
	"strings"
)

// draft applies the steps of the input to its base.
func (in Input) draft(s scene) *draft {
	d := newDraft(in.Base, s, in.deviations()...)
	for _, step := range in.Steps {
		operators[step.Op].apply(d, step)
	}
	return d
}

// build makes the request. Equal inputs in equal scenes give equal requests.
func (in Input) build(s scene) request { return in.draft(s).finish() }

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
		if op.carries != nil && s.Carried == "" {
			return fmt.Errorf("the step %q carries nothing", s.Op)
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
