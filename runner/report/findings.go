package report

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// findings are the cases of a verdict, the requirement before the diagnosis.
func (p *page) findings(r Report, verdict engine.Verdict, word, colour string) {
	for _, c := range r.Cases {
		if c.Verdict != verdict {
			continue
		}
		p.line()
		p.line(p.paint(word, bold, colour), "  ", p.paint(c.ID, bold), p.paint(fmt.Sprintf("  %s, %s", c.Level, c.Risk), dim))
		p.finding(c)
	}
}

func (p *page) finding(c Case) {
	p.labelled("owed", sentence(c.Title))
	p.labelled("", c.Clause+": "+c.ClauseText, dim)
	p.labelled("", c.Seed+": "+suite.Seed[c.Seed], dim)
	p.labelled("sent", c.Sent+", to a target with "+c.Setup)
	p.labelled("expected", c.Expected)
	p.labelled("seen", c.Seen, bold)
	p.labelled("note", c.Note)
	if c.Verdict == Surprising {
		p.labelled("excused", c.Excuse.Reason+" ("+c.Excuse.Link+")")
		p.labelled("so", "take "+c.ID+" out of the baseline: it holds")
	} else {
		p.labelled("why", c.Risk.Why())
	}
	p.line("   ", p.paint(pad("again", 10), dim), p.paint(clean(c.Reproduce), cyan)) // in one line, to be copied
}

func (p *page) stale(r Report) {
	if r.Baseline == nil {
		return
	}
	for _, id := range r.Baseline.Stale {
		p.line()
		p.line(p.paint("STALE", bold, yellow), "  ", p.paint(clean(id), bold))
		p.labelled("note", fmt.Sprintf("%s excuses a case that does not exist", r.Baseline.File))
	}
}

// unsettled are the cases that came to no verdict, those with one cause together.
func (p *page) unsettled(r Report) {
	for _, verdict := range []engine.Verdict{engine.Inconclusive, engine.Error} {
		for _, group := range groups(r, verdict, func(c Case) string { return anyPort.ReplaceAllString(c.Note, "$1") }) {
			p.line()
			p.line(p.paint(strings.ToUpper(string(verdict)), bold, yellow), "  ", p.paint(some(len(group.ids), "case"), bold))
			p.labelled("cause", group.first.Note)
			p.labelled("cases", few(group.ids))
			p.line("   ", p.paint(pad("again", 10), dim), p.paint(clean(group.first.Reproduce), cyan))
		}
	}
}

// anyPort is a port of this machine: causes that differ in it alone are one.
var anyPort = regexp.MustCompile(`(127\.0\.0\.1):\d+`)

// few names the first of many cases; the report has them all.
func few(ids []string) string {
	const shown = 8
	if len(ids) <= shown {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:shown], ", "), len(ids)-shown)
}

func (p *page) excused(r Report) {
	if r.Summary[Excused] == 0 {
		return
	}
	p.heading("Known violations, excused by " + clean(r.Baseline.File))
	for _, c := range r.Cases {
		if c.Verdict == Excused {
			p.paragraph(c.ID + ": " + c.Excuse.Reason + " (" + c.Excuse.Link + ")")
		}
	}
}

// sentence gives a title its capital and its full stop.
func sentence(title string) string {
	if title == "" {
		return ""
	}
	return strings.ToUpper(title[:1]) + title[1:] + "."
}
