package rotate

import (
	"bytes"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// An expired call is signed with the right key: where it runs no key leaked, and
// the rotation holds. The case that judges the window is named.
func TestAMissingWindowIsAnotherFinding(t *testing.T) {
	for name, want := range map[string]struct {
		judgedBy string // the case; empty: nothing is found
		where    []int
	}{
		"no-window":               {"receiving.expired", []int{0, 1, 2, 3}},
		"window-of-hours":         {"receiving.expired", []int{0, 1, 2, 3}},
		"fallback-without-window": {"keys.fallback-expired", []int{1}}, // at stage 2 the primary key signs
		"window-of-six-minutes":   {},
		"window-of-half-a-minute": {},
		"future-unbounded":        {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := mutant(t, name)
			r.want(t, page.ExitConforms, anything)
			r.want(t, page.ExitConforms, expired, want.where...)
			found := ""
			for _, f := range r.Findings {
				if _, err := suite.Find(f.Case); err != nil {
					t.Error(err)
				}
				found += f.Case
			}
			if found != want.judgedBy {
				t.Errorf("found %+v, want %q", r.Findings, want.judgedBy)
			}
		})
	}
}

// Forged, expired and refused are counted apart where one endpoint has all these defects.
func TestKindsOfViolationsAreCountedApart(t *testing.T) {
	t.Parallel()
	noWindow, _ := zoo.Find("no-window")
	unsigned, _ := zoo.Find("fallback-unsigned")
	never, _ := zoo.Find("fallback-never-tried")
	r := drillOf(t, embedded(t, func(e *reference.Endpoint) {
		noWindow.Break(e)
		unsigned.Break(e)
		never.Break(e)
	}))
	r.want(t, page.ExitViolates, authentic, 1)
	r.want(t, page.ExitViolates, forged, 1, 2)
	r.want(t, page.ExitViolates, expired, 0, 2, 3) // at stage 1 the key itself is refused
	if got := r.Stages[1].Totals.ForgedAccepted; got != r.Stages[1].Counts[kindUnsigned].Accepted {
		t.Errorf("%d forged requests accepted at stage 1, of which %d are unsigned", got, r.Stages[1].Counts[kindUnsigned].Accepted)
	}
}

// An endpoint that responds to a forged call with success, and runs nothing, did
// not accept it: that is a finding, too.
func TestSuccessWithoutARunIsNoAcceptance(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"success-before-refusal", "answers-200"} {
		r, _ := mutant(t, name)
		r.want(t, page.ExitConforms, anything)
		r.want(t, page.ExitConforms, expired)
		if len(r.Findings) != 1 || r.Findings[0].Case != "receiving.unsigned" {
			t.Errorf("%s: found %+v", name, r.Findings)
		}
	}
}

// Where a wrong MAC is accepted, the age of a signature is not the reason.
func TestExpiryIsNoFindingWhereNothingIsVerified(t *testing.T) {
	t.Parallel()
	r, _ := mutant(t, "refusal-ignored")
	r.want(t, page.ExitViolates, forged, 0, 1, 2, 3)
	r.want(t, page.ExitViolates, expired, 0, 1, 2, 3)
	if len(r.Findings) != 0 {
		t.Errorf("found %+v", r.Findings)
	}
}

// The page shows a finding beside the verdict, and marks no violation.
func TestThePageShowsFindings(t *testing.T) {
	t.Parallel()
	r, _ := mutant(t, "no-window")
	var out bytes.Buffer
	if err := Text(&out, r, page.Style{}); err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(out.String()), " ")
	for _, word := range []string{"HOLDS", "countersign explain receiving.expired", "10 minutes before they were sent ran", "no violation of the rotation"} {
		if !strings.Contains(words, word) {
			t.Errorf("%q is not shown:\n%s", word, out.String())
		}
	}
	if n := strings.Count(out.String(), "!"); n != 1 { // the legend's
		t.Errorf("%d violations are marked:\n%s", n-1, out.String())
	}
}
