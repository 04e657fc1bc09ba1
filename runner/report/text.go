package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Text sets a report for a terminal: what was judged and what it came to, then
// for every violation what is owed, before what was seen.
func Text(w io.Writer, r Report, style Style) error {
	page := &page{out: bufio.NewWriter(w), Style: style}
	page.headline(r)
	if r.Void {
		page.void(r)
	} else {
		page.findings(r, engine.Fail, "FAIL", red)
		page.findings(r, engine.Warn, "WARN", yellow)
		page.findings(r, Surprising, "SURPRISING", cyan)
		page.stale(r)
		page.unsettled(r)
		page.excused(r)
		page.readings(r)
		page.measurements(r.Measurements)
		page.inapplicable(r)
	}
	page.counts(r)
	if err := page.out.Flush(); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

// page is a text while it is set. Its writer keeps the first error for Flush.
type page struct {
	out *bufio.Writer
	Style
}

func (p *page) line(parts ...string) {
	_, _ = p.out.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n")
}

// labelled sets a text behind a label, its further lines below the first.
func (p *page) labelled(label, text string, codes ...string) {
	const indent, column = 3, 10
	if text == "" {
		return
	}
	for i, line := range wrap(text, p.width()-indent-column) {
		if i > 0 {
			label = ""
		}
		p.line(strings.Repeat(" ", indent), p.paint(pad(label, column), dim), p.paint(line, codes...))
	}
}

// paragraph sets a text across the page, indented.
func (p *page) paragraph(text string, codes ...string) {
	for _, line := range wrap(text, p.width()-3) {
		p.line("   ", p.paint(line, codes...))
	}
}

func (p *page) heading(text string) {
	p.line()
	p.line(p.paint(text, bold))
}

func (p *page) headline(r Report) {
	p.line()
	p.line(p.paint(clean(r.Target.title()), bold), p.paint(fmt.Sprintf("  %s tier, seed %d", r.Tier, r.RandomSeed), dim))
	p.line()
	p.verdict(r)
}

// title names the target as a person would.
func (t Target) title() string {
	switch {
	case t.Kind == Attached && t.SDK != "":
		return t.URL + ", which calls itself " + t.SDK
	case t.Kind == Attached:
		return t.URL
	case t.Kind == Embedded:
		return "the embedded reference " + t.Version
	}
	return strings.TrimSpace(t.Name + " " + t.Version)
}

var colours = map[int]string{ExitConforms: green, ExitViolates: red, ExitVoid: red, ExitCouldNotJudge: yellow, ExitStaleBaseline: yellow}

// verdict is the one line that must not be missed.
func (p *page) verdict(r Report) {
	word := strings.ToUpper(r.Conclusion.Verdict)
	scope := fmt.Sprintf("  judged %d of %d, passed %d", r.Judged, r.Total, r.Summary[engine.Pass])
	if r.Void {
		scope = ""
	}
	p.line(" ", p.paint(" "+word+" ", bold, "7", colours[r.Conclusion.ExitCode]), scope)
	p.paragraph(r.Conclusion.Why)
}

// void shows what an authentic request got, and says what to do.
func (p *page) void(r Report) {
	remedy := "Look at the target's key, mode and path first."
	if r.SelfCheck.Misjudged != "" {
		remedy = "This is a fault of Countersign, not of the target; please report it with the seed."
	}
	for _, c := range r.Cases {
		if c.ID == "receiving.signed" || c.Verdict == engine.Fail && c.Risk == suite.Lockout {
			p.line()
			p.labelled("sent", "an authentic request ("+c.ID+")")
			p.labelled("seen", c.Seen)
			break
		}
	}
	p.line()
	p.paragraph("No verdict of this run counts. " + remedy)
}

// counts closes the page, so that the verdict is in sight where the eye is.
func (p *page) counts(r Report) {
	var words []string
	for _, verdict := range verdicts() {
		if n := r.Summary[verdict]; n > 0 && !r.Void {
			words = append(words, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	took := (time.Duration(r.TookMS) * time.Millisecond).Round(10 * time.Millisecond)
	words = append(words, fmt.Sprintf("%s in %s", some(r.Setups, "set-up"), took))
	p.line()
	p.paragraph(strings.Join(words, " · "), dim)
	p.paragraph(selfCheckLine(r.SelfCheck), dim)
	p.line()
	p.line(" ", p.paint(" "+strings.ToUpper(r.Conclusion.Verdict)+" ", bold, "7", colours[r.Conclusion.ExitCode]))
}

func selfCheckLine(check SelfCheck) string {
	if check.Misjudged != "" {
		return "self-check: failed"
	}
	var names []string
	for _, m := range check.Mutants {
		names = append(names, m.Name)
	}
	return "self-check: the reference holds, and " + strings.Join(names, " and ") + " are caught"
}
