package report_test

import (
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// judged is a run in which the core passed and other cases have these verdicts.
func judged(others ...engine.Result) engine.Judgement {
	j := engine.Judgement{}
	for _, id := range suite.Core {
		j.Results = append(j.Results, result(id, engine.Pass))
	}
	j.Results = append(j.Results, others...)
	return j
}

func result(id string, v engine.Verdict) engine.Result {
	c, err := suite.Find(id)
	if err != nil {
		panic(err)
	}
	return engine.Result{Case: c, Verdict: v, Steps: []engine.Step{{Part: "the request", Exchange: &engine.Exchange{}}}}
}

const (
	must   = "receiving.signed"
	should = "receiving.clock-skew"
)

func excusing(ids ...string) *report.Baseline {
	b := &report.Baseline{File: "known.yaml"}
	for _, id := range ids {
		b.Entries = append(b.Entries, engine.Excuse{Case: id, Reason: "known", Link: "https://example.com"})
	}
	return b
}

func TestExitCodes(t *testing.T) {
	void := func(j engine.Judgement) engine.Judgement {
		j.Void = "no run was observed"
		return j
	}
	for _, test := range []struct {
		name     string
		run      engine.Judgement
		baseline *report.Baseline
		want     int
	}{
		{"all pass", judged(result(must, engine.Pass)), nil, page.ExitConforms},
		{"a SHOULD is missed", judged(result(should, engine.Warn)), nil, page.ExitConforms},
		{"a SHOULD is left open", judged(result(should, engine.Inconclusive)), nil, page.ExitConforms},
		{"something does not apply", judged(result(must, engine.NotApplicable)), nil, page.ExitConforms},
		{"a MUST is missed", judged(result(must, engine.Fail)), nil, page.ExitViolates},
		{"a MUST is left open", judged(result(must, engine.Inconclusive)), nil, page.ExitCouldNotJudge},
		{"a fault of ours", judged(result(should, engine.Error)), nil, page.ExitCouldNotJudge},
		{"no run is observed", void(judged(result(must, engine.Pass))), nil, page.ExitVoid},
		{"nothing was chosen", engine.Judgement{}, nil, page.ExitCouldNotJudge},
		{"a known violation", judged(result(must, engine.Fail)), excusing(must), page.ExitConforms},
		{"another violation", judged(result(must, engine.Fail)), excusing(should), page.ExitViolates},
		{"an excuse without need", judged(result(must, engine.Pass)), excusing(must), page.ExitStaleBaseline},
		{"an excuse for nothing", judged(), excusing("no.such-case"), page.ExitStaleBaseline},
		{"an excuse for what was not chosen", judged(), excusing(must), page.ExitConforms},
		{"an excuse for what does not apply", judged(result(must, engine.NotApplicable)), excusing(must), page.ExitConforms},
		{"an excuse does not cover what is open", judged(result(must, engine.Inconclusive)), excusing(must), page.ExitCouldNotJudge},

		{"void comes before violates", void(judged(result(must, engine.Fail))), nil, page.ExitVoid},
		{"violates comes before could not judge", judged(result(must, engine.Fail), result(should, engine.Error)), nil, page.ExitViolates},
		{"could not judge comes before stale", judged(result(must, engine.Pass), result(should, engine.Error)), excusing(must), page.ExitCouldNotJudge},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := facts()
			f.Baseline = test.baseline
			if got := report.New(test.run, f).Conclusion; got.ExitCode != test.want {
				t.Errorf("exit code %d (%s), want %d", got.ExitCode, got.Why, test.want)
			}
		})
	}
}

// If calls were judged by other requests, the target conforms only if the user
// accepts that.
func TestCallsMustBeJudgedAsCalls(t *testing.T) {
	byProbe := result(must, engine.Pass)
	byProbe.InPlace = suite.KindProbe
	notJudged := result(should, engine.NotApplicable)
	notJudged.InPlace = suite.KindProbe
	for _, test := range []struct {
		name    string
		run     engine.Judgement
		accepts bool
		code    int
		verdict string
		why     string
	}{
		{"a probe", judged(byProbe), false, page.ExitCouldNotJudge, "could not judge calls", "calls were judged by a trust probe in their place"},
		{"a probe that is accepted", judged(byProbe), true, page.ExitConforms, "conforms", "as --accept-probe allows"},
		{"a probe, and a violation", judged(byProbe, result(should, engine.Fail)), false, page.ExitViolates, "violates", "1 violation"},
		{"a probe, and an open MUST", judged(byProbe, result("introspection.answered", engine.Inconclusive)), false, page.ExitCouldNotJudge, "could not judge calls", "1 case could not be judged"},
		{"an open MUST, and an accepted probe", judged(byProbe, result("introspection.answered", engine.Inconclusive)), true, page.ExitCouldNotJudge, "could not judge", "1 case could not be judged"},
		{"nothing that was judged", judged(notJudged), false, page.ExitConforms, "conforms", "all judged"},
	} {
		f := facts()
		f.Target.AcceptProbe = test.accepts
		r := report.New(test.run, f)
		if got := r.Conclusion; got.ExitCode != test.code || got.Verdict != test.verdict || !strings.Contains(got.Why, test.why) {
			t.Errorf("%s: %+v, want %d, %s: %s", test.name, got, test.code, test.verdict, test.why)
		}
	}
}

// TestNothingConformsWithoutTheCore: each of the four cases is needed.
func TestNothingConformsWithoutTheCore(t *testing.T) {
	for i, id := range suite.Core {
		for name, without := range map[string]engine.Judgement{"left out": judged(result(must, engine.Pass)), "not applicable": judged()} {
			without.Results[i].Verdict = engine.NotApplicable
			if name == "left out" {
				without.Results = append(without.Results[:i], without.Results[i+1:]...)
			}
			if got := report.New(without, facts()).Conclusion.ExitCode; got != page.ExitCouldNotJudge {
				t.Errorf("%s %s: exit code %d", id, name, got)
			}
		}
	}
}

func TestATargetThatNeverCameUpIsNotVoid(t *testing.T) {
	run := engine.Judgement{Void: "no run was observed", Results: []engine.Result{result(must, engine.Error)}}
	run.Results[0].Steps = nil
	if r := report.New(run, facts()); r.Void || r.Conclusion.ExitCode != page.ExitCouldNotJudge {
		t.Errorf("void %v, exit code %d", r.Void, r.Conclusion.ExitCode)
	}
}

func TestAMisjudgedMutantVoidsTheRun(t *testing.T) {
	f := facts()
	f.SelfCheck.Misjudged = "a mutant passed"
	if r := report.New(judged(), f); !r.Void || r.Conclusion.ExitCode != page.ExitVoid {
		t.Errorf("void %v, exit code %d", r.Void, r.Conclusion.ExitCode)
	}
}
