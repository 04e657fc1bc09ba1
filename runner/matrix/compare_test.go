package matrix

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
)

// shown is the report of a target in which one case has a verdict and an exchange.
func shown(name string, verdict engine.Verdict, status int) report.Report {
	e := report.Exchange{Part: "the request", Runs: 1, Request: report.Request{Method: "POST", Target: "/api", Header: report.Header{{"X-Long", strings.Repeat("x", 300)}}}}
	e.Request.Body = strings.Repeat("body ", 300)
	if status > 0 {
		e.Response = &report.Response{Status: status}
		e.APIRequests = []report.APIRequest{{Method: "GET", Path: "/v0/runs/\x1b[31m", Status: 200}}
	} else {
		e.NoResponse = "the connection was closed"
	}
	return report.Report{
		Target: report.Target{Name: name, Version: "1.0.0", Kind: report.Launched},
		Cases:  []report.Case{{ID: "a.case", Verdict: verdict, Observed: "nothing ran", Note: "a note", Exchanges: []report.Exchange{e}}},
	}
}

func compared(t *testing.T, width int, reports ...report.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := (Comparison{"a.case", reports}).Text(&out, page.Style{Width: width}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
			t.Errorf("%d columns in a width of %d: %s", n, width, line)
		}
	}
	return out.String()
}

// oneLine reports whether a line has both words.
func oneLine(text, left, right string) bool {
	for line := range strings.Lines(text) {
		if before, after, found := strings.Cut(line, left); found && !strings.Contains(before, right) && strings.Contains(after, right) {
			return true
		}
	}
	return false
}

func TestExchangesAreSetBesideEachOther(t *testing.T) {
	got := compared(t, 100, shown("one", engine.Pass, 401), shown("two", engine.Fail, 200))
	for left, right := range map[string]string{"one 1.0.0": "two 1.0.0", "PASS": "FAIL", "the request": "the request", "< status 401": "< status 200", "> POST": "> POST"} {
		if !oneLine(got, left, right) {
			t.Errorf("%s is not beside %s:\n%s", left, right, got)
		}
	}
	want(t, got, "note: a note", "xxx…", "function runs: 1", "GET /v0/runs/\uFFFD[31m")
	if strings.Count(got, "> body") > 2*bodyLines {
		t.Errorf("the whole body is shown:\n%s", got)
	}
}

func TestExchangesAreSetBelowEachOtherWhereThereIsNoRoom(t *testing.T) {
	got := compared(t, 60, shown("one", engine.Pass, 401), shown("two", engine.Inconclusive, 0))
	if oneLine(got, "one 1.0.0", "two 1.0.0") {
		t.Errorf("they are beside each other:\n%s", got)
	}
	want(t, got, "no response: the connection was closed")
}

func TestExitCodesOfComparisons(t *testing.T) {
	void := shown("void", engine.Fail, 200)
	void.Void, void.VoidReason = true, "nobody runs"
	for code, reports := range map[int][]report.Report{
		page.ExitConforms:      {shown("a", engine.Pass, 200), shown("b", engine.Observed, 200), shown("c", engine.Warn, 200)},
		page.ExitViolates:      {shown("a", engine.Pass, 200), shown("b", engine.Fail, 200), shown("c", engine.Blocked, 200)},
		page.ExitCouldNotJudge: {shown("a", engine.Pass, 200), shown("b", engine.Inconclusive, 200)},
		page.ExitVoid:          {shown("a", engine.Fail, 200), void},
	} {
		if got := (Comparison{"a.case", reports}).ExitCode(); got != code {
			t.Errorf("exit code %d, want %d", got, code)
		}
	}
	if got := (Comparison{"another.case", []report.Report{shown("a", engine.Pass, 200)}}).ExitCode(); got != page.ExitCouldNotJudge {
		t.Errorf("a case that was not run: exit code %d", got)
	}
}
