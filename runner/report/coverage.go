package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// clauseCount is how the cases of one clause came out.
type clauseCount struct {
	Clause, Text            string
	Pass, Fail, Warn, Other int
}

// coverage counts verdicts by clause, in the order of the specification. An excused
// failure counts with the others.
func (r Report) coverage() (rows []clauseCount) {
	at := map[string]int{}
	for _, c := range r.Cases {
		i, known := at[c.Clause]
		if !known {
			i = len(rows)
			at[c.Clause], rows = i, append(rows, clauseCount{Clause: c.Clause, Text: c.ClauseText})
		}
		switch c.Verdict {
		case engine.Pass, engine.Surprising:
			rows[i].Pass++
		case engine.Fail:
			rows[i].Fail++
		case engine.Warn:
			rows[i].Warn++
		default:
			rows[i].Other++
		}
	}
	slices.SortStableFunc(rows, func(a, b clauseCount) int { return slices.Compare(clauseNumbers(a.Clause), clauseNumbers(b.Clause)) })
	return rows
}

// clauseNumbers are the numbers of a clause: 4, 1, 3 and 4 for "SPEC 4.1.3(4)".
func clauseNumbers(text string) (numbers []int) {
	clause, err := suite.ParseCitation(text)
	if err != nil {
		return nil
	}
	for part := range strings.SplitSeq(clause.Section, ".") {
		n, _ := strconv.Atoi(part) // the form has only digits
		numbers = append(numbers, n)
	}
	return append(numbers, clause.Item)
}

// unspecified is what a target does where the specification is ambiguous.
type unspecified struct {
	ID, Question string
	Behaviours   []string // with the cases that show it where there are several
}

// unspecified are the ambiguities of which the run shows something. Observed cases
// always count; scored ones only where all of them that touch the same ambiguity
// agree and no observed case does.
func (r Report) unspecified() (found []unspecified) {
	shown := groups(r, engine.Observed, Case.unspecified)
	scored := groups(r, "", Case.unspecified)
	for _, g := range scored {
		if len(sameAmbiguity(shown, g)) == 0 && len(sameAmbiguity(scored, g)) == 1 {
			shown = append(shown, g)
		}
	}
	slices.SortStableFunc(shown, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.number(), b.number()), strings.Compare(a.key, b.key))
	})
	for _, g := range shown {
		id := g.first.Ambiguity
		if len(found) == 0 || found[len(found)-1].ID != id {
			ambiguity, _ := suite.FindAmbiguity(id) // one that is not known has no question
			found = append(found, unspecified{ID: id, Question: ambiguity.Question})
		}
		last := &found[len(found)-1]
		last.Behaviours = append(last.Behaviours, g.first.Behaviour+whichCases(g, shown))
	}
	return found
}
