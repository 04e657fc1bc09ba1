package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Judged is a conclusion about the matrix itself, whatever the verdicts: 0 if every
// target was judged and no case is inconclusive, 4 if a target is void, 3 otherwise.
// Targets that were skipped do not count, unless there are no others.
func (m Matrix) Judged() report.Conclusion {
	all := m.conclude()
	if all.ExitCode == page.ExitVoid {
		return report.Conclusion{Verdict: all.Verdict, ExitCode: all.ExitCode, Why: "void: " + strings.Join(m.titles(page.ExitVoid), ", ")}
	}
	var open []string
	for _, c := range m.Columns {
		if text := c.open(); text != "" {
			open = append(open, c.title()+" ("+text+")")
		}
	}
	switch {
	case len(open) > 0:
		return report.Conclusion{Verdict: couldNotJudge, ExitCode: page.ExitCouldNotJudge, Why: strings.Join(open, "; ")}
	case !slices.ContainsFunc(m.Columns, func(c Column) bool { return len(c.Results) > 0 }):
		return all
	}
	return report.Conclusion{Verdict: "judged", ExitCode: page.ExitConforms, Why: "every case of every target has a verdict; " + m.account()}
}

// titles name the columns with an exit code.
func (m Matrix) titles(exitCode int) (titles []string) {
	for _, c := range m.Columns {
		if c.Conclusion.ExitCode == exitCode {
			titles = append(titles, c.title())
		}
	}
	return titles
}

// open says what has no verdict.
func (c Column) open() string {
	if len(c.Results) == 0 && c.Conclusion.Verdict != skipped {
		return "not judged: " + c.Conclusion.Why
	}
	var ids []string
	for _, r := range c.Results {
		if r.Verdict == engine.Inconclusive || r.Verdict == engine.Error {
			ids = append(ids, r.Case)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return fmt.Sprintf("%s without a verdict: %s", page.Count(len(ids), "case"), strings.Join(ids, ", "))
}
