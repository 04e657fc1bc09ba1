package report_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

func TestGates(t *testing.T) {
	for _, test := range []struct {
		name string
		run  engine.Judgement
		gate report.Gate
		want int
	}{
		{"a SHOULD is required and missed", judged(result(should, engine.Warn)), report.Gate{Require: suite.Should}, page.ExitViolates},
		{"a SHOULD is required and met", judged(result(should, engine.Pass)), report.Gate{Require: suite.Should}, page.ExitConforms},
		{"enough is judged", judged(result(must, engine.Pass)), report.Gate{MinJudged: 5}, page.ExitConforms},
		{"too little is judged", judged(result(must, engine.NotApplicable)), report.Gate{MinJudged: 5}, page.ExitCouldNotJudge},
		{"a violation is worse than too little", judged(result(must, engine.Fail)), report.Gate{MinJudged: 9}, page.ExitViolates},
	} {
		f := facts()
		f.Gate = test.gate
		if got := report.New(test.run, f).Conclusion; got.ExitCode != test.want {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}

func TestExcusesOfWhatIsInconclusive(t *testing.T) {
	edge := &report.Baseline{File: "known.yaml", Entries: []engine.Excuse{{Case: must, Reason: "the proxy times out", Link: "https://example.com", Excuses: engine.Inconclusive}}}
	for verdict, want := range map[engine.Verdict]int{
		engine.Inconclusive: page.ExitConforms, engine.Pass: page.ExitConforms, engine.Fail: page.ExitViolates, engine.Error: page.ExitCouldNotJudge,
	} {
		f := facts()
		f.Baseline = edge
		r := report.New(judged(result(must, verdict)), f)
		if r.Conclusion.ExitCode != want {
			t.Errorf("%s: %+v", verdict, r.Conclusion)
		}
		if verdict == engine.Inconclusive && !strings.Contains(r.Conclusion.Why, "1 inconclusive case excused") {
			t.Errorf("the conclusion does not tell: %s", r.Conclusion.Why)
		}
	}
}

// TestPinnedRuns: what a version of the catalogue did not have is observed, whatever
// its verdict, and an excuse for it is not needed.
func TestPinnedRuns(t *testing.T) {
	pinned, err := suite.Pin("2026.1")
	if err != nil {
		t.Fatal(err)
	}
	newer := result(must, engine.Fail)
	newer.Case.ID = "receiving.newer-than-any-version"
	open := result(must, engine.Inconclusive)
	open.Case.ID = "receiving.newer-and-open"
	f := facts()
	f.Pinned = pinned
	r := report.New(judged(newer, open, result(must, engine.Pass)), f)
	if r.Conclusion.ExitCode != page.ExitConforms || r.Summary[engine.Observed] != 1 || r.Summary[engine.NotApplicable] != 1 || r.Catalogue != "2026.1" {
		t.Errorf("%+v %v", r.Conclusion, r.Summary)
	}
	var brief, long strings.Builder
	if err := errors.Join(report.Brief(&brief, r, page.Style{}), report.Text(&long, r, page.Style{})); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"brief": brief.String(), "long": long.String(), "markdown": written(t, report.Markdown, r), "html": written(t, report.HTML, r)} {
		text = strings.Join(strings.Fields(text), " ")
		for _, words := range []string{"Scored by the catalogue 2026.1: 2 cases that it did not have", "1 would be fail: receiving.newer-than-any-version", "1 would be inconclusive: receiving.newer-and-open"} {
			if !strings.Contains(text, words) {
				t.Errorf("%s does not say %q:\n%s", name, words, text)
			}
		}
	}
	known := report.New(judged(newer, result(must, engine.Fail)), f)
	if known.Conclusion.ExitCode != page.ExitViolates || known.Summary[engine.Fail] != 1 {
		t.Errorf("%+v %v", known.Conclusion, known.Summary)
	}
}
