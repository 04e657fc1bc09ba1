package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
)

// The verdicts of columns that no report gives.
const (
	couldNotJudge = "could not judge"
	skipped       = "skipped" // not installed, and [Options.SkipMissing]
)

// severity is the order of exit codes where several apply, the worst first.
var severity = []int{page.ExitUsage, page.ExitVoid, page.ExitViolates, page.ExitCouldNotJudge, page.ExitStaleBaseline, page.ExitConforms}

// conclude is the conclusion of the worst column. Columns that were skipped do not
// count, unless there are no others.
func (m Matrix) conclude() report.Conclusion {
	var counted []Column
	for _, c := range m.Columns {
		if c.Conclusion.Verdict != skipped {
			counted = append(counted, c)
		}
	}
	if len(counted) == 0 {
		return report.Conclusion{Verdict: couldNotJudge, ExitCode: page.ExitCouldNotJudge, Why: "no target was judged"}
	}
	worst := slices.MinFunc(counted, func(a, b Column) int { return rank(a) - rank(b) })
	return report.Conclusion{Verdict: worst.Conclusion.Verdict, ExitCode: worst.Conclusion.ExitCode, Why: m.account()}
}

func rank(c Column) int { return slices.Index(severity, c.Conclusion.ExitCode) }

// account counts the columns by verdict: "of 3 targets, 2 violates, 1 conforms".
func (m Matrix) account() string {
	sorted := slices.Clone(m.Columns)
	slices.SortStableFunc(sorted, func(a, b Column) int { return rank(a) - rank(b) })
	var words []string
	for _, c := range sorted {
		words = append(words, c.Conclusion.Verdict)
	}
	var counts []string
	for _, word := range slices.Compact(slices.Clone(words)) {
		n := 0
		for _, w := range words {
			if w == word {
				n++
			}
		}
		if entry := fmt.Sprintf("%s: %d", word, n); !slices.Contains(counts, entry) {
			counts = append(counts, entry)
		}
	}
	return page.Count(len(m.Columns), "target") + "; " + strings.Join(counts, ", ")
}
