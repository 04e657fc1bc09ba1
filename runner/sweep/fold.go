package sweep

import (
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/suite/engine"
)

// column is consecutive versions with the same verdicts.
type column struct {
	from, to string
	tried    int              // versions that were judged, or could not be
	within   int              // versions from one end to the other
	cells    []engine.Verdict // one for each case
}

// fold gathers versions into columns. A version that a bisection skipped is in none
// of them, unless it is between two versions of one column.
func fold(s Sweep) []column {
	var columns []column
	last := 0
	for i, v := range s.Versions {
		if v.State == Skipped {
			continue
		}
		cells := s.cells(v)
		if n := len(columns) - 1; n >= 0 && slices.Equal(columns[n].cells, cells) {
			columns[n].to, columns[n].tried, columns[n].within = v.Version, columns[n].tried+1, columns[n].within+i-last
		} else {
			columns = append(columns, column{v.Version, v.Version, 1, 1, cells})
		}
		last = i
	}
	return columns
}

func (s Sweep) cells(v Version) []engine.Verdict {
	cells := []engine.Verdict{}
	for _, c := range s.Cases {
		cells = append(cells, v.verdict(c.ID))
	}
	return cells
}

// size says how many versions a column stands for.
func (c column) size() string {
	switch {
	case c.tried < c.within:
		return fmt.Sprintf("%d of %d", c.tried, c.within)
	case c.tried == 1:
		return ""
	}
	return fmt.Sprintf("%d versions", c.tried)
}

// heading names a column in three lines.
func (c column) heading() []string {
	if c.from == c.to {
		return []string{"", c.from, ""}
	}
	return []string{c.from, "–" + c.to, c.size()}
}

// label names a column in one line.
func (c column) label() string {
	if c.from == c.to {
		return c.from
	}
	return fmt.Sprintf("%s (%s)", span(c.from, c.to), c.size())
}
