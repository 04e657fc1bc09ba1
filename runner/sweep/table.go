package sweep

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
)

// mark is how a verdict is shown in the table: as a word or, where there is no
// room for words, as a letter.
type mark struct {
	word, letter string
	colour       page.Code
}

var marks = map[engine.Verdict]mark{
	engine.Pass:          {"pass", "+", page.Green},
	engine.Fail:          {"fail", "x", page.Red},
	engine.Warn:          {"warn", "w", page.Yellow},
	engine.Observed:      {"observed", "o", page.Dim},
	engine.Blocked:       {"blocked", "b", page.Dim},
	engine.NotApplicable: {"n/a", "n", page.Dim},
	engine.Inconclusive:  {"inconclusive", "?", page.Yellow},
	engine.Error:         {"error", "e", page.Yellow},
	notJudged:            {"-", "-", page.Yellow},
}

const (
	margin = 3
	space  = 2   // between columns
	widest = 160 // columns of a terminal that a table makes use of
)

// table sets cases against versions: under the names of the versions where there
// is room for all columns, otherwise under numbers that a legend explains.
func (t text) table(s Sweep) {
	columns := fold(s)
	if len(columns) == 0 || len(s.Cases) == 0 {
		return
	}
	grid := named(columns)
	first := 0
	for _, c := range s.Cases {
		first = max(first, page.Columns(c.ID))
	}
	room := t.Within(widest) - margin - first
	if grid.width(0, len(columns)) <= room {
		t.block(s, grid, first, 0, len(columns))
		return
	}
	grid = numbered(columns)
	each := max(1, room/grid.width(0, 1))
	for from := 0; from < len(columns); from += each {
		t.block(s, grid, first, from, min(from+each, len(columns)))
	}
	t.legend(columns)
}

// layout is a table without its first column, every cell as text.
type layout struct {
	heads  [][]string // per column, from top to bottom
	cells  [][]mark   // per column, per case
	widths []int
	letter bool
}

func named(columns []column) layout {
	l := layout{}
	for _, c := range columns {
		l.add(c, c.heading())
	}
	return l
}

func numbered(columns []column) layout {
	l := layout{letter: true}
	digits := len(strconv.Itoa(len(columns)))
	for i, c := range columns {
		l.add(c, []string{fmt.Sprintf("%*d", digits, i+1)})
	}
	return l
}

func (l *layout) add(c column, head []string) {
	var cells []mark
	width := 0
	for _, line := range head {
		width = max(width, page.Columns(line))
	}
	for _, verdict := range c.cells {
		cells = append(cells, marks[verdict])
		width = max(width, page.Columns(l.text(marks[verdict])))
	}
	l.heads, l.cells, l.widths = append(l.heads, head), append(l.cells, cells), append(l.widths, width)
}

func (l layout) text(m mark) string {
	if l.letter {
		return m.letter
	}
	return m.word
}

func (l layout) width(from, to int) (columns int) {
	for _, width := range l.widths[from:to] {
		columns += space + width
	}
	return columns
}

// block sets some of the columns.
func (t text) block(s Sweep, l layout, first, from, to int) {
	t.Line()
	for line := range l.heads[from] {
		head := strings.Repeat(" ", margin+first)
		for i := from; i < to; i++ {
			head += strings.Repeat(" ", space) + page.PadLeft(l.heads[i][line], l.widths[i])
		}
		if strings.TrimSpace(head) != "" {
			t.Line(page.Text(strings.TrimRight(head, " "), page.Bold))
		}
	}
	for row, c := range s.Cases {
		spans := []page.Span{page.Space(margin), page.Text(page.Pad(c.ID, first))}
		for i := from; i < to; i++ {
			m := l.cells[i][row]
			spans = append(spans, page.Space(space+l.widths[i]-page.Columns(l.text(m))), page.Text(l.text(m), m.colour))
		}
		t.Line(spans...)
	}
}

// legend explains the numbers and letters that occur.
func (t text) legend(columns []column) {
	var words []string
	occurs := func(verdict engine.Verdict) bool {
		return slices.ContainsFunc(columns, func(c column) bool { return slices.Contains(c.cells, verdict) })
	}
	for _, verdict := range append(slices.Clone(engine.AllVerdicts), notJudged) {
		if m := marks[verdict]; occurs(verdict) {
			words = append(words, m.letter+" "+strings.Replace(m.word, "-", "not judged", 1))
		}
	}
	t.Line()
	t.Paragraph(strings.Join(words, ", "), page.Dim)
	t.Line()
	for i, c := range columns {
		t.Line(page.Space(margin), page.Text(fmt.Sprintf("%*d  %s", len(strconv.Itoa(len(columns))), i+1, c.label())))
	}
}
