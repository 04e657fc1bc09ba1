package matrix

import (
	"io"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
)

// writeHTML writes a matrix as a page for a browser: the table of verdicts first, then
// the targets, and why some were not judged.
func writeHTML(w io.Writer, m Matrix, rows Rows) error {
	of := "Verdicts by chapter"
	if rows == Cases {
		of = "Verdicts by case"
	}
	targets := report.HTMLTable{Head: summaryHead}
	var open []string
	for _, c := range m.Columns {
		var line []report.HTMLCell
		for _, word := range c.summary() {
			line = append(line, report.HTMLCell{Text: word})
		}
		line[len(line)-1].Verdict = map[int]string{page.ExitConforms: "pass", page.ExitViolates: "fail"}[c.Conclusion.ExitCode]
		targets.Rows = append(targets.Rows, line)
		if len(c.Results) == 0 {
			open = append(open, c.title()+", "+c.Conclusion.Verdict+": "+c.Conclusion.Why)
		}
	}
	return report.HTMLPage{
		Title: page.Count(len(m.Columns), "target"), Conclusion: m.Conclusion,
		Intro: []string{m.scope() + " by " + m.Plan.Tool.Name + " " + m.Plan.Tool.Version},
		Parts: append([]report.HTMLPart{{Heading: of, Table: m.verdicts(rows)}, {Heading: "Targets", Table: &targets}}, notJudgedPart(open)...),
	}.Write(w)
}

// notJudgedPart says why targets were not judged; nothing, if all were.
func notJudgedPart(why []string) []report.HTMLPart {
	if len(why) == 0 {
		return nil
	}
	return []report.HTMLPart{{Heading: "Not judged", Lines: why}}
}

// verdicts is the table of verdicts.
func (m Matrix) verdicts(rows Rows) *report.HTMLTable {
	table := &report.HTMLTable{Head: []string{"chapter"}}
	if rows == Cases {
		table.Head[0] = "case"
	}
	for _, c := range m.Columns {
		table.Head = append(table.Head, c.title())
	}
	classes := map[page.Code]string{page.Green: "pass", page.Red: "fail", page.Yellow: "warn"}
	for _, r := range m.rows(rows) {
		line := []report.HTMLCell{{Text: r.title}}
		for _, c := range r.cells {
			line = append(line, report.HTMLCell{Text: c.text, Verdict: classes[c.colour]})
		}
		table.Rows = append(table.Rows, line)
	}
	return table
}
