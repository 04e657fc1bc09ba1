package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// isClause is what looks like a clause of the specification: "4.1.3", "4.1.3(2)".
var isClause = regexp.MustCompile(`^\d+(\.\d+)*(\(\d+\))?$`)

// mostInside is how many cases of a clause are named.
const mostInside = 12

// noCase is the error for a word that is no case. It may be a clause, a sentence on
// signing keys, or an endpoint of the self-check, which lead to cases.
func noCase(word string) error {
	word = strings.TrimPrefix(word, "SPEC ")
	if broken, is := zoo.Find(word); is {
		return page.Usage("the case that detects it: countersign explain "+broken.Kills, "there is no case %q: that is a broken endpoint of the self-check", word)
	}
	var inside, clauses []string
	for _, c := range suite.Catalogue() {
		clause := strings.TrimPrefix(c.Clause.String(), "SPEC ")
		if c.Clause.Section == word || clause == word || c.Source == word {
			inside = append(inside, c.ID)
		}
		for _, name := range []string{c.Clause.Section, clause} {
			if !slices.Contains(clauses, name) {
				clauses = append(clauses, name)
			}
		}
	}
	switch {
	case len(inside) > 0:
		shown := strings.Join(inside[:min(len(inside), mostInside)], ", ")
		if more := len(inside) - mostInside; more > 0 {
			shown += fmt.Sprintf(" and %d more, see `countersign list`", more)
		}
		return page.Usage("its cases: "+shown, "there is no case %q: that is a clause of the specification", word)
	case isClause.MatchString(word):
		return page.NoSuch("clause that has cases", word, clauses)
	}
	var mutants []string
	for _, broken := range zoo.Mutants() {
		mutants = append(mutants, broken.Name)
	}
	ids := caseIDs()
	if page.Nearest(word, ids) == "" && page.Nearest(word, mutants) != "" {
		ids = mutants
	}
	return page.Usage(page.DidYouMean(word, ids, "`countersign list` shows every case"), "there is no case %q", word)
}
