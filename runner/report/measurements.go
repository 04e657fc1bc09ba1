package report

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
)

// measurements writes facts that no verdict depends on.
func (t text) measurements(m *engine.Measurements) {
	if m == nil {
		return
	}
	t.Heading("Measurements (not scored)")
	if m.NotMeasured != "" {
		t.Paragraph("none: " + m.NotMeasured)
		return
	}
	t.windows(m.Windows)
	t.bodies(*m)
	t.captured(m.Captured)
}

// tableHead writes the headings of a table.
func (t text) tableHead(first int, left, right string) {
	t.Line(page.Space(3), page.Text(page.Pad(left, first)+right, page.Dim))
}

func (t text) windows(windows []engine.Window) {
	const of = 38
	t.tableHead(of, "how long a signature is accepted", "past and future")
	for _, w := range windows {
		t.Beside(of, w.Of, windowText(w))
	}
}

func windowText(w engine.Window) string {
	uncertain := max(w.Past.Uncertainty, w.Future.Uncertainty)
	if w.NotMeasured != "" || !w.Interval || uncertain == 0 {
		return w.String()
	}
	return fmt.Sprintf("%s, within %d s", w, uncertain)
}

// bodies is a table: for each class of bodies, over which messages a valid MAC may
// be made. A dash means that a message is the same as one before it, or that there
// is none.
func (t text) bodies(m engine.Measurements) {
	const class = 28
	t.Line()
	t.tableHead(class, "body, MAC made over its", page.Pad("canonical", 11)+page.Pad("raw bytes", 11)+"interpretations")
	for _, b := range m.Bodies {
		t.Beside(class, b.Class, page.Pad(cell(b, engine.OverCanonical), 11)+page.Pad(cell(b, engine.OverRaw), 11)+lenient(b))
	}
	t.Paragraph(malleable(m))
}

func malleable(m engine.Measurements) string {
	return fmt.Sprintf("%d of %d encodings of one call are accepted with one signature", m.Malleable.Passed, m.Malleable.Sent)
}

func cell(b engine.BodyClass, message string) string {
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
	word, _, _ := strings.Cut(c.Observed, ":") // "died: …"
	return word
}

// lenient names the interpretations of a lenient parser that were accepted.
func lenient(b engine.BodyClass) string {
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

func (t text) captured(list []engine.Captured) {
	const what = 50
	t.Line()
	t.tableHead(what, "one captured signature, reused for", "result")
	for _, c := range list {
		t.Beside(what, c.What, reused(c))
	}
}

func reused(c engine.Captured) string {
	word, _, more := strings.Cut(c.Observed, ":") // "not tried: …", "died: …"
	switch {
	case c.Works:
		return "works"
	case more:
		return word
	case c.Forged == "" || c.Forged == c.Observed:
		return c.Observed + ", same as a forged one"
	}
	return c.Observed + ", a forged one " + c.Forged
}
