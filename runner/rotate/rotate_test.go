package rotate

import (
	"context"
	"os/exec"
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
var short = Options{Seed: 3, Per: 2 * len(mix), Gap: 2 * time.Millisecond}

func embedded(t *testing.T, broken func(*reference.Endpoint)) *inprocess.Lab {
	t.Helper()
	lab := launch.Embedded(launch.Options{Seed: 3, Break: broken})
	t.Cleanup(lab.Close)
	return lab
}

func drillOf(t *testing.T, lab engine.Lab) Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r, err := Drill(ctx, lab, short)
	if err != nil {
		t.Fatal(err)
	}
	r.Target = report.Target{Name: "reference", Version: "1.0.0", Kind: report.Embedded}
	return r
}

// want checks the conclusion, and that exactly these stages are to blame.
func (r Result) want(t *testing.T, code int, blamed func(Totals) int, where ...int) {
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
	authentic = sorts[0].count
	forged    = sorts[1].count
	asked     = sorts[2].count
	old       = sorts[3].count
	anything  = func(t Totals) int { return t.AuthenticRefused + t.ForgedAccepted + t.APIRefused + t.OldKeyAccepted }
)

func TestTheReferenceHolds(t *testing.T) {
	t.Parallel()
	r := drillOf(t, embedded(t, nil))
	r.want(t, page.ExitConforms, anything)
	if r.Totals.APISaved == 0 || r.Stages[1].Totals.APISaved != r.Totals.APISaved {
		t.Errorf("the fallback saved %d requests to the API, %d of them at stage 1", r.Totals.APISaved, r.Stages[1].Totals.APISaved)
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

// What was sent before a process took over is answered by the one before it.
func TestTheOldProcessAnswersWhatItWasAsked(t *testing.T) {
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
		"fallback-without-window":   {forged, []int{1}}, // at stage 2 the primary key is the one that signs
		"fallback-unsigned":         {forged, []int{1, 2}},
		"fallback-marked-events":    {forged, []int{1, 2}},
		"no-comparison":             {forged, []int{0, 1, 2, 3}},
		"no-retry":                  {asked, []int{1}},
		"no-retry-of-reads":         {asked, []int{1}},
		"retry-with-the-same-key":   {asked, []int{1}},
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

// An endpoint that never forgets a key it was once given.
func TestTheOldKeyMustStopWorking(t *testing.T) {
	t.Parallel()
	former := embedded(t, nil).Keys().Key(keyA)
	r := drillOf(t, embedded(t, func(e *reference.Endpoint) {
		match := e.Match
		e.Match = func(k reference.Key, message []byte, at string, got [32]byte) bool {
			return match(k, message, at, got) || match(former, message, at, got)
		}
	}))
	r.want(t, page.ExitViolates, old, after)
	if r.OldKey.FirstRefused != nil {
		t.Errorf("the old key: first refused %s", r.OldKey.relative(r.OldKey.FirstRefused))
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

// An endpoint that never asks the API has shown nothing about what it sends.
func TestSilenceAtTheAPIIsNoProof(t *testing.T) {
	t.Parallel()
	r := drillOf(t, embedded(t, nil))
	for i := range r.Requests {
		r.Requests[i].API = nil
	}
	r.Stages, r.Totals = nil, Totals{}
	r.count(&drill{})
	r.conclude()
	if r.Conclusion.ExitCode != page.ExitCouldNotJudge {
		t.Errorf("%s, %s", r.Conclusion.Verdict, r.Conclusion.Why)
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

// The last version without a fallback key, the first one with it, and a newer one.
func TestPublishedSDKs(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: the real SDK is not drilled in short mode")
	}
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: the real SDK is NOT drilled, because %s is not installed", program)
		}
	}
	for version, where := range map[string][]int{"3.17.0": {1}, "3.18.0": nil, "4.24.0": nil} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			r := drillOf(t, npm(t, version))
			code := page.ExitConforms
			if where != nil {
				code = page.ExitViolates
			}
			r.want(t, code, anything, where...)
			r.want(t, code, authentic, where...)
			t.Logf("%d requests; old key last accepted %s; %s", len(r.Requests), r.OldKey.relative(r.OldKey.LastAccepted), r.Conclusion.Why)
		})
	}
}

func npm(t *testing.T, version string) *launch.Lab {
	t.Helper()
	described, err := launch.Find("inngest-js")
	if err != nil {
		t.Fatal(err)
	}
	lab, err := launch.New(described, version, launch.Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lab.Close)
	return lab
}
