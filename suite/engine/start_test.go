package engine_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// unstartable is a lab whose target does not start in some set-ups.
type unstartable struct {
	inprocess.Memory
	fails  func(suite.Setup) bool
	starts atomic.Int32
}

func (l *unstartable) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	l.starts.Add(1)
	if l.fails(s) {
		return nil, &engine.StartError{Reason: "it exited with status 1", Exited: true, Output: "no such module"}
	}
	return l.Memory.Start(ctx, s)
}

// A target that cannot start is reported once, not by every case.
func TestATargetThatDoesNotStartEndsTheRun(t *testing.T) {
	smoke := slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool { return c.Tier != suite.Smoke })
	for name, cases := range map[string][]suite.Case{"smoke": smoke, "all": suite.Catalogue()} {
		lab := &unstartable{Memory: labOf(""), fails: func(suite.Setup) bool { return true }}
		_, err := engine.Judge(t.Context(), lab, cases, engine.Options{Jobs: 2, Seed: 1})
		var notStarted *engine.StartError
		if !errors.As(err, &notStarted) || notStarted.Output != "no such module" {
			t.Errorf("%s: got %v; want a StartError", name, err)
		}
		if starts := lab.starts.Load(); starts > 4 {
			t.Errorf("%s: it was started %d times", name, starts)
		}
	}
}

// In another set-up it is a verdict of the cases of that set-up.
func TestATargetThatDoesNotStartInOneSetup(t *testing.T) {
	longtest.Skip(t)
	lab := &unstartable{Memory: labOf(""), fails: func(s suite.Setup) bool { return s.Mode != suite.Cloud }}
	judged, err := engine.Judge(t.Context(), lab, suite.Catalogue(), engine.Options{Jobs: 2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range judged.Results {
		if fails := lab.fails(r.Case.Given); fails != (r.Verdict == engine.Error) {
			t.Errorf("%s in %s: %s", r.Case.ID, r.Case.Given, r.Verdict)
		}
	}
}
