// Package causes finds the likely causes of a run's failures: the fewest known
// defects that together predict what failed.
//
// The known defects are the mutants of package zoo, and what each of them makes
// fail is its row of the kill matrix. [Explain] is a pure function of the
// verdicts of a run; it sends nothing and judges nothing.
package causes

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/countersign-dev/countersign/suite/zoo"
)

// Seen is what a run showed, as ids of cases. A case that is in none of the lists
// was not selected, or does not apply to the target.
type Seen struct {
	Failed  []string // a MUST or a SHOULD that is not met
	Passed  []string // or nothing is required: the behaviour was observed
	Blocked []string // could not be judged, although it was selected
	// Culprits are the kinds of content because of which a case failed, by its id, where
	// it names them.
	Culprits map[string][]string
}

// Explanation is the likely causes of what failed.
type Explanation struct {
	Causes      []Cause  // those that explain most come first
	Unexplained []string // failed cases that no known defect explains
}

// Cause is one defect that explains failed cases. If several fit equally well, all
// of them are listed, the one that predicts least first.
type Cause struct {
	Defects []Defect `json:"defects"` // at least one
	Cases   []string `json:"cases"`   // the failed cases that the first defect predicts
}

// Defect is a known defect.
type Defect struct {
	Mutant string `json:"mutant"` // its name in the zoo
	Text   string `json:"text"`   // what is wrong, as a clause: "t is not compared with the clock"
}

// Explain returns the smallest set of known defects that predict the failed
// cases. A defect that predicts the failure of a case that passed, or because of kinds of
// content that were accepted, is never among them. Of sets of equal size, it prefers defects whose predictions were all
// judged; those that then still fit equally well are alternatives of one cause.
func Explain(seen Seen) Explanation { return explain(known(), seen) }

// NamesItsCulprit reports whether a case says itself what was let in: a facet tries
// many deviations at once, and names the one. No known defect says more.
func NamesItsCulprit(id string) bool { return strings.HasPrefix(id, "facets.") }

// known are the defects with a row in the kill matrix.
var known = sync.OnceValue(func() []prediction {
	var all []prediction
	for _, row := range zoo.KillMatrix() {
		if row.Void || NamesItsCulprit(row.Mutant.Kills) {
			continue // the report of a void run shows no findings
		}
		p := prediction{defect: Defect{row.Mutant.Name, row.Mutant.Defect}, fails: set{}, blocks: set{}, culprits: row.Culprits}
		for id, verdict := range row.Verdicts {
			if verdict == "fail" || verdict == "warn" {
				p.fails[id] = true
			} else {
				p.blocks[id] = true
			}
		}
		all = append(all, p)
	}
	return all
})

func explain(known []prediction, seen Seen) Explanation {
	groups := candidates(known, seen)
	var e Explanation
	for _, id := range seen.Failed {
		if !slices.ContainsFunc(groups, func(g group) bool { return g.covers[id] }) {
			e.Unexplained = append(e.Unexplained, id)
		}
	}
	for _, part := range components(groups) {
		chosen := narrowed(smallestCover(part, mostSteps), part)
		for i := range chosen {
			e.Causes = append(e.Causes, causeOf(chosen, i, part, seen))
		}
	}
	position := map[string]int{}
	for i, id := range seen.Failed {
		position[id] = i
	}
	slices.SortStableFunc(e.Causes, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(len(b.Cases), len(a.Cases)), cmp.Compare(position[a.Cases[0]], position[b.Cases[0]]))
	})
	return e
}

// causeOf is one member of a cover, with everything that could stand in its place.
func causeOf(chosen []group, i int, among []group, seen Seen) Cause {
	var c Cause
	for _, id := range seen.Failed {
		if chosen[i].covers[id] {
			c.Cases = append(c.Cases, id)
		}
	}
	c.Defects = slices.Clone(chosen[i].defects)
	for _, g := range replacements(chosen, i, among) {
		if g.rank == chosen[i].rank && g.key != chosen[i].key {
			c.Defects = append(c.Defects, g.defects...)
		}
	}
	return c
}
