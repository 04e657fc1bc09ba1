package engine

import (
	"fmt"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Excuse is one known deviation of a target, as a baseline lists it.
type Excuse struct {
	Case    string  `json:"-"                 yaml:"case"`
	Reason  string  `json:"reason"            yaml:"reason"`
	Link    string  `json:"link"              yaml:"link"`
	Expires string  `json:"expires,omitempty" yaml:"expires,omitempty"` // the last day on which it excuses anything, as 2026-12-31; empty: it does not expire
	Excuses Verdict `json:"excuses,omitempty" yaml:"excuses,omitempty"` // empty: a violation; or [Inconclusive], as behind a proxy that responds itself
}

// The verdicts that exist only for cases that a baseline excuses.
const (
	Excused    Verdict = "excused"    // a deviation that the baseline lists
	Surprising Verdict = "surprising" // the case passes, so the excuse is stale
)

// Apply returns the verdict of a case that is excused. An excuse of a violation does
// not change the verdict of a case that is not applicable or was not judged. One of
// an inconclusive case changes no other verdict: what is inconclusive at times may
// pass at others.
func (e Excuse) Apply(v Verdict) Verdict {
	switch {
	case e.Excuses == Inconclusive && v == Inconclusive:
		return Excused
	case e.Excuses == Inconclusive:
		return v
	case v == Fail || v == Warn:
		return Excused
	case v == Pass || v == Observed:
		return Surprising
	}
	return v
}

const expiryForm = "2006-01-02"

// Expired reports whether the excuse excuses nothing any more at a time.
func (e Excuse) Expired(at time.Time) bool {
	last, err := time.Parse(expiryForm, e.Expires)
	return e.Expires != "" && err == nil && !at.Before(last.AddDate(0, 0, 1))
}

// CheckExcuses returns an error if an excuse is incomplete or ill-formed, if a case is
// excused twice, or if a core case is excused.
func CheckExcuses(excuses []Excuse) error {
	seen := map[string]bool{}
	for i, e := range excuses {
		switch _, err := time.Parse(expiryForm, e.Expires); {
		case e.Case == "" || e.Reason == "" || e.Link == "":
			return fmt.Errorf("entry %d lacks a case, a reason or a link", i+1)
		case e.Expires != "" && err != nil:
			return fmt.Errorf("%s expires on %q, which is no day like 2026-12-31", e.Case, e.Expires)
		case e.Excuses != "" && e.Excuses != Inconclusive:
			return fmt.Errorf("%s excuses %q; an entry excuses a violation, or says `excuses: inconclusive`", e.Case, e.Excuses)
		case slices.Contains(suite.Core, e.Case):
			return fmt.Errorf("%s cannot be excused: a target that fails it accepts forged requests", e.Case)
		case seen[e.Case]:
			return fmt.Errorf("%s is excused twice", e.Case)
		}
		seen[e.Case] = true
	}
	return nil
}
