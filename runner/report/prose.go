package report

import (
	"bufio"
	"fmt"
	"io"
)

// Entry is a labelled paragraph; one without a text is left out.
type Entry struct {
	Label, Text string
	Whole       bool // in one line, to be copied
}

// Prose sets a heading and labelled paragraphs: the first entry is the heading.
func Prose(w io.Writer, style Style, entries []Entry) error {
	page := &page{out: bufio.NewWriter(w), Style: style}
	for i, e := range entries {
		switch {
		case e.Text == "":
		case i == 0:
			page.line()
			page.line(page.paint(e.Label, bold))
			page.paragraph(e.Text)
			page.line()
		case e.Whole:
			page.line("   ", page.paint(pad(e.Label, 10), dim), page.paint(clean(e.Text), cyan))
		default:
			page.labelled(e.Label, e.Text)
		}
	}
	if err := page.out.Flush(); err != nil {
		return fmt.Errorf("writing prose: %w", err)
	}
	return nil
}
