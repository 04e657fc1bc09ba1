package engine_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
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

// waiting is a lab that starts one set-up only when something has happened.
type waiting struct {
	inprocess.Memory
	with suite.Setup
	till func() bool
	vain *atomic.Bool
}

func (w waiting) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	for began := time.Now(); s == w.with && !w.till(); time.Sleep(time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			w.vain.Store(true)
			break
		}
	}
	return w.Memory.Start(ctx, s)
}

// A case that fails is run once more before all others were run for the first time: here,
// one of these waits for that. It is not run a third time.
func TestAFailedCaseIsRunAgainEarly(t *testing.T) {
	other, err := suite.Find("modes.zero")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		failures, runs int32
		want           engine.Verdict
	}{
		"never": {0, 1, engine.Pass}, "once": {1, 2, engine.Inconclusive}, "each time": {3, 2, engine.Fail},
	} {
		for _, id := range []string{"connect.fallback", "keys.fallback-after-refusal"} {
			t.Run(name+" "+id, func(t *testing.T) {
				var runs atomic.Int32
				lab := waiting{broken(func(e *reference.Endpoint) {
					rejected, fails := false, false
					e.Client = func(c *reference.Context) *reference.Client {
						client := reference.ClientOf(c)
						client.Refuses = func(status int) bool {
							if reference.RefusesKey(status) && !rejected {
								rejected, fails = true, runs.Add(1) <= test.failures
							}
							return reference.RefusesKey(status) && !fails
						}
						return client
					}
				}), other.Given, func() bool { return runs.Load() == test.runs }, new(atomic.Bool)}
				r := judgedWith(t, lab, 2, id, other.ID)
				if lab.vain.Load() || r.Verdict != test.want || runs.Load() != test.runs {
					t.Errorf("%s after %d runs, early: %v: %q", r.Verdict, runs.Load(), !lab.vain.Load(), r.Note)
				}
			})
		}
	}
}

// A case about the last requests of every process is run once more, too, although no
// other case is.
func TestLastRequestsAreRunAgain(t *testing.T) {
	refused := 0
	lab := broken(func(e *reference.Endpoint) {
		refuse := e.Refuse
		e.Refuse = func(c *reference.Context, why error) reference.Response {
			if refused++; refused > 2 { // once to look at the target, once for the case that this one rests on
				return reference.Response{Status: http.StatusOK, Header: http.Header{}}
			}
			return refuse(c, why)
		}
	})
	if r := judgedCase(t, lab, "state.last-unsigned"); r.Verdict != engine.Fail || refused != 4 {
		t.Errorf("%s with %d refusals: %s (%s)", r.Verdict, refused, r.Observed, r.Note)
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
	return judgedWith(t, lab, 1, id)
}

// judgedWith judges the first of these cases, with the others, on some targets at once.
func judgedWith(t *testing.T, lab engine.Lab, jobs int, ids ...string) engine.Result {
	t.Helper()
	var cases []suite.Case
	for _, id := range ids {
		c, err := suite.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	judged, err := engine.Judge(context.Background(), lab, cases, engine.Options{Jobs: jobs, Seed: 3})
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
