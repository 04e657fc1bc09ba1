package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/longtest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestText(t *testing.T) {
	broken := facts()
	broken.Baseline = &report.Baseline{File: "known.yaml", Entries: []engine.Excuse{
		{Case: "receiving.expired", Reason: "fixed in 1.3", Link: "https://example.com/1"},
		{Case: "receiving.unsigned", Reason: "fixed in 1.2", Link: "https://example.com/2"},
	}}
	void := facts()
	void.SelfCheck.Misjudged = "the mutant one fails receiving.unsigned, but the verdict is pass"
	core := append([]string{"receiving.signed", "headers.s-before-t", "headers.extra-parameter", "receiving.refusal-names-sdk"}, suite.Core...)
	for name, r := range map[string]report.Report{
		"conforms":    made(t, nil, facts(), core...),
		"violates":    made(t, lenient, broken, core...),
		"void":        made(t, nil, void, core...),
		"no-run":      made(t, func(e *reference.Endpoint) { e.AppID = "mine" }, facts(), core...),
		"by-probe":    byProbe(t),
		"not-started": notStarted(made(t, nil, facts(), core...)),
	} {
		for _, verbose := range []bool{true, false} {
			suffix := map[bool]string{true: ".verbose.txt", false: ".txt"}[verbose]
			t.Run(name+suffix, func(t *testing.T) {
				var out bytes.Buffer
				if err := report.Summary(verbose)(&out, r, page.Style{}); err != nil {
					t.Fatal(err)
				}
				golden(t, name+suffix, out.String())
				for line := range strings.Lines(out.String()) {
					if len([]rune(line)) > 81 && !strings.Contains(line, "reproduce") {
						t.Errorf("wider than 80 columns: %q", line)
					}
				}
			})
		}
	}
}

// notStarted gives every case the verdict of a target that did not start.
func notStarted(r report.Report) report.Report {
	r.Summary = map[engine.Verdict]int{engine.Error: len(r.Cases)}
	r.Judged, r.Conclusion = 0, report.Conclusion{Verdict: "could not judge", ExitCode: page.ExitCouldNotJudge, Why: "no case was judged"}
	for i := range r.Cases {
		r.Cases[i].Verdict, r.Cases[i].Behaviour = engine.Error, ""
		r.Cases[i].Note = fmt.Sprintf("it exited before it responded at http://127.0.0.1:%d/\nno such module", 40000+i)
	}
	return r
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; `go test ./runner/report -update` rewrites it:\n%s", name, got)
	}
}

func TestColourIsOnlyWhereItIsWanted(t *testing.T) {
	r := made(t, nil, facts(), suite.Core...)
	for _, wanted := range []bool{false, true} {
		var out bytes.Buffer
		if err := report.Text(&out, r, page.Style{Colour: wanted}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "\x1b["); got != wanted {
			t.Errorf("colour wanted: %v, escape sequences: %v", wanted, got)
		}
	}
}

func TestATargetCannotSteerTheTerminal(t *testing.T) {
	r := made(t, nil, facts(), suite.Core...)
	r.Cases[0].Verdict, r.Cases[0].Observed = engine.Fail, "responded \x1b[2J\x07\r200"
	var out bytes.Buffer
	if err := report.Text(&out, r, page.Style{}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\x07\r") {
		t.Errorf("control characters reach the terminal: %q", out.String())
	}
}

// TestBriefPagesStaySmall: also those of a target that fails nearly everything. Every
// violation is counted on the first screen.
func TestBriefPagesStaySmall(t *testing.T) {
	longtest.Skip(t)
	for name, test := range map[string]struct {
		r    report.Report
		most int
	}{
		"one cause":   {made(t, defect(t, "t-like-parseint"), facts(), most()...), 60},
		"four causes": {made(t, defect(t, "t-like-parseint", "prefix-is-a-key", "drops-prototype", "worker-drops-bearer"), facts(), append(most(), "calls.names", "connect.no-second-key")...), 60},
		"everything":  {made(t, lenient, facts(), "*"), 80},
	} {
		var out bytes.Buffer
		if err := report.Brief(&out, test.r, page.Style{}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(out.String(), "\n")
		if len(lines) > test.most {
			t.Errorf("%s: %d lines", name, len(lines))
		}
		first := strings.Join(lines[:min(24, len(lines))], "\n")
		for _, word := range []string{"VIOLATES", fmt.Sprint(test.r.Summary[engine.Fail], " fail"), "\n   fail  "} {
			if !strings.Contains(first, word) {
				t.Errorf("%s: %q is not on the first screen:\n%s", name, word, first)
			}
		}
	}
}

// TestWiderTerminalsAreUsed: and no line is so long that it is hard to read.
func TestWiderTerminalsAreUsed(t *testing.T) {
	r := made(t, lenient, facts(), suite.Core...)
	count := func(width int) (lines, longest int) {
		var out bytes.Buffer
		if err := report.Brief(&out, r, page.Style{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if lines++; !strings.Contains(line, "reproduce") {
				longest = max(longest, len([]rune(line))-1)
			}
		}
		return lines, longest
	}
	narrow, _ := count(80)
	wide, longest := count(200)
	if wide >= narrow || longest > 120 {
		t.Errorf("%d lines at 80 columns, %d at 200, the longest has %d", narrow, wide, longest)
	}
}
