package sweep

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/runner/report"
)

// Text sets a sweep for a terminal: the table, and from which version on each
// case holds.
func Text(w io.Writer, s Sweep, style report.Style) error {
	p := &page{out: bufio.NewWriter(w), style: style}
	p.line()
	p.line(p.paint(clean(s.Target+" "+s.Asked), bold), p.paint(fmt.Sprintf("  %s, seed %d", some(len(s.Cases), "case"), s.RandomSeed), dim))
	if s.SelfCheck.Misjudged == "" {
		p.table(s)
		p.findings(s)
		p.troubles(s)
	}
	p.close(s)
	if err := p.out.Flush(); err != nil {
		return fmt.Errorf("writing the sweep: %w", err)
	}
	return nil
}

// findings tells cases with one finding together, what changes first.
func (p *page) findings(s Sweep) {
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
		p.heading(f.Text)
		p.paragraph(strings.Join(byFinding[f], ", "))
	}
}

// shownLines is how much of an installer's output is shown for one version.
const shownLines = 4

// troubles says why versions were not judged.
func (p *page) troubles(s Sweep) {
	for _, state := range []State{NotInstalled, NotJudged, Void} {
		for i, v := range s.in(state) {
			if i == 0 {
				p.heading(strings.ReplaceAll(string(state), "-", " "))
			}
			p.paragraph(v.Version+": "+v.Reason, yellow)
			for _, line := range firstLines(v.Output) {
				p.line(strings.Repeat(" ", margin), p.paint("| "+clean(strings.TrimSpace(line)), dim))
			}
		}
	}
}

func firstLines(output string) []string {
	if output == "" {
		return nil
	}
	lines := strings.Split(output, "\n")
	return lines[:min(len(lines), shownLines)]
}

// close says how much was judged, what was assumed and what it came to.
func (p *page) close(s Sweep) {
	p.line()
	took := (time.Duration(s.TookMS) * time.Millisecond).Round(100 * time.Millisecond)
	p.paragraph(fmt.Sprintf("%s, %d judged, in %s", some(len(s.Versions), "version"), len(s.in(Judged)), took), dim)
	if s.Bisected {
		p.paragraph("Bisected. Assumed: between two judged versions with the same verdict nothing changes.", dim)
	}
	if n := s.LeftOut.PreReleases; n > 0 {
		p.paragraph("Left out: "+some(n, "pre-release")+"; --pre takes them in.", dim)
	}
	if n := s.LeftOut.Unsupported; n > 0 {
		p.paragraph("Left out: "+some(n, "version")+" that the target's description does not support.", dim)
	}
	p.line()
	colour := map[int]string{report.ExitConforms: green, report.ExitVoid: red}[s.Conclusion.ExitCode]
	if colour == "" {
		colour = yellow
	}
	p.line(" ", p.paint(" "+strings.ToUpper(s.Conclusion.Verdict)+" ", bold, "7", colour))
	p.paragraph(s.Conclusion.Why)
}

func some(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
