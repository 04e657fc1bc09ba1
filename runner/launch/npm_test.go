package launch

import (
	"context"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// npm prepares a version of the real SDK, or skips loudly.
func npm(t *testing.T, version string) *Lab {
	t.Helper()
	longtest.Skip(t)
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: the real SDK is NOT judged, because %s is not installed", program)
		}
	}
	d, err := Find("inngest-js")
	if err != nil {
		t.Fatal(err)
	}
	lab, err := New(d, version, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lab.Close)
	ctx, cancel := context.WithTimeout(t.Context(), limits.SetUp)
	defer cancel()
	if err := lab.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	return lab
}

func TestPublishedSDK(t *testing.T) {
	lab := npm(t, "4.24.0")
	first := judge(t, lab, tier(suite.Default))
	if first.Void != "" {
		t.Error("void:", first.Void)
	}
	for _, r := range first.Results {
		switch r.Verdict {
		case engine.Inconclusive, engine.Error:
			t.Errorf("%s: %s; observed %s; %s", r.Case.ID, r.Verdict, r.Observed, r.Note)
		case engine.Fail, engine.Warn:
			t.Logf("%s: %s; expected %s; observed %s; %s", r.Case.ID, r.Verdict, r.Expected, r.Observed, r.Note)
		}
	}
	again := verdicts(judge(t, lab, tier(suite.Default)))
	for id, verdict := range verdicts(first) {
		if again[id] != verdict {
			t.Errorf("%s: %s, and the second time %s", id, verdict, again[id])
		}
	}
}

// The first version with a fallback key, and the last one without.
func TestPublishedSDKsBeforeAndAfterFallback(t *testing.T) {
	for version, want := range map[string]engine.Verdict{"3.17.0": engine.Fail, "3.18.0": engine.Pass} {
		t.Run(version, func(t *testing.T) {
			judged := judge(t, npm(t, version), tier(suite.Smoke))
			if got := verdicts(judged)["keys.fallback-accepted"]; got != want || judged.Void != "" {
				t.Errorf("keys.fallback-accepted: %s, void %q; want %s", got, judged.Void, want)
			}
		})
	}
}

// A sender that breaks off ends no process of ours: releases without a server of
// their own run behind our bridge.
func TestTheBridgeOutlivesASenderThatBreaksOff(t *testing.T) {
	target, err := npm(t, "3.18.0").Start(t.Context(), suite.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	defer target.Stop()
	short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err = target.Send(short, suite.Request{Method: http.MethodPost, Target: target.Path(), Header: []suite.Field{
		{Name: "Host", Value: target.Host()}, {Name: "Content-Length", Value: "10"},
	}, Body: []byte("{}")})
	if err == nil {
		t.Error("half a body gets a response")
	}
	target.Settle(t.Context())
	response, err := target.Send(t.Context(), suite.Request{Method: http.MethodGet, Target: target.Path(), Header: []suite.Field{{Name: "Host", Value: target.Host()}}})
	if died := target.Died(); died != "" || err != nil || response.Status != http.StatusOK {
		t.Errorf("died: %q; %v, %d", died, err, response.Status)
	}
}
