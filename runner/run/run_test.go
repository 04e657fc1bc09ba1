package run_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

const key = "signkey-test-00112233445566778899aabbccddeeff"

// attached is a target that is already running: the reference, or a mutant.
func attached(t *testing.T, mutant string) run.TargetSpec {
	t.Helper()
	env := map[string]string{reference.EnvSigningKey: key, suite.EnvBeacon: "http://127.0.0.1:1/"}
	endpoint := inprocess.Reference(func(name string) string { return env[name] })
	if mutant != "" {
		m, found := zoo.Find(mutant)
		if !found {
			t.Fatalf("there is no mutant %q", mutant)
		}
		m.Break(endpoint)
	}
	return attachedTo(t, endpoint)
}

// callable lets calls run the echo function.
func callable(t run.TargetSpec) run.TargetSpec {
	t.Function = suite.EchoID
	return t
}

func attachedTo(t *testing.T, handler http.Handler) run.TargetSpec {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	primary, err := reference.ParseKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return run.TargetSpec{URL: server.URL + "/api/inngest", Keys: launch.AttachKeys{Primary: primary}}
}

func TestRun(t *testing.T) {
	always500 := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	for name, test := range map[string]struct {
		target  run.TargetSpec
		code    int
		verdict string
	}{
		"the embedded reference":  {run.TargetSpec{}, page.ExitConforms, "conforms"},
		"an attached reference":   {attached(t, ""), page.ExitCouldNotJudge, "could not judge calls"},
		"one with a function":     {callable(attached(t, "")), page.ExitConforms, "conforms"},
		"an attached mutant":      {attached(t, "absence-is-enough"), page.ExitViolates, "violates"},
		"something else entirely": {attachedTo(t, always500), page.ExitVoid, "void"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := run.Run(t.Context(), run.Options{Target: test.target, Seed: 5, Jobs: 2, Selection: run.Selection{Tier: suite.Smoke}})
			if err != nil {
				t.Fatal(err)
			}
			if r.Conclusion.ExitCode != test.code || r.Conclusion.Verdict != test.verdict {
				t.Errorf("%+v, want %d, %s", r.Conclusion, test.code, test.verdict)
			}
			if r.RandomSeed != 5 || r.Tier != "smoke" || r.Tool.Name != "countersign" || r.Started.IsZero() || len(r.SelfCheck.Endpoints) != 3 {
				t.Errorf("facts: seed %d, tier %s, tool %q, started %s, self-check %+v", r.RandomSeed, r.Tier, r.Tool.Name, r.Started, r.SelfCheck)
			}
		})
	}
}

// TestCommandsReproduce: the report's command chooses the same target, profile,
// case and seed.
func TestCommandsReproduce(t *testing.T) {
	target := attached(t, "")
	target.AllowSync, target.AllowRemote, target.Function = true, true, suite.EchoID
	r, err := run.Run(t.Context(), run.Options{
		Target: target, Seed: 9, Command: "me run", Selection: run.Selection{Patterns: []string{"receiving.signed"}, Profile: suite.ProfileSpec},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "me run --url " + target.URL + " --allow-sync --allow-remote --function countersign-echo --profile spec --case receiving.signed --seed 9"
	for _, c := range r.Cases {
		if c.ID == "receiving.signed" && c.Reproduce != want {
			t.Errorf("got %s, want %s", c.Reproduce, want)
		}
	}
	if r.Total != 5 || r.Measurements != nil || r.Profile != suite.ProfileSpec {
		t.Errorf("%d cases, measurements %v, profile %s", r.Total, r.Measurements, r.Profile)
	}
}

func TestProgressIsReported(t *testing.T) {
	said, last := []string{}, engine.Progress{}
	_, err := run.Run(t.Context(), run.Options{
		Target: attached(t, ""), Selection: run.Selection{Patterns: []string{"receiving.signed"}},
		Say: func(format string, _ ...any) { said = append(said, format) }, Watch: func(p engine.Progress) { last = p },
	})
	if err != nil || len(said) == 0 || last.Done != last.Total || last.Total != 5 {
		t.Errorf("%v: said %q, last %+v", err, said, last)
	}
}

func TestErrorsAreDescribed(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx   context.Context
		o     run.Options
		code  int
		words string
	}{
		"a name and a URL":   {t.Context(), run.Options{Target: run.TargetSpec{Name: "a", URL: "b"}}, page.ExitUsage, "not both"},
		"no such target":     {t.Context(), run.Options{Target: run.TargetSpec{Name: "nothing-like-it"}}, page.ExitUsage, "nothing-like-it"},
		"no version":         {t.Context(), run.Options{Target: run.TargetSpec{Name: "inngest-js@"}}, page.ExitUsage, "no version after its @"},
		"no key":             {t.Context(), run.Options{Target: run.TargetSpec{URL: "http://127.0.0.1:1/"}}, page.ExitUsage, "signing key"},
		"no such case":       {t.Context(), run.Options{Selection: run.Selection{Patterns: []string{"receiving.expird"}}}, page.ExitUsage, "receiving.expird"},
		"not a pattern":      {t.Context(), run.Options{Selection: run.Selection{Patterns: []string{"[a"}}}, page.ExitUsage, "[a"},
		"another tier":       {t.Context(), run.Options{Selection: run.Selection{Patterns: []string{"keys.bare*"}}}, page.ExitUsage, "default tier"},
		"it is interrupted":  {canceled, run.Options{}, page.ExitCouldNotJudge, "interrupted"},
		"only if destroyed":  {t.Context(), run.Options{Selection: run.Selection{Patterns: []string{destructiveOnly(t)}}}, page.ExitUsage, "destructive"},
		"a target of no app": {t.Context(), run.Options{Target: run.TargetSpec{Name: t.TempDir()}}, page.ExitUsage, "target.yaml"},
	} {
		_, err := run.Run(test.ctx, test.o)
		var described *page.Error
		if !errors.As(err, &described) || described.Code != test.code || !strings.Contains(described.Sentence, test.words) {
			t.Errorf("%s: %#v; want exit code %d and %q", name, err, test.code, test.words)
		}
	}
}

// destructiveOnly is a pattern that matches one destructive case.
func destructiveOnly(t *testing.T) string {
	t.Helper()
	for _, c := range suite.Catalogue() {
		if c.Destructive {
			return c.ID[:len(c.ID)-1] + "?"
		}
	}
	t.Fatal("there is no destructive case")
	return ""
}

func TestSelections(t *testing.T) {
	count := func(s run.Selection) int {
		chosen, err := s.Choose()
		if err != nil {
			t.Fatal(err)
		}
		return len(chosen.Cases)
	}
	smoke, usual, deep := count(run.Selection{Tier: suite.Smoke}), count(run.Selection{}), count(run.Selection{Tier: suite.Deep})
	all := count(run.Selection{Tier: suite.Deep, Destructive: true})
	if smoke >= usual || usual >= deep || deep >= all || all != len(suite.Catalogue()) {
		t.Errorf("%d, %d, %d and %d cases of %d", smoke, usual, deep, all, len(suite.Catalogue()))
	}
	chosen, err := run.Selection{Patterns: []string{"receiving.signed", "receiving.unsigned"}}.Choose()
	if err != nil || len(chosen.Cases) != 5 {
		t.Fatalf("%v: %d cases", err, len(chosen.Cases))
	}
	for _, c := range chosen.Cases {
		if want := c.ID != "receiving.signed" && c.ID != "receiving.unsigned"; chosen.Added[c.ID] != want {
			t.Errorf("%s: added %v", c.ID, chosen.Added[c.ID])
		}
	}
}

func TestSplitVersion(t *testing.T) {
	for text, want := range map[string][2]string{
		"inngest-js": {"inngest-js", ""}, "inngest-js@4.24.0": {"inngest-js", "4.24.0"},
		"./a@b/c": {"./a@b/c", ""}, "./a/c@1.0.0": {"./a/c", "1.0.0"},
	} {
		if name, version := run.SplitVersion(text); [2]string{name, version} != want {
			t.Errorf("%s is split into %q and %q", text, name, version)
		}
	}
}

func TestAnAttachedTargetIsNotMeasured(t *testing.T) {
	longtest.Skip(t)
	r, err := run.Run(t.Context(), run.Options{Target: attached(t, ""), Seed: 1})
	if err != nil || r.Measurements == nil || r.Measurements.NotMeasured == "" || r.Target.Kind != report.Attached {
		t.Errorf("%v: %+v, %+v", err, r.Measurements, r.Target)
	}
}

// A run that takes longer than it may keeps what was judged until then.
func TestARunThatTakesTooLongKeepsWhatWasJudged(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	defer end(nil)
	late := page.CouldNotJudge("", "the run took longer than --timeout 1h0m0s")
	judged, err := run.Run(ctx, run.Options{Seed: 3, Watch: func(p engine.Progress) {
		if p.Done >= 100 { // the first ones may be inconclusive
			end(late)
		}
	}})
	if err != nil || judged.Judged == 0 || judged.Judged == judged.Total || judged.Incomplete != late.Sentence || judged.Conclusion.ExitCode != page.ExitCouldNotJudge {
		t.Errorf("%v: %d of %d judged, incomplete: %q, %+v", err, judged.Judged, judged.Total, judged.Incomplete, judged.Conclusion)
	}
	_, err = run.Run(t.Context(), run.Options{Seed: 3, Timeout: time.Nanosecond})
	var described *page.Error
	if !errors.As(err, &described) || !strings.Contains(described.Sentence, "longer than --timeout 1ns") {
		t.Errorf("a run that had no time: %v", err)
	}
}

// An endpoint that accepts nothing is sent little more than the core; one that only
// began with refusals is judged as a whole.
func TestAnEndpointThatAcceptsNothingIsSentLittle(t *testing.T) {
	longtest.Skip(t)
	sent := 0
	counting := func(next http.Handler, refused int) http.Handler {
		var mu sync.Mutex
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			sent++
			now := sent
			mu.Unlock()
			if now <= refused {
				w.Header().Set(reference.HeaderSDK, "cold:v1.0.0")
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	app := func(text string) http.Handler {
		return inprocess.Reference(func(name string) string { return map[string]string{reference.EnvSigningKey: text}[name] })
	}
	options := run.Options{Target: attachedTo(t, counting(app("signkey-test-ffeeddccbbaa99887766554433221100"), 0)), Seed: 1}
	r, err := run.Run(t.Context(), options)
	if err != nil || !r.Void || sent > 150 {
		t.Errorf("%v, void %v, %d requests", err, r.Void, sent)
	}
	sent = 0
	options.Target = attachedTo(t, counting(app(key), 60)) // more than it takes to find out how acceptance shows
	if r, err = run.Run(t.Context(), options); err != nil || r.Void || r.Total != r.Available || r.Judged < 100 {
		t.Errorf("%v, void %v (%s), %d of %d cases, %d judged", err, r.Void, r.VoidReason, r.Total, r.Available, r.Judged)
	}
}
