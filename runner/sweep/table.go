package sweep

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/countersign-dev/countersign/suite/engine"
)

// mark is how a verdict stands in the table: as a word, and where there is no
// room for words, as a letter.
type mark struct{ word, letter, colour string }

var marks = map[engine.Verdict]mark{
	engine.Pass:          {"pass", "+", green},
	engine.Fail:          {"fail", "x", red},
	engine.Warn:          {"warn", "w", yellow},
	engine.Observed:      {"seen", "s", dim},
	engine.NotApplicable: {"n/a", "n", dim},
	engine.Inconclusive:  {"open", "?", yellow},
	engine.Error:         {"error", "e", yellow},
	Unknown:              {"-", "-", yellow},
}

const (
	margin = 3
	space  = 2 // between columns
)

// table sets cases against versions: under the versions' names where all columns
// find room beside each other, otherwise under numbers that a legend explains.
func (p *page) table(s Sweep) {
	columns := fold(s)
	if len(columns) == 0 || len(s.Cases) == 0 {
		return
	}
	grid := named(columns)
	first := 0
	for _, c := range s.Cases {
		first = max(first, length(c.ID))
	}
	room := p.width() - margin - first
	if grid.width(0, len(columns)) <= room {
		p.block(s, grid, first, 0, len(columns))
		return
	}
	grid = numbered(columns)
	each := max(1, room/grid.width(0, 1))
	for from := 0; from < len(columns); from += each {
		p.block(s, grid, first, from, min(from+each, len(columns)))
	}
	p.legend(columns)
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
		width = max(width, length(line))
	}
	for _, verdict := range c.cells {
		cells = append(cells, marks[verdict])
		width = max(width, length(l.text(marks[verdict])))
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
func (p *page) block(s Sweep, l layout, first, from, to int) {
	p.line()
	for line := range l.heads[from] {
		text := strings.Repeat(" ", margin+first)
		for i := from; i < to; i++ {
			text += strings.Repeat(" ", space) + padLeft(l.heads[i][line], l.widths[i])
		}
		if strings.TrimSpace(text) != "" {
			p.line(p.paint(strings.TrimRight(text, " "), bold))
		}
	}
	for row, c := range s.Cases {
		parts := []string{strings.Repeat(" ", margin), pad(c.ID, first)}
		for i := from; i < to; i++ {
			m := l.cells[i][row]
			parts = append(parts, strings.Repeat(" ", space+l.widths[i]-length(l.text(m))), p.paint(l.text(m), m.colour))
		}
		p.line(parts...)
	}
}

// legend explains numbers and letters, as far as they occur.
func (p *page) legend(columns []column) {
	var words []string
	occurs := func(verdict engine.Verdict) bool {
		return slices.ContainsFunc(columns, func(c column) bool { return slices.Contains(c.cells, verdict) })
	}
	for _, verdict := range append(slices.Clone(engine.AllVerdicts), Unknown) {
		if m := marks[verdict]; occurs(verdict) {
			words = append(words, m.letter+" "+strings.Replace(m.word, "-", "not judged", 1))
		}
	}
	p.line()
	p.paragraph(strings.Join(words, ", "), dim)
	p.line()
	for i, c := range columns {
		p.line(strings.Repeat(" ", margin), fmt.Sprintf("%*d  %s", len(strconv.Itoa(len(columns))), i+1, c.label()))
	}
}
