package rotate

import (
	"bytes"
	"fmt"
	"io"

	"github.com/countersign-dev/countersign/runner/report"
)

// writeHTML writes a result as a page for a browser: the timeline as a picture, what
// must be 0, the stages, and the violations.
func writeHTML(w io.Writer, r Rotation) error {
	var picture bytes.Buffer
	if err := drawSVG(&picture, r); err != nil {
		return err
	}
	parts := []report.HTMLPart{
		{Heading: "Timeline", Picture: picture.Bytes(), Alt: "The stages from left to right, with a mark for every request: accepted, refused, or a violation. The tables below say the same."},
		{Heading: "What must be 0", Table: r.htmlTotals()},
		{Heading: "Stages", Table: r.htmlStages()},
	}
	if lines := r.htmlViolations(); len(lines) > 0 {
		parts = append(parts, report.HTMLPart{Heading: "Violations", Lines: lines})
	}
	var found []string
	for _, f := range r.Findings {
		found = append(found, f.Case+": "+f.Text)
	}
	if len(found) > 0 {
		parts = append(parts, report.HTMLPart{Heading: "Also found", Lines: found})
	}
	return report.HTMLPage{
		Title: r.title() + ": rotation of the signing key", Conclusion: r.Conclusion,
		Intro: []string{fmt.Sprintf("%d requests, seed %d, %s", len(r.Requests), r.RandomSeed, closing(r)), "Reproduce: " + r.Reproduce}, Parts: parts,
	}.Write(w)
}

func (r Rotation) htmlTotals() *report.HTMLTable {
	table := &report.HTMLTable{Head: []string{"what", "number", "of"}}
	sum := r.Totals
	for _, line := range []struct {
		what  string
		n, of int
		bad   string
	}{
		{"authentic requests refused", sum.AuthenticRefused, sum.Authentic, "fail"},
		{"forged requests accepted", sum.ForgedAccepted, sum.Forged, "fail"},
		{"API requests finally refused", sum.APIRefused, sum.API, "fail"},
		{"requests with the old key accepted", sum.OldKeyAccepted, sum.OldKey, "fail"},
		{"expired requests accepted, which is no violation of the rotation", sum.ExpiredAccepted, sum.Expired, "warn"},
	} {
		verdict := "pass"
		if line.n > 0 {
			verdict = line.bad
		}
		table.Rows = append(table.Rows, []report.HTMLCell{{Text: line.what}, {Text: fmt.Sprint(line.n), Verdict: verdict}, {Text: fmt.Sprint(line.of)}})
	}
	return table
}

func (r Rotation) htmlStages() *report.HTMLTable {
	table := &report.HTMLTable{Head: []string{"stage", "target holds", "server", "authentic accepted", "forged refused", "API accepted"}}
	for _, s := range r.Stages {
		var line []report.HTMLCell
		for _, word := range s.summary() {
			line = append(line, report.HTMLCell{Text: word})
		}
		table.Rows = append(table.Rows, line)
	}
	return table
}

func (r Rotation) htmlViolations() (lines []string) {
	for _, q := range r.Requests {
		if q.Violation != "" {
			lines = append(lines, fmt.Sprintf("stage %d, %d ms: %s: %s", q.Stage, q.AtMS, q.what(), q.Violation))
		}
	}
	return lines
}
