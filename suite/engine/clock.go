package engine

import (
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// Clock is what is known of an endpoint's clock.
type Clock struct {
	// Offset is by how much it is ahead of the clock that stimuli are signed by; it
	// is added to the time of each, so that cases are judged in the target's time.
	Offset time.Duration `json:"offset"`
	Source string        `json:"source,omitempty"` // how it is known; empty where it is not
	// TooFar says that the clock is so far off that valid requests are refused.
	TooFar string `json:"tooFar,omitempty"`
}

// String is an offset in words; it is empty where there is none.
func (c Clock) String() string {
	switch {
	case c.TooFar != "":
		return c.TooFar
	case c.Offset > 0:
		return fmt.Sprintf("the target's clock is %s ahead, by %s; cases are judged in its time", c.Offset, c.Source)
	case c.Offset < 0:
		return fmt.Sprintf("the target's clock is %s behind, by %s; cases are judged in its time", -c.Offset, c.Source)
	}
	return ""
}

const (
	// mostOffset is the largest difference between two clocks that is allowed for.
	mostOffset = 4*time.Minute + clockError
	// clockError is how exactly a clock is known from whole seconds.
	clockError = 2 * time.Second

	bySignature = "the signatures of its responses"
	byDate      = "the Date of its responses"
	byWindow    = "the signatures that it accepts"
)

// clockReport is what responses said about a clock, as differences from ours.
type clockReport struct {
	date, signature       time.Duration
	hasDate, hasSignature bool
}

func near(a, b time.Duration) bool { return (a - b).Abs() <= clockError }

// isUsualSkew: targets accept what is this far ahead.
func isUsualSkew(skew time.Duration) bool {
	for _, usual := range []time.Duration{0, 30 * time.Second, reference.MaxSkew, reference.MaxAge} {
		if near(skew, usual) {
			return true
		}
	}
	return false
}
