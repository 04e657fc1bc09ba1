package report

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/suite/engine"
)

// measurements sets what was measured: facts that no verdict hangs on.
func (p *page) measurements(m *engine.Measurements) {
	if m == nil {
		return
	}
	p.heading("Measured, never scored")
	if m.NotMeasured != "" {
		p.paragraph("nothing: " + m.NotMeasured)
		return
	}
	p.windows(m.Windows)
	p.bodies(*m)
	p.captured(m.Captured)
}

func (p *page) windows(windows []engine.Window) {
	const of = 38
	p.line("   ", p.paint(pad("how long a signature is good", of)+"past and future", dim))
	for _, w := range windows {
		p.columns(of, w.Of, windowText(w))
	}
}

func windowText(w engine.Window) string {
	uncertain := max(w.Past.Uncertainty, w.Future.Uncertainty)
	if w.NotMeasured != "" || !w.Interval || uncertain == 0 {
		return w.String()
	}
	return fmt.Sprintf("%s, within %d s", w, uncertain)
}

// bodies is a table: for each class, which messages a MAC may cover. A dash
// stands where a message is the same as one before it, or there is none.
func (p *page) bodies(m engine.Measurements) {
	const class = 28
	p.line()
	p.line("   ", p.paint(pad("a body, signed as", class)+pad("canonical", 11)+pad("raw", 11)+"read otherwise", dim))
	for _, b := range m.Bodies {
		p.columns(class, b.Class, pad(cell(b, engine.OverCanonical), 11)+pad(cell(b, engine.OverRaw), 11)+otherwise(b))
	}
	p.paragraph(fmt.Sprintf("%d of %d spellings of one call pass under one signature", m.Malleable.Passed, m.Malleable.Sent))
}

func cell(b engine.Body, message string) string {
	for _, c := range b.Covers {
		if c.Message == message {
			return covered(c)
		}
	}
	return "-"
}

func covered(c engine.Covered) string {
	if c.Accepted {
		return "yes"
	}
	word, _, _ := strings.Cut(c.Seen, ":") // "died: …"
	return word
}

// otherwise tells the lenient readings that were accepted, or that none was.
func otherwise(b engine.Body) string {
	var accepted []string
	tried := false
	for _, c := range b.Covers {
		if c.Message == engine.OverCanonical || c.Message == engine.OverRaw {
			continue
		}
		tried = true
		if c.Accepted {
			accepted = append(accepted, c.Message)
		}
	}
	switch {
	case !tried:
		return "-"
	case len(accepted) == 0:
		return "no"
	}
	return strings.Join(accepted, ", ")
}

func (p *page) captured(list []engine.Captured) {
	const what = 42
	p.line()
	p.line("   ", p.paint(pad("one captured signature, used as", what)+"what comes of it", dim))
	for _, c := range list {
		p.columns(what, c.What, opened(c))
	}
}

func opened(c engine.Captured) string {
	word, _, more := strings.Cut(c.Seen, ":") // "not tried: …", "died: …"
	switch {
	case c.Opens:
		return "works"
	case more:
		return word
	case c.Forged == "" || c.Forged == c.Seen:
		return c.Seen + ", like a forged one"
	}
	return c.Seen + ", a forged one " + c.Forged
}

// columns sets two texts beside each other, the second wrapped in its column.
func (p *page) columns(first int, left, right string) {
	if length(right) <= p.width()-3-first { // keeps the columns of a table
		p.line("   ", pad(clean(left), first), clean(right))
		return
	}
	for _, line := range wrap(right, p.width()-3-first) {
		p.line("   ", pad(clean(left), first), line)
		left = ""
	}
}
