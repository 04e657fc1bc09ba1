package rotate

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
)

// margin is how many columns the names of the rows take.
const margin = 12

// timeline draws the drill: time goes to the right, a row for every kind.
func (t text) timeline(r Rotation) {
	s := newScale(r, t.columns()-margin-3)
	put := func(name string, marks ...page.Span) {
		t.Line(append([]page.Span{page.Space(3), page.Text(page.Pad(name, margin), page.Dim)}, marks...)...)
	}
	put("", page.Text(s.labels(r)))
	put("", page.Text(s.ruler(r), page.Dim))
	put("server key", page.Text(s.fill(r, func(at int64) string { return r.stageAt(at).Server })))
	put("process", page.Text(s.fill(r, func(at int64) string { return fmt.Sprint(r.processAt(at)) })))
	for _, kind := range kinds {
		put(string(kind), emphasised(s.marks(r, kind))...)
	}
	put("", page.Text("+ accepted   - refused   * both   ? no response   ", page.Dim), violation, page.Text(" violation", page.Dim))
}

var violation = page.Text("!", page.Bold, page.Red)

// emphasised paints the violations in a row of marks.
func emphasised(marks string) []page.Span {
	var spans []page.Span
	for i, part := range strings.Split(marks, "!") {
		if i > 0 {
			spans = append(spans, violation)
		}
		spans = append(spans, page.Text(part))
	}
	return spans
}

// scale says in which column a time is.
type scale struct {
	from, to int64
	columns  int
}

// newScale begins where the traffic begins.
func newScale(r Rotation, columns int) scale {
	s := scale{from: r.Stages[0].BeganMS, to: r.last().EndedMS, columns: columns}
	s.to = max(s.to, s.from+1)
	return s
}

// last is the last stage that was reached.
func (r Rotation) last() Stage { return r.Stages[len(r.Stages)-1] }

func (s scale) column(at int64) int {
	at = min(max(at, s.from), s.to)
	return min(int((at-s.from)*int64(s.columns)/(s.to-s.from)), s.columns-1)
}

// time is when a column begins.
func (s scale) time(column int) int64 {
	return s.from + int64(column)*(s.to-s.from)/int64(s.columns)
}

// labels sets the names of the stages where they begin.
func (s scale) labels(r Rotation) string {
	row := []rune(strings.Repeat(" ", s.columns))
	for _, stage := range r.Stages {
		room := row[s.column(stage.BeganMS):max(s.column(stage.BeganMS), s.column(stage.EndedMS)-1)]
		copy(room, []rune(fmt.Sprintf("%d %s", stage.Number, stage.Name)))
	}
	return string(row)
}

func (s scale) ruler(r Rotation) string {
	row := []rune(strings.Repeat("─", s.columns))
	for _, stage := range r.Stages {
		row[s.column(stage.BeganMS)] = '┬'
	}
	row[0] = '├'
	return string(row)
}

func (s scale) fill(r Rotation, letter func(at int64) string) string {
	var row strings.Builder
	for column := range s.columns {
		row.WriteString(letter(s.time(column)))
	}
	return row.String()
}

// marks is one row: a sign wherever a request of the kind was sent.
func (s scale) marks(r Rotation, kind kind) string {
	seen := make([]map[rune]bool, s.columns)
	for _, q := range r.Requests {
		if q.Kind != kind {
			continue
		}
		column := s.column(q.AtMS)
		if seen[column] == nil {
			seen[column] = map[rune]bool{}
		}
		seen[column][q.sign()] = true
	}
	var row strings.Builder
	for _, signs := range seen {
		row.WriteRune(signOf(signs))
	}
	return row.String()
}

func (q RequestRecord) sign() rune {
	switch {
	case q.Violation != "":
		return '!'
	case q.Outcome == outcomeAccepted:
		return '+'
	case q.Outcome == outcomeRefused:
		return '-'
	}
	return '?'
}

// signOf is the sign for several: the worst, or that they differ.
func signOf(signs map[rune]bool) rune {
	switch {
	case len(signs) == 0:
		return ' '
	case signs['!']:
		return '!'
	case signs['?']:
		return '?'
	case len(signs) == 2:
		return '*'
	case signs['+']:
		return '+'
	}
	return '-'
}

func (r Rotation) stageAt(at int64) Stage {
	stage := r.Stages[0]
	for _, s := range r.Stages {
		if at >= s.BeganMS {
			stage = s
		}
	}
	return stage
}

// processAt is the number of the process that new connections go to.
func (r Rotation) processAt(at int64) int {
	for _, p := range r.Processes {
		if at < p.LeftMS {
			return p.Number
		}
	}
	return len(r.Processes)
}
