package report_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// defect breaks an endpoint as mutants of the zoo do.
func defect(t *testing.T, names ...string) func(*reference.Endpoint) {
	t.Helper()
	return func(e *reference.Endpoint) {
		for _, name := range names {
			m, found := zoo.Find(name)
			if !found {
				t.Fatalf("there is no mutant %s", name)
			}
			m.Break(e)
		}
	}
}

// most are the cases whose failures these tests are about, with many others.
func most() (ids []string) {
	for _, c := range suite.Catalogue() {
		if chapter, _, _ := strings.Cut(c.ID, "."); slices.Contains([]string{"headers", "keys", "receiving", "replay", "sync"}, chapter) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func textOf(t *testing.T, r report.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Text(&out, r, page.Style{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFindingsOfOneCauseAreOneBlock(t *testing.T) {
	r := made(t, defect(t, "t-like-parseint", "deploy-id-registered"), facts(), most()...)
	if len(r.Causes) != 2 || r.Causes[0].Defects[0].Mutant != "t-like-parseint" || r.Causes[1].Defects[0].Mutant != "deploy-id-registered" {
		t.Fatalf("%+v", r.Causes)
	}
	out := textOf(t, r)
	together := len(r.Causes[0].Cases)
	heading := page.Count(together, "finding") + ", one likely cause: "
	begins, ends := strings.Index(out, heading), strings.Index(out, "\n1 other finding\n")
	if begins < 0 || ends < begins {
		t.Fatalf("no block, or no heading behind it:\n%s", out)
	}
	for _, c := range r.Cases {
		if c.Verdict != engine.Fail && c.Verdict != engine.Warn {
			continue
		}
		at := strings.Index(out, strings.ToUpper(string(c.Verdict))+"  "+c.ID+"  ")
		if within := begins < at && at < ends; at < 0 || within != slices.Contains(r.Causes[0].Cases, c.ID) {
			t.Errorf("%s is at %d, the block from %d to %d", c.ID, at, begins, ends)
		}
	}
	if tail := out[ends:]; !strings.Contains(tail, "likely cause ") {
		t.Errorf("the cause of a single finding is not named:\n%s", tail)
	}
}

func TestTheWorstFindingIsShownInFull(t *testing.T) {
	out := textOf(t, made(t, defect(t, "t-like-parseint"), facts(), most()...))
	first, _, _ := strings.Cut(out[strings.Index(out, "one likely cause"):], "reproduce")
	if !strings.Contains(first, "FAIL") || strings.Contains(first, "WARN") || !strings.Contains(first, "SPEC ") {
		t.Errorf("the block begins with:\n%s", first)
	}
}

func TestAlternativesAreListed(t *testing.T) {
	r := made(t, defect(t, "serve-origin-ignored"), facts(), most()...)
	if len(r.Causes) != 1 || len(r.Causes[0].Defects) < 2 {
		t.Fatalf("%+v", r.Causes)
	}
	if out := textOf(t, r); !strings.Contains(out, "\n   or  ") {
		t.Errorf("no alternative:\n%s", out)
	}
}

// TestCausesExplainOnlyWhatFailed: with the reference there is none; in a run that
// is void none is claimed, and an excuse does not change what the cause is.
func TestCausesExplainOnlyWhatFailed(t *testing.T) {
	longtest.Skip(t)
	void := facts()
	void.SelfCheck.Misjudged = "the reference failed"
	excused := facts()
	excused.Baseline = &report.Baseline{File: "known.yaml", Entries: []engine.Excuse{{Case: "keys.both-refused", Reason: "known", Link: "https://example.com/1"}}}
	for name, test := range map[string]struct {
		r    report.Report
		want string
	}{
		"the reference":      {made(t, nil, facts(), most()...), ""},
		"a void run":         {made(t, defect(t, "endless-pairs"), void, most()...), ""},
		"an excused cause":   {made(t, defect(t, "endless-pairs"), excused, most()...), "endless-pairs"},
		"a defect, alone":    {made(t, defect(t, "endless-pairs"), facts(), most()...), "endless-pairs"},
		"a case, not judged": {made(t, defect(t, "endless-pairs"), facts(), "receiving.unsigned"), ""},
	} {
		var got []string
		for _, cause := range test.r.Causes {
			got = append(got, cause.Defects[0].Mutant)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, want %q", name, got, test.want)
		}
	}
}
