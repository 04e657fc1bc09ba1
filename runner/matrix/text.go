package matrix

import (
	"fmt"
	"io"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
)

const (
	margin = 3
	space  = 2   // between columns
	widest = 200 // columns of a terminal that a table makes use of
)

// shownLines is how much of the output of a target that did not start is shown.
const shownLines = 6

// Text sets a matrix for a terminal: a line for each target, the table, and why
// targets were not judged.
func Text(rows Rows) func(io.Writer, Matrix, page.Style) error {
	return func(w io.Writer, m Matrix, style page.Style) error {
		t := text{page.New(w, style)}
		t.Line()
		t.Line(page.Text(page.Count(len(m.Columns), "target"), page.Bold), page.Text("  "+m.scope(), page.Dim))
		t.summary(m)
		t.table(m, m.rows(rows))
		t.unjudged(m)
		t.Line()
		t.Line(page.Space(2), page.Verdict(m.Conclusion.Verdict, m.Conclusion.ExitCode))
		t.Paragraph(page.Capital(m.Conclusion.Why))
		return t.Flush("the matrix")
	}
}

// scope says which cases were judged, and of which targets.
func (m Matrix) scope() string {
	text := fmt.Sprintf("%s of the %s tier, seed %d", page.Count(len(m.Cases), "case"), m.Plan.Tier, m.Plan.RandomSeed)
	if !m.Shard.whole() {
		text += fmt.Sprintf(", shard %s of %s", m.Shard, page.Count(len(m.Targets), "target"))
	}
	return text
}

// text is a matrix while it is set.
type text struct{ *page.Page }

func (t text) summary(m Matrix) {
	lines := [][]string{summaryHead}
	for _, c := range m.Columns {
		lines = append(lines, c.summary())
	}
	widths := make([]int, len(summaryHead))
	for _, line := range lines {
		for i, word := range line {
			widths[i] = max(widths[i], page.Columns(word))
		}
	}
	t.Line()
	for n, line := range lines {
		spans := []page.Span{page.Space(margin)}
		for i, word := range line {
			spans = append(spans, t.word(m, n-1, i, word, widths[i]), page.Space(space))
		}
		t.Line(spans...)
	}
}

// word sets one word of the table of targets: numbers on the right, names on the
// left, in the line of the heading where column is -1.
func (t text) word(m Matrix, column, i int, word string, width int) page.Span {
	left := i < 2 || i == len(summaryHead)-1
	padded := page.PadLeft(word, width)
	if left {
		padded = page.Pad(word, width)
	}
	switch {
	case column < 0:
		return page.Text(padded, page.Bold)
	case i == len(summaryHead)-1:
		return page.Text(padded, colourOf(m.Columns[column].Conclusion.ExitCode))
	}
	return page.Text(padded)
}

func colourOf(exitCode int) page.Code {
	switch exitCode {
	case page.ExitConforms:
		return page.Green
	case page.ExitViolates, page.ExitVoid:
		return page.Red
	}
	return page.Yellow
}

// table sets the rows against the columns, as many columns beside each other as fit.
func (t text) table(m Matrix, rows []row) {
	first := 0
	for _, r := range rows {
		first = max(first, page.Columns(r.title))
	}
	room := t.Within(widest) - margin - first
	for from := 0; from < len(m.Columns); {
		to, used := from, 0
		for to < len(m.Columns) && (to == from || used+space+m.width(rows, to) <= room) {
			used += space + m.width(rows, to)
			to++
		}
		t.block(m, rows, first, from, to)
		from = to
	}
}

// width is that of a column.
func (m Matrix) width(rows []row, column int) (width int) {
	for _, line := range m.Columns[column].heading() {
		width = max(width, page.Columns(line))
	}
	for _, r := range rows {
		width = max(width, page.Columns(r.cells[column].text))
	}
	return width
}

// block sets some of the columns.
func (t text) block(m Matrix, rows []row, first, from, to int) {
	t.Line()
	for line := range 3 {
		head := page.Pad("", first)
		for i := from; i < to; i++ {
			head += strings.Repeat(" ", space) + page.PadLeft(m.Columns[i].heading()[line], m.width(rows, i))
		}
		if strings.TrimSpace(head) != "" {
			t.Line(page.Space(margin), page.Text(head, page.Bold))
		}
	}
	for _, r := range rows {
		spans := []page.Span{page.Space(margin), page.Text(page.Pad(r.title, first))}
		for i := from; i < to; i++ {
			c := r.cells[i]
			spans = append(spans, page.Space(space), page.Text(page.PadLeft(c.text, m.width(rows, i)), c.colour))
		}
		t.Line(spans...)
	}
}

// unjudged says why targets have no verdicts.
func (t text) unjudged(m Matrix) {
	for _, c := range m.Columns {
		if len(c.Results) > 0 {
			continue
		}
		t.Heading(page.Capital(c.Conclusion.Verdict) + ": " + c.title())
		t.Paragraph(c.Conclusion.Why, page.Yellow)
		lines := strings.Split(strings.TrimSpace(c.Output), "\n")
		if c.Output != "" {
			t.Output(strings.Join(lines[max(0, len(lines)-shownLines):], "\n"), page.Dim)
		}
	}
}
