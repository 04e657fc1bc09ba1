package sweep

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
)

// Text formats a sweep for a terminal: the table of verdicts, and how each case
// changes over the versions.
func Text(w io.Writer, s Sweep, style page.Style) error {
	t := text{page.New(w, style)}
	t.Line()
	t.Line(page.Text(s.Target+" "+s.Requested, page.Bold), page.Text(fmt.Sprintf("  %s, seed %d", page.Count(len(s.Cases), "case"), s.RandomSeed), page.Dim))
	if s.SelfCheck.Misjudged == "" {
		t.table(s)
		t.findings(s)
		t.unjudged(s)
	}
	t.closing(s)
	return t.Flush("the sweep")
}

// text is the state of a page that is being written.
type text struct{ *page.Page }

// findings shows cases with the same finding together, changes first.
func (t text) findings(s Sweep) {
	byFinding := map[Finding][]string{}
	var findings []Finding
	for _, c := range s.Cases {
		if byFinding[c.Finding] == nil {
			findings = append(findings, c.Finding)
		}
		byFinding[c.Finding] = append(byFinding[c.Finding], c.ID)
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind) })
	for _, f := range findings {
		t.Heading(page.Capital(f.Text))
		t.Paragraph(strings.Join(byFinding[f], ", "))
	}
}

// shownLines is how much of an installer's output is shown for one version.
const shownLines = 4

// unjudged says why versions were not judged.
func (t text) unjudged(s Sweep) {
	for _, state := range []State{NotInstalled, NotJudged, Void} {
		for i, v := range s.in(state) {
			if i == 0 {
				t.Heading(page.Capital(strings.ReplaceAll(string(state), "-", " ")))
			}
			t.Paragraph(v.Version+": "+v.Reason, page.Yellow)
			lines := strings.SplitN(v.Output, "\n", shownLines+1)
			t.Output(strings.Join(lines[:min(len(lines), shownLines)], "\n"), page.Dim)
		}
	}
}

// closing says how much was judged, what was assumed, and the conclusion.
func (t text) closing(s Sweep) {
	t.Line()
	took := (time.Duration(s.TookMS) * time.Millisecond).Round(100 * time.Millisecond)
	t.Paragraph(fmt.Sprintf("%s, %d judged, in %s", page.Count(len(s.Versions), "version"), len(s.in(Judged)), took), page.Dim)
	if s.Bisected {
		t.Paragraph("Bisected: assumes that nothing changes between two judged versions with the same verdict.", page.Dim)
	}
	if n := s.Excluded.PreReleases; n > 0 {
		t.Paragraph("Not included: "+page.Count(n, "pre-release")+" (--pre includes them).", page.Dim)
	}
	if n := s.Excluded.Unsupported; n > 0 {
		t.Paragraph("Not included: "+page.Count(n, "version")+" that the target's description does not support.", page.Dim)
	}
	t.Paragraph(s.SelfCheck.String(), page.Dim)
	t.Line()
	t.Line(page.Space(2), page.Verdict(s.Conclusion.Verdict, s.Conclusion.ExitCode))
	t.Paragraph(page.Capital(s.Conclusion.Why))
}
