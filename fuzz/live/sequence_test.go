package live

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// What shows only after, or beside, other requests is kept with those that matter, and
// replayed with them.
func TestStatesAreShrunkAndReplayed(t *testing.T) {
	longtest.Skip(t)
	for mutant, want := range map[string]struct {
		class    Class
		input    string // of the finding
		requests uint64
	}{
		"cold-lets-unsigned-in":       {FalseAccept, "call: header absent; to a target that was just started", 100},
		"connection-is-authenticated": {FalseAccept, "call: again the connection + header absent", 1000},
		"header-remembered":           {FalseAccept, "call: again the signature", 1500},
		"body-remembered":             {FalseAccept, "call: again the body + header absent", 4000},
		"run-remembered":              {FalseAccept, "call: again the run id + header absent", 2000},
		"introspection-opens":         {FalseAccept, "call: header absent; after introspection, unchanged", 3000},
		"unreadable-header-opens":     {FalseAccept, "call: header absent; after call: header ", 1000},
		"breaker-fails-open":          {FalseAccept, "; after 20 times call: ", 2000},
		"limiter-fails-open":          {FalseAccept, "; after 200 times call: ", 8000},
		"breaker-locks-out":           {FalseReject, "call; after 20 times call: ", 4000},
		"flag-lets-unsigned-in":       {FalseAccept, "call: header absent; while valid calls are served before its last byte arrives", 4000},
		"in-flight-lets-unsigned-in":  {FalseAccept, "call: header absent; while valid calls have arrived except for their last byte", 3000},
		"shared-buffer":               {FalseReject, "call; while valid calls have arrived except for their last byte", 2000},
	} {
		t.Run(mutant, func(t *testing.T) {
			t.Parallel()
			all := found(t, mutant, want.class, Options{Seed: 1, Requests: want.requests})
			for _, f := range all {
				t.Logf("found %s: %s", f.Input, f.Observed)
			}
			for _, f := range all {
				if strings.Contains(f.Input.String(), want.input) {
					f.Target = "reference"
					replayed(t, f, mutant)
					return
				}
			}
			t.Errorf("not among %d findings: %s", len(all), want.input)
		})
	}
}

// replayed writes and reads a finding, and sends it again.
func replayed(t *testing.T, f Finding, mutant string) {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseFinding(text)
	if err != nil {
		t.Fatal(err)
	}
	for target, reproduced := range map[string]int{mutant: repetitions, "": 0} {
		r, err := Replay(t.Context(), memory(t, target), back, Options{})
		if err != nil || r.Void != "" || r.Reproduced != reproduced {
			t.Errorf("%s on %q: %+v, %v", back.Input, target, r, err)
		}
	}
	if in := back.Input; in.begins() && len(f.Sequence) == 0 {
		t.Errorf("%s has no sequence", in)
	}
	if strings.Contains(string(text), testKeys.Primary.Secret()) {
		t.Error("it contains a secret")
	}
}

// Of many requests before one, those that matter are left, as often as they matter.
func TestShrinkingLeavesTheRequestsThatMatter(t *testing.T) {
	refused := Earlier{Base: Call, Steps: isUnknown, Times: 40}
	noise := Earlier{Base: Probe, Steps: []Step{step("fields", "reversed", 0, false)}, Times: 3}
	large := input(Call, step("header", "absent", 0, false))
	large.Before = []Earlier{noise, {Base: Introspect}, refused, noise}
	small := large.shrink(func(in Input) bool {
		n := 0
		for _, e := range in.Before {
			if e.Base == Call {
				n += e.times()
			}
		}
		return n >= 21 && len(in.Steps) > 0
	})
	if got := small.String(); got != "call: header absent; after 21 times call, unchanged" {
		t.Error(got)
	}
}

func TestCheckRejectsUnknownStates(t *testing.T) {
	for name, in := range map[string]Input{
		"company":        {Base: Call, Beside: "in a crowd"},
		"request before": {Base: Call, Before: []Earlier{{Base: "visit"}}},
		"step before":    {Base: Call, Before: []Earlier{{Base: Call, Steps: []Step{step("dance", "", 0, false)}}}},
		"number":         {Base: Call, Before: []Earlier{{Base: Call, Times: -1}}},
		"length":         {Base: Call, Before: []Earlier{{Base: Call, Times: limits.Sequence}, {Base: Probe}}},
	} {
		if in.Check() == nil {
			t.Errorf("an input with a %s that there is not passes", name)
		}
	}
	longest := Input{Base: Call, Before: []Earlier{{Base: Call, Times: limits.Sequence - 1}, {Base: Probe}}}
	if err := longest.Check(); err != nil {
		t.Error(err)
	}
}

// What needs a target of the lab's own, or more than the owner of an endpoint may
// expect, is not sent to one that was running already.
func TestStatesAreForTargetsOfTheLab(t *testing.T) {
	attached := scope{bases: []Base{Call, Probe}, single: true}
	for _, in := range []Input{{Base: Call, Cold: true}, {Base: Call, Beside: suite.Together}} {
		if attached.fits(in) {
			t.Errorf("%s fits", in)
		}
	}
	g := newGenerator(7, attached)
	for index := uint64(0); index < 3000; index++ {
		if in := g.at(index); len(in.Before) > 0 || in.Beside != suite.Nobody {
			t.Fatalf("%s is drawn", in)
		}
	}
}

// A target that dies in one way is one finding, whichever URL it quotes.
func TestOneWayToDieIsOneFinding(t *testing.T) {
	died := func(how string) string { return targetDied + ": exited with status 1; its last output: " + how }
	known := Finding{Class: Crash, Level: suite.Must, Requirement: "SPEC 4.1", Observed: died("code: 'ERR_INVALID_URL', / base: 'http://' / at line 12"), Input: input(Call, step("field", "empty host", 0, false))}
	for how, same := range map[string]bool{
		"code: 'ERR_INVALID_URL', / base: 'http://a b' / at line 7": true, "code: 'ERR_INVALID_URL', / input: '/' / at line 12": false, "SyntaxError / at line 12": false,
		"code: 'ERR_UNESCAPED_CHARACTERS', / base: 'http://' / at line 12": false,
	} {
		v := violation{Crash, suite.Must, "SPEC 4.1", died(how)}
		if got := known.explains(input(Probe, step("break", "NaN", 0, false)), v); got != same {
			t.Errorf("%q is the same: %v", how, got)
		}
	}
}

// What is known to end a target, or to get no response in time, is not sent again: not
// with other steps, and not before another request.
func TestWhatEndsATargetIsNotSentAgain(t *testing.T) {
	breaks, absent := step("break", "NaN", 0, false), step("header", "absent", 0, false)
	c := newCampaign(memory(t, ""), Options{})
	c.add(Finding{Class: Crash, Level: suite.Must, Input: input(Call, breaks)})
	c.add(Finding{Class: Hang, Level: suite.Must, Input: input(Probe, step("grow", "depth", 64, false))})
	before := input(Call, absent)
	before.Before = []Earlier{{Base: Probe, Steps: []Step{absent, breaks}}}
	for _, in := range []Input{input(RichCall, breaks, absent), before, input(Call, step("grow", "depth", 500, true))} {
		if !c.isFatal(in) {
			t.Errorf("%s would be sent", in)
		}
	}
	for _, in := range []Input{input(Call, absent), input(Call, step("break", "undefined", 0, false)), input(Call)} {
		if c.isFatal(in) {
			t.Errorf("%s would not be sent", in)
		}
	}
}
