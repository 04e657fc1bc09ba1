// Package page is how Countersign talks to people: it formats text for a terminal,
// describes errors as one sentence and a hint, and writes files whole or not at
// all. Reports, rotations and sweeps share it.
//
// Text that comes from outside (a target's responses, the output of processes,
// the names of files) may contain characters that control a terminal. A [Page] cleans
// every text that it writes; [Clean] and [CleanLine] do it for other packages.
package page

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Style is how text is formatted.
type Style struct {
	Colour bool
	Width  int // columns of the terminal; 0 where they are not known
}

// The widths of a page.
const (
	Usual     = 80 // columns, where the terminal's are not known
	narrowest = 40
	widest    = 120 // columns of a page; longer lines are hard to read
)

// Within is the width of a page that makes use of at most so many columns.
func (s Style) Within(most int) int {
	if s.Width == 0 {
		return min(Usual, most)
	}
	return max(narrowest, min(s.Width, most))
}

// Code is a text attribute, such as a colour (ECMA-48, SGR).
type Code string

// The codes.
const (
	Bold    Code = "1"
	Dim     Code = "2"
	Inverse Code = "7"
	Red     Code = "31"
	Green   Code = "32"
	Yellow  Code = "33"
	Cyan    Code = "36"
)

// Span is a piece of a line.
type Span struct {
	text  string
	codes []Code
}

// Text is a piece of text, painted where the page has colours. It is cleaned.
func Text(text string, codes ...Code) Span { return Span{CleanLine(text), codes} }

// Columns is how many columns a span takes.
func (s Span) Columns() int { return Columns(s.text) }

// Space is a number of spaces.
func Space(columns int) Span { return Text(strings.Repeat(" ", columns)) }

// Verdict highlights a word in the colour of an exit code.
func Verdict(word string, exitCode int) Span {
	colour := Yellow
	switch exitCode {
	case ExitConforms:
		colour = Green
	case ExitViolates, ExitVoid:
		colour = Red
	}
	return Text(" "+strings.ToUpper(word)+" ", Bold, Inverse, colour)
}

// Page is a text that is being written. The first error of its writer is kept for
// [Page.Flush].
type Page struct {
	Style
	out *bufio.Writer
}

// New begins a page.
func New(w io.Writer, style Style) *Page { return &Page{style, bufio.NewWriter(w)} }

// Flush writes what is left of the page; what names it in an error.
func (p *Page) Flush(what string) error {
	if err := p.out.Flush(); err != nil {
		return fmt.Errorf("writing %s: %w", what, err)
	}
	return nil
}

// margin is how far paragraphs are indented.
const margin = 3

// Width is the width of paragraphs and labelled texts.
func (p *Page) Width() int { return p.Within(widest) }

// Line writes one line. Without spans it is empty.
func (p *Page) Line(spans ...Span) {
	spans = slices.Clone(spans)
	for last := len(spans) - 1; last >= 0; last-- { // no spaces at the end of a line, unless they are visible
		if p.Colour && slices.Contains(spans[last].codes, Inverse) {
			break
		}
		if spans[last].text = strings.TrimRight(spans[last].text, " "); spans[last].text != "" {
			break
		}
	}
	for _, s := range spans {
		_, _ = p.out.WriteString(p.paint(s)) // Flush gives the error
	}
	_ = p.out.WriteByte('\n')
}

func (p *Page) paint(s Span) string {
	if !p.Colour || s.text == "" || len(s.codes) == 0 {
		return s.text
	}
	var codes []string
	for _, code := range s.codes {
		codes = append(codes, string(code))
	}
	return "\x1b[" + strings.Join(codes, ";") + "m" + s.text + "\x1b[0m"
}

// Heading writes a heading after an empty line.
func (p *Page) Heading(text string) {
	p.Line()
	for _, line := range Wrap(text, p.Width()) {
		p.Line(Text(line, Bold))
	}
}

// Paragraph writes a text across the page, indented.
func (p *Page) Paragraph(text string, codes ...Code) {
	for _, line := range Wrap(text, p.Width()-margin) {
		p.Line(Space(margin), Text(line, codes...))
	}
}

// labels is the width of the column of labels.
const labels = 13

// Labelled writes a text behind a label, its further lines below the first. An
// empty text writes nothing.
func (p *Page) Labelled(label, text string, codes ...Code) {
	if text == "" {
		return
	}
	for _, line := range Wrap(text, p.Width()-margin-labels) {
		p.Line(Space(margin), Text(Pad(label, labels), Dim), Text(line, codes...))
		label = ""
	}
}

// Command writes a command behind a label, in one line, so that it can be copied.
func (p *Page) Command(label, command string) {
	p.Line(Space(margin), Text(Pad(label, labels), Dim), Text(command, Cyan))
}

// Beside writes two texts beside each other, the second in a column of its own
// that begins after first columns.
func (p *Page) Beside(first int, left, right string) {
	room := p.Width() - margin - first
	lines := []string{right} // as it is where it fits: it may be a row of a table
	if Columns(right) > room || strings.Contains(right, "\n") {
		lines = Wrap(right, room)
	}
	for _, line := range lines {
		p.Line(Space(margin), Text(Pad(left, first)), Text(line))
		left = ""
	}
}

// Output writes the lines of a process, marked as what they are.
func (p *Page) Output(output string, codes ...Code) {
	for line := range strings.Lines(Clean(output)) {
		p.Line(Space(margin), Text("| "+strings.TrimRight(line, "\n"), codes...))
	}
}
