package matrix

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Rows say what the rows of a table are.
type Rows int

// The rows.
const (
	Chapters Rows = iota
	Cases
)

// row is one row of the table, every cell as text.
type row struct {
	title string
	cells []cell
}

// cell is the text of a verdict and its colour.
type cell struct {
	text   string
	colour page.Code
}

// order is the verdicts, the one that a chapter shows first.
var order = []engine.Verdict{
	engine.Fail, engine.Surprising, engine.Error, engine.Inconclusive, engine.Warn, engine.Blocked, engine.Excused, engine.Pass, engine.Observed, engine.NotApplicable, notJudged,
}

var looks = map[engine.Verdict]cell{
	engine.Pass:          {"pass", page.Green},
	engine.Fail:          {"fail", page.Red},
	engine.Warn:          {"warn", page.Yellow},
	engine.Excused:       {"excused", page.Yellow},
	engine.Surprising:    {"surprising", page.Red},
	engine.Observed:      {"observed", page.Dim},
	engine.Blocked:       {"blocked", page.Dim},
	engine.NotApplicable: {"n/a", page.Dim},
	engine.Inconclusive:  {"inconclusive", page.Yellow},
	engine.Error:         {"error", page.Yellow},
	notJudged:            {"-", page.Dim},
}

// rows are the rows of the table.
func (m Matrix) rows(kind Rows) []row {
	var rows []row
	if kind == Cases {
		for _, c := range m.Cases {
			rows = append(rows, m.row(c.ID, func(column Column) cell { return looks[column.verdict(c.ID)] }))
		}
		return rows
	}
	for _, chapter := range m.chapters() {
		rows = append(rows, m.row(chapter, func(column Column) cell { return m.summarised(column, chapter) }))
	}
	return rows
}

func (m Matrix) row(title string, of func(Column) cell) row {
	r := row{title: title}
	for _, column := range m.Columns {
		r.cells = append(r.cells, of(column))
	}
	return r
}

// summarised shows the worst verdict of a chapter: "2 fail of 14", or "14 pass".
func (m Matrix) summarised(column Column, chapter string) cell {
	counts, all := map[engine.Verdict]int{}, 0
	for _, c := range m.Cases {
		if c.Chapter != chapter {
			continue
		}
		verdict := column.verdict(c.ID)
		counts[verdict]++
		if verdict != engine.NotApplicable && verdict != engine.Observed {
			all++
		}
	}
	for _, verdict := range order {
		n, look := counts[verdict], looks[verdict]
		switch {
		case n == 0:
		case verdict == notJudged:
			return look
		case n < all:
			return cell{fmt.Sprintf("%d %s of %d", n, look.text, all), look.colour}
		default:
			return cell{fmt.Sprintf("%d %s", n, look.text), look.colour}
		}
	}
	return looks[notJudged]
}

// heading names a column in lines: the target, the variant, the version.
func (c Column) heading() []string {
	name, variant, _ := strings.Cut(c.Name, "/")
	if variant != "" {
		variant = "/" + variant
	}
	return []string{name, variant, c.Version}
}

// title names a column in one line.
func (c Column) title() string { return strings.TrimSpace(c.Name + " " + c.Version) }
