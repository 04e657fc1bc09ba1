package live

import (
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

// needsCapture reports whether the input uses a signed response of the target.
func (in Input) needsCapture() bool {
	captures := func(steps []Step) bool {
		return slices.ContainsFunc(steps, func(s Step) bool { return s.Op == "transplant" && strings.Contains(s.Form, "response") })
	}
	return captures(in.Steps) || slices.ContainsFunc(in.Before, func(e Earlier) bool { return captures(e.Steps) })
}

// Earlier is a request that is sent before the one of an input.
type Earlier struct {
	Base  Base   `json:"base"`
	Steps []Step `json:"steps"`
	Times int    `json:"times,omitempty"` // 0 is once
}
