package engine

import (
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// Excuse is one known violation of a target, as a baseline lists it.
type Excuse struct {
	Case   string `json:"-"      yaml:"case"`
	Reason string `json:"reason" yaml:"reason"`
	Link   string `json:"link"   yaml:"link"`
}

// The verdicts that exist only for cases that a baseline excuses.
const (
	Excused    Verdict = "excused"    // a violation that the baseline lists
	Surprising Verdict = "surprising" // the case passes, so the excuse is stale
)

// UnderExcuse returns the verdict of a case that a baseline excuses. An excuse does
// not change the verdict of a case that is not applicable or was not judged.
func (v Verdict) UnderExcuse() Verdict {
	switch v {
	case Fail, Warn:
		return Excused
	case Pass, Observed:
		return Surprising
	}
	return v
}

// CheckExcuses returns an error if an excuse is incomplete, if a case is excused
// twice, or if a core case is excused.
func CheckExcuses(excuses []Excuse) error {
	seen := map[string]bool{}
	for i, e := range excuses {
		switch {
		case e.Case == "" || e.Reason == "" || e.Link == "":
			return fmt.Errorf("entry %d lacks a case, a reason or a link", i+1)
		case slices.Contains(suite.Core, e.Case):
			return fmt.Errorf("%s cannot be excused: a target that fails it accepts forged requests", e.Case)
		case seen[e.Case]:
			return fmt.Errorf("%s is excused twice", e.Case)
		}
		seen[e.Case] = true
	}
	return nil
}
