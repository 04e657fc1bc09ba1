package causes_test

import (
	"slices"
	"testing"

	"github.com/countersign-dev/countersign/suite/causes"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// tally counts explanations.
type tally struct{ all, right, causes, defects int }

// add explains failures that these mutants caused.
func (n *tally) add(t *testing.T, s causes.Seen, mutants ...zoo.Row) {
	t.Helper()
	explained := causes.Explain(s)
	n.all++
	for _, cause := range explained.Causes {
		n.causes++
		n.defects += len(cause.Defects)
	}
	if wrong := mistake(explained, s, mutants); wrong != "" {
		t.Logf("%s: %+v", wrong, explained)
		return
	}
	n.right++
}

func (n *tally) check(t *testing.T) {
	t.Helper()
	rate, alternatives := float64(n.right)/float64(n.all), float64(n.defects)/float64(n.causes)
	t.Logf("%d of %d (%.1f %%) are explained rightly, with %.2f defects for each cause", n.right, n.all, 100*rate, alternatives)
	if rate < leastRight {
		t.Errorf("only %.1f %% are explained rightly", 100*rate)
	}
	if alternatives > 2 {
		t.Errorf("each cause names %.1f defects: too many to be of use", alternatives)
	}
}

// mistake says what is wrong with an explanation of failures that mutants caused.
// It is right if each mutant is among the defects of a cause, unless another
// mutant makes all of its cases fail, too, and if there is no other cause.
func mistake(e causes.Explanation, s causes.Seen, mutants []zoo.Row) string {
	used := map[int]bool{}
	for i, row := range mutants {
		at := slices.IndexFunc(e.Causes, func(c causes.Cause) bool {
			return slices.ContainsFunc(c.Defects, func(d causes.Defect) bool { return d.Mutant == row.Mutant.Name })
		})
		if at >= 0 {
			used[at] = true
		} else if others := slices.Delete(slices.Clone(mutants), i, i+1); !hidden(row, others, s) {
			return row.Mutant.Name + " is not among the causes"
		}
	}
	if len(used) != len(e.Causes) {
		return "a cause is none of the mutants"
	}
	return ""
}

// hidden reports whether other mutants make every case fail that a mutant does.
func hidden(row zoo.Row, others []zoo.Row, s causes.Seen) bool {
	return !slices.ContainsFunc(s.Failed, func(id string) bool {
		return fails(row, id) && !slices.ContainsFunc(others, func(o zoo.Row) bool { return fails(o, id) })
	})
}
