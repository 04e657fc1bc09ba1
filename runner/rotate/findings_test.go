package rotate

import (
	"bytes"
	"net/http"
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

// Forged, expired and refused are told apart where one endpoint does all of it.
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

// What answers a forged call with success, and runs nothing, did not accept it.
func TestSuccessWithoutARunIsNoAcceptance(t *testing.T) {
	t.Parallel()
	r := drillOf(t, embedded(t, func(e *reference.Endpoint) {
		refuse := e.Refuse
		e.Refuse = func(c *reference.Context, why error) reference.Response {
			response := refuse(c, why)
			response.Status = http.StatusOK
			return response
		}
	}))
	r.want(t, page.ExitConforms, anything)
	r.want(t, page.ExitConforms, expired)
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
