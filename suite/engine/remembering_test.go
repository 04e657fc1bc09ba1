package engine_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// An SDK may remember that its primary key was rejected, and send later requests
// with the fallback key at once.
func TestRefusalsMayBeRemembered(t *testing.T) {
	longtest.Skip(t)
	remembering := broken(func(e *reference.Endpoint) {
		refused := false
		e.Client = func(c *reference.Context) *reference.Client {
			client := reference.ClientOf(c)
			client.Attempts = func(keys reference.Keys) []reference.Key {
				if refused && !keys.Fallback.IsZero() {
					return []reference.Key{keys.Fallback}
				}
				return reference.AttemptKeys(keys)
			}
			client.Refuses = func(status int) bool {
				refused = refused || reference.RefusesKey(status)
				return reference.RefusesKey(status)
			}
			return client
		}
	})
	for _, r := range judgedIn(t, remembering) {
		if r.Verdict != engine.Pass && r.Verdict != engine.Observed {
			t.Errorf("%s is %s: %s", r.Case.ID, r.Verdict, r.Observed)
		}
	}
}

// A case that was judged twice says so: at first its control was not accepted.
func TestSecondJudgementsAreReported(t *testing.T) {
	calls := 0
	flaky := broken(func(e *reference.Endpoint) {
		run := e.Run
		e.Run = func(c *reference.Context) reference.Response {
			if calls++; calls == 2 { // the first measures the clock
				return reference.Refuse(c, reference.ErrMismatch)
			}
			return run(c)
		}
	})
	if r := judgedCase(t, flaky, "receiving.unsigned"); r.Verdict != engine.Pass || !strings.Contains(r.Note, "judged twice") {
		t.Errorf("%s: %q", r.Verdict, r.Note)
	}
}

// A failure that does not occur in the second run is inconclusive.
func TestATransientFailureIsInconclusive(t *testing.T) {
	for name, test := range map[string]struct {
		failures int
		want     engine.Verdict
	}{
		"once": {1, engine.Inconclusive}, "each time": {2, engine.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			lab := broken(func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					if calls++; calls > 1 && calls <= 1+test.failures { // the first measures the clock
						return reference.Refuse(c, reference.ErrMismatch)
					}
					return run(c)
				}
			})
			r := judgedCase(t, lab, "receiving.signed")
			if r.Verdict != test.want || (r.Verdict == engine.Inconclusive) != strings.Contains(r.Note, "the verdict was fail at first, and pass") {
				t.Errorf("%s: %q", r.Verdict, r.Note)
			}
		})
	}
}

// A case that waits is run once more before the others have ended. It is judged like
// every other one, and not run a third time.
func TestAWaitingCaseIsRunTwice(t *testing.T) {
	for name, test := range map[string]struct {
		failures, runs int
		want           engine.Verdict
	}{
		"never": {0, 1, engine.Pass}, "once": {1, 2, engine.Inconclusive}, "each time": {3, 2, engine.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			runs := 0
			lab := broken(func(e *reference.Endpoint) {
				rejected, fails := false, false
				e.Client = func(c *reference.Context) *reference.Client {
					client := reference.ClientOf(c)
					client.Refuses = func(status int) bool {
						if reference.RefusesKey(status) && !rejected {
							rejected, fails, runs = true, runs < test.failures, runs+1
						}
						return reference.RefusesKey(status) && !fails
					}
					return client
				}
			})
			early := 0 // runs before all cases were run for the first time
			if r := judgedMeanwhile(t, lab, "connect.fallback", func(engine.Judgement) { early = runs }); early != test.runs || r.Verdict != test.want || runs != test.runs {
				t.Errorf("%s after %d runs, %d of them early: %q", r.Verdict, runs, early, r.Note)
			}
		})
	}
}

// An unsigned call that ran once is a failure; it is not run again.
func TestOneUnsignedRunIsEnough(t *testing.T) {
	calls := 0
	lab := broken(func(e *reference.Endpoint) {
		policy := e.Policy
		e.Policy = func(r *http.Request, body []byte, mode reference.Mode) reference.VerificationPolicy {
			if calls++; calls == 4 { // two look at the target, then comes the control
				return reference.Ignored
			}
			return policy(r, body, mode)
		}
	})
	if r := judgedCase(t, lab, "receiving.unsigned"); r.Verdict != engine.Fail || calls != 6 { // two measure the target; control, request, control, and its prerequisite
		t.Errorf("%s after %d requests: %q", r.Verdict, calls, r.Note)
	}
}

func judgedCase(t *testing.T, lab engine.Lab, id string) engine.Result {
	t.Helper()
	return judgedMeanwhile(t, lab, id, nil)
}

// judgedMeanwhile is judgedCase, and shows what was known when all cases were run once.
func judgedMeanwhile(t *testing.T, lab engine.Lab, id string, meanwhile func(engine.Judgement)) engine.Result {
	t.Helper()
	c, err := suite.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	judged, err := engine.Judge(context.Background(), lab, []suite.Case{c}, engine.Options{Jobs: 1, Seed: 3, Meanwhile: meanwhile})
	if err != nil {
		t.Fatal(err)
	}
	return judged.Results[0]
}

func judgedIn(t *testing.T, lab engine.Lab) []engine.Result {
	t.Helper()
	judged, err := engine.Judge(context.Background(), lab, suite.Catalogue(), engine.Options{Jobs: 1, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return judged.Results
}
