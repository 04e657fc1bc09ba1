package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// foreign returns why a response of the case is not the target's, or "".
func (t *record) foreign() string {
	for _, step := range t.steps() {
		if step.Exchange.Foreign != "" {
			return step.Exchange.Foreign
		}
	}
	return ""
}

// unobserved reports whether a request had neither a response nor an effect, for a
// reason that need not be the target's.
func (t *record) unobserved() bool {
	x := t.main
	lost := x.TimedOut || errors.Is(x.failure, ErrClosed) || errors.Is(x.failure, ErrUnreachable)
	return lost && !x.Closed && x.Died == "" && !x.hasEffect() && len(x.APIRequests) == 0
}

// stopsServing returns how a valid call right after the request was not served in
// time, although one before it was; or "".
func (t *record) stopsServing() string {
	switch {
	case !t.c.Then.Serving || t.before == nil || t.after == nil || !t.before.Accepted():
		return ""
	case !t.after.Accepted():
		return "a valid call right after it was not served: " + t.after.Summary()
	case t.after.Took > limits.ServedAfter:
		return fmt.Sprintf("a valid call right after it was served only after %s", t.after.Took.Round(time.Millisecond))
	}
	return ""
}

// slow reports that a response took too long to judge a time limit. That does not
// matter for a leak, or if an expired request had an effect: it only got older.
func (t *record) slow() string {
	age := t.c.When.Fields().Age
	if age == 0 || t.main.Took <= suite.Guard-time.Second || len(t.main.Leaked()) > 0 && t.c.Then.Negative || age > 0 && t.harmful() {
		return ""
	}
	return fmt.Sprintf("the response took %s, too long to judge a time limit by", t.main.Took.Round(time.Millisecond))
}

// cut says why not everything was looked at that the verdict depends on. That does not
// matter for what shows a violation already.
func (t *record) cut() string {
	if t.proven() && !t.c.Then.Holds(t.main.Observation) {
		return ""
	}
	for _, x := range []*Exchange{t.main, t.asCall, t.sameShape} {
		if x != nil && x.Cut != "" {
			return x.Cut
		}
	}
	return ""
}

// controlFailed returns how a control failed, or "" if none did.
func (t *record) controlFailed() string {
	if !t.c.Then.Negative {
		return ""
	}
	if !t.c.AcceptsValid() {
		return t.controlSetupFailed()
	}
	for _, control := range t.controls() {
		if control == nil || !control.Accepted() {
			return "control failed: the unmodified request was not accepted: " + summaryOf(control)
		}
	}
	return ""
}

// controls are the controls that could be sent: there is none after a request that
// ended the target.
func (t *record) controls() []*Exchange {
	switch {
	case t.c.State.Cold:
		return []*Exchange{t.after}
	case t.main.Died != "":
		return []*Exchange{t.before}
	}
	return []*Exchange{t.before, t.after}
}

func (t *record) controlSetupFailed() string {
	if t.controlSetup == nil || !t.controlSetup.Accepted() {
		return "control failed: the same request to a set-up with a valid key was not accepted: " + summaryOf(t.controlSetup)
	}
	for _, control := range t.controls() {
		if control == nil || control.NoResponse != "" && !control.Closed {
			return "control failed: the process did not respond: " + summaryOf(control)
		}
	}
	return ""
}
