package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
)

func TestDiffs(t *testing.T) {
	with := func(verdicts ...engine.Verdict) report.Report {
		r := report.Report{Target: report.Target{Name: "sdk", Kind: report.Launched}}
		for i, v := range verdicts {
			if v != "" {
				r.Cases = append(r.Cases, report.Case{ID: string(rune('a' + i)), Title: "it holds", Verdict: v, Excuse: &engine.Excuse{}})
			}
		}
		return r
	}
	void := with(engine.Pass)
	void.Void = true
	for _, test := range []struct {
		name       string
		older, now report.Report
		want       int
		words      string
	}{
		{"equal", with(engine.Pass, engine.Fail), with(engine.Pass, engine.Fail), page.ExitConforms, "NO REGRESSION"},
		{"a violation is new", with(engine.Pass), with(engine.Fail), page.ExitViolates, "Regressions (1)"},
		{"of a case that is new", with(), with(engine.Fail), page.ExitViolates, "absent → fail"},
		{"an excused violation is new", with(engine.Pass), with(engine.Excused), page.ExitViolates, "pass → excused"},
		{"a known violation is excused", with(engine.Fail), with(engine.Excused), page.ExitConforms, "Other changes (1)"},
		{"a warning is new", with(engine.Pass), with(engine.Warn), page.ExitViolates, "Regressions (1)"},
		{"a warning becomes a violation", with(engine.Warn), with(engine.Fail), page.ExitViolates, "warn → fail"},
		{"a violation is fixed", with(engine.Fail), with(engine.Pass), page.ExitConforms, "Fixes (1)"},
		{"a violation can't be judged any more", with(engine.Fail), with(engine.Inconclusive), page.ExitCouldNotJudge, "Judged in the old report only (1)"},
		{"a case is gone", with(engine.Pass), with(), page.ExitCouldNotJudge, "pass → absent"},
		{"a case is new", with(), with(engine.Pass), page.ExitConforms, "absent → pass"},
		{"one is void", void, with(engine.Pass), page.ExitVoid, "VOID"},
	} {
		d := report.DiffOf(test.older, test.now)
		var out bytes.Buffer
		if err := d.Text(&out, page.Style{}); err != nil {
			t.Fatal(err)
		}
		if d.Conclusion.ExitCode != test.want || !strings.Contains(out.String(), test.words) {
			t.Errorf("%s: exit code %d, not %d:\n%s", test.name, d.Conclusion.ExitCode, test.want, out.String())
		}
	}
	older, now := with(engine.Observed), with(engine.Observed)
	older.Cases[0].Ambiguity, older.Cases[0].Behaviour, now.Cases[0].Behaviour = "R1", "refused with 401", "accepted"
	if d := report.DiffOf(older, now); len(d.Ambiguities) != 1 || d.Conclusion.ExitCode != page.ExitConforms {
		t.Errorf("%+v", d)
	}
}
