package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// tapFinding is what follows a test point that is not ok.
type tapFinding struct {
	Verdict     string `yaml:"verdict"`
	Requirement string `yaml:"requirement"`
	Clause      string `yaml:"clause"`
	Level       string `yaml:"level"`
	Risk        string `yaml:"risk"`
	Sent        string `yaml:"sent"`
	Expected    string `yaml:"expected"`
	Observed    string `yaml:"observed"`
	Note        string `yaml:"note,omitempty"`
	Reproduce   string `yaml:"reproduce"`
}

// TAP writes a report in the Test Anything Protocol, version 14: a test point for
// each case, and at the end one for the conclusion, which is ok only for exit code
// 0. A SHOULD that is not met, and an excused violation, get the protocol's directive
// "TODO": a failure that does not count. A void run bails out.
func TAP(w io.Writer, r Report) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("TAP version 14\n") // Flush gives the error
	if r.Void {
		fmt.Fprintf(out, "Bail out! void: %s\n", tapText(r.VoidReason))
		return flushTAP(out)
	}
	fmt.Fprintf(out, "1..%d\n", len(r.Cases)+1)
	for i, c := range r.Cases {
		ok, directive := tapResult(c)
		fmt.Fprintf(out, "%s %d - %s: %s%s\n", ok, i+1, c.ID, tapText(c.Title), directive)
		if ok == "not ok" {
			details, err := yaml.Marshal(tapFinding{
				string(c.Verdict), c.Title, c.Clause, string(c.Level), string(c.Risk), c.Sent, c.Expected, page.Clean(c.Observed), page.Clean(c.Note), c.Reproduce,
			})
			if err != nil {
				return fmt.Errorf("writing the report as TAP: %w", err)
			}
			fmt.Fprintf(out, "  ---\n  %s\n  ...\n", strings.ReplaceAll(strings.TrimRight(string(details), "\n"), "\n", "\n  "))
		}
	}
	ok := "ok"
	if r.Conclusion.ExitCode != page.ExitConforms {
		ok = "not ok"
	}
	fmt.Fprintf(out, "%s %d - conclusion: %s: %s\n", ok, len(r.Cases)+1, r.Conclusion.Verdict, tapText(r.Conclusion.Why))
	return flushTAP(out)
}

func flushTAP(out *bufio.Writer) error {
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the report as TAP: %w", err)
	}
	return nil
}

func tapResult(c Case) (ok, directive string) {
	switch c.Verdict {
	case engine.Fail, engine.Error, engine.Surprising:
		return "not ok", ""
	case engine.Inconclusive:
		if c.Level == suite.Must {
			return "not ok", ""
		}
		return "ok", " # SKIP " + tapText(c.short())
	case engine.Warn:
		return "not ok", " # TODO a SHOULD is not met"
	case engine.Excused:
		return "not ok", " # TODO " + tapText(c.short())
	case engine.Blocked, engine.NotApplicable:
		return "ok", " # SKIP " + tapText(c.short())
	}
	return "ok", ""
}

// tapText is a text that stays in one line and begins no directive.
func tapText(text string) string {
	text = page.CleanLine(strings.ReplaceAll(text, "\n", " "))
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(text)
}
