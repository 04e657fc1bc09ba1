package rotate

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// short is a drill in which every kind of request comes up at every stage.
var short = drillOptions{Seed: 3, Per: 2 * len(mix), Gap: 2 * time.Millisecond}

func embedded(t *testing.T, broken func(*reference.Endpoint)) *inprocess.Lab {
	t.Helper()
	lab := launch.Embedded(launch.Options{Seed: 3, Break: broken})
	t.Cleanup(lab.Close)
	return lab
}

func drillOf(t *testing.T, lab engine.Lab) Rotation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r, err := runDrill(ctx, lab, short)
	if err != nil {
		t.Fatal(err)
	}
	r.Target = report.Target{Name: "reference", Version: "1.0.0", Kind: report.Embedded}
	return r
}

// want checks the conclusion, and that exactly these stages have violations.
func (r Rotation) want(t *testing.T, code int, blamed func(Totals) int, where ...int) {
	t.Helper()
	if r.Conclusion.ExitCode != code {
		t.Errorf("exit code %d (%s), want %d", r.Conclusion.ExitCode, r.Conclusion.Why, code)
	}
	for _, s := range r.Stages {
		expected := false
		for _, n := range where {
			expected = expected || n == s.Number
		}
		if n := blamed(s.Totals); (n > 0) != expected {
			t.Errorf("stage %d is blamed %d times; want some at %v only: %s", s.Number, n, where, r.Conclusion.Why)
		}
	}
}

var (
	authentic = violations[0].count
	forged    = violations[1].count
	api       = violations[2].count
	tooLate   = violations[3].count
	tooEarly  = violations[4].count
	expired   = func(t Totals) int { return t.ExpiredAccepted }
	anything  = func(t Totals) int {
		return t.AuthenticRefused + t.ForgedAccepted + t.APIRefused + t.OldKeyAccepted + t.OldKeyRefused
	}
)

func TestTheReferenceHolds(t *testing.T) {
	t.Parallel()
	r := drillOf(t, embedded(t, nil))
	r.want(t, page.ExitConforms, anything)
	if r.Totals.APIRetried == 0 || r.Stages[1].Totals.APIRetried != r.Totals.APIRetried {
		t.Errorf("%d requests to the API were accepted with the fallback key, %d of them at stage 1", r.Totals.APIRetried, r.Stages[1].Totals.APIRetried)
	}
	if r.OldKey.LastAccepted == nil || r.OldKey.FirstRefused == nil {
		t.Errorf("the old key: %+v", r.OldKey)
	}
	if len(r.Processes) != 3 || len(r.Handovers) != 2 {
		t.Fatalf("%d processes, %d hand-overs", len(r.Processes), len(r.Handovers))
	}
	for _, h := range r.Handovers {
		if !h.Drained || h.InFlight < heldPerMove {
			t.Errorf("hand-over: %s", h)
		}
	}
}

// A request that was sent before a process took over gets its response from the
// process before it.
func TestTheOldProcessRespondsToWhatItWasSent(t *testing.T) {
	t.Parallel()
	r := drillOf(t, embedded(t, nil))
	for _, n := range []int{0, 2} {
		last := 0
		for _, q := range r.Requests {
			if q.Stage == n && q.AtMS+q.TookMS >= r.Stages[n].EndedMS && q.Process == map[int]int{0: 1, 2: 2}[n] {
				last++
			}
		}
		if last < heldPerMove {
			t.Errorf("stage %d: %d requests that ended in the next stage ran in its own process", n, last)
		}
	}
}

func TestBrokenEndpointsAreFound(t *testing.T) {
	for name, want := range map[string]struct {
		blamed func(Totals) int
		where  []int
	}{
		"fallback-never-tried":      {authentic, []int{1}},
		"fallback-replaces-primary": {authentic, []int{2}},
		"fallback-error-swallowed":  {forged, []int{1, 2}},
		"fallback-unsigned":         {forged, []int{1, 2}},
		"fallback-marked-events":    {forged, []int{1, 2}},
		"no-comparison":             {forged, []int{0, 1, 2, 3}},
		"no-retry":                  {api, []int{1}},
		"no-retry-of-reads":         {api, []int{1}},
		"retry-with-the-same-key":   {api, []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mutant, there := zoo.Find(name)
			if !there {
				t.Fatal("it is not in the zoo")
			}
			drillOf(t, embedded(t, mutant.Break)).want(t, page.ExitViolates, want.blamed, want.where...)
		})
	}
}

// An endpoint that keeps accepting every key that it ever had.
func TestTheOldKeyMustStopWorking(t *testing.T) {
	t.Parallel()
	former := embedded(t, nil).Keys().Key(keyA)
	r := drillOf(t, embedded(t, func(e *reference.Endpoint) {
		match := e.Match
		e.Match = func(k reference.Key, message []byte, at string, got [32]byte) bool {
			return match(k, message, at, got) || match(former, message, at, got)
		}
	}))
	r.want(t, page.ExitViolates, tooLate, after)
	if r.OldKey.FirstRefused != nil {
		t.Errorf("the old key: first refused %s", r.OldKey.relative(r.OldKey.FirstRefused))
	}
}

// An endpoint that drops its fallback key when it first receives the primary key:
// calls in flight at that moment would be lost.
func TestTheOldKeyMustNotStopTooEarly(t *testing.T) {
	t.Parallel()
	r := drillOf(t, embedded(t, func(e *reference.Endpoint) {
		var seen atomic.Bool
		choose := e.Choose
		e.Choose = func(keys reference.Keys, matches func(reference.Key) bool) reference.MatchedKey {
			which := choose(keys, matches)
			if which == reference.Primary {
				seen.Store(true)
			}
			if which == reference.Fallback && seen.Load() {
				return reference.NoKey
			}
			return which
		}
	}))
	r.want(t, page.ExitViolates, tooEarly, rotated)
	r.want(t, page.ExitViolates, authentic)
	if r.OldKey.LastAccepted == nil || *r.OldKey.LastAccepted >= r.Stages[rotated].EndedMS {
		t.Errorf("the old key: %+v", r.OldKey)
	}
}

func TestWhoRefusesEverythingIsVoid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"refuses-everything", "runs-nothing"} {
		mutant, there := zoo.Find(name)
		if !there {
			t.Fatalf("%s is not in the zoo", name)
		}
		if r := drillOf(t, embedded(t, mutant.Break)); r.Conclusion.ExitCode != page.ExitVoid {
			t.Errorf("%s: %s, %s", name, r.Conclusion.Verdict, r.Conclusion.Why)
		}
	}
}

// An endpoint that sends nothing to the API has shown nothing about its requests.
func TestSilenceAtTheAPIIsNoProof(t *testing.T) {
	t.Parallel()
	r := drillOf(t, embedded(t, nil))
	for i := range r.Requests {
		r.Requests[i].API = nil
	}
	r.Stages, r.Totals = nil, Totals{}
	r.count(&drill{stage: after})
	r.conclude()
	if r.Conclusion.ExitCode != page.ExitCouldNotJudge || !strings.Contains(r.Conclusion.Why, "nothing to the API at any stage") {
		t.Errorf("%s, %s", r.Conclusion.Verdict, r.Conclusion.Why)
	}
}

// An endpoint that refuses by closing the connection, without a response.
func TestRefusalsWithoutAResponse(t *testing.T) {
	t.Parallel()
	r := drillOf(t, embedded(t, func(e *reference.Endpoint) {
		e.Refuse = func(*reference.Context, error) reference.Response { panic(http.ErrAbortHandler) }
	}))
	r.want(t, page.ExitConforms, anything)
	if sum := r.Stages[after].Counts[kindOldKey]; sum.NoResponse == 0 || r.OldKey.FirstRefused == nil {
		t.Errorf("the old key: %+v, first refused %v", sum, r.OldKey.FirstRefused)
	}
}

// The set-up of stage 0 holds the old key, and no other.
func TestTheKeyBefore(t *testing.T) {
	keys := embedded(t, nil).Keys()
	env := stages[0].setup.Environment(keys, "http://127.0.0.1:1")
	if env[reference.EnvSigningKey] != keys.Key(keyA).Text() {
		t.Error("stage 0 has another signing key than A")
	}
	if _, set := env[reference.EnvFallback]; set {
		t.Error("stage 0 has a fallback key")
	}
	env = stages[1].setup.Environment(keys, "http://127.0.0.1:1")
	if env[reference.EnvSigningKey] != keys.Key(keyB).Text() || env[reference.EnvFallback] != keys.Key(keyA).Text() {
		t.Error("stage 1 does not have B, with A as its fallback")
	}
}
