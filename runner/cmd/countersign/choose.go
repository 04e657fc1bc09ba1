package main

import (
	"path"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
)

// choice is the cases of a run.
type choice struct {
	cases []suite.Case
	added map[string]bool // by no pattern, but exit code 0 requires them
}

// choose picks the cases of a tier that match a pattern; no pattern matches
// all. An id without a wildcard is found in every tier. The core is always in.
func choose(patterns []string, tier suite.Tier) (choice, error) {
	matched := map[string]bool{}
	for _, pattern := range patterns {
		found := false
		for _, c := range suite.Catalogue() {
			matches, err := path.Match(pattern, c.ID)
			if err != nil {
				return choice{}, misuse("quote brackets, or use * for any text", "the case pattern %q cannot be read", pattern)
			}
			if matches && (tier.Includes(c.Tier) || pattern == c.ID) {
				matched[c.ID], found = true, true
			}
		}
		if !found {
			return choice{}, noCase(pattern, tier)
		}
	}
	chosen := choice{added: map[string]bool{}}
	for _, c := range suite.Catalogue() {
		wanted := matched[c.ID] || len(patterns) == 0 && tier.Includes(c.Tier)
		if core := slices.Contains(report.Core, c.ID); wanted || core {
			chosen.cases, chosen.added[c.ID] = append(chosen.cases, c), !wanted
		}
	}
	return chosen, nil
}

func noCase(pattern string, tier suite.Tier) error {
	var ids []string
	for _, c := range suite.Catalogue() {
		if matches, _ := path.Match(pattern, c.ID); matches {
			return misuse("add --tier "+c.Tier.String(), "no case of the %s tier matches %q", tier, pattern)
		}
		ids = append(ids, c.ID)
	}
	return misuse(didYouMean(pattern, ids, "`countersign list` shows every case"), "no case matches %q", pattern)
}

func parseTier(name string) (suite.Tier, error) {
	for _, tier := range []suite.Tier{suite.Smoke, suite.Default, suite.Deep} {
		if tier.String() == name {
			return tier, nil
		}
	}
	return 0, misuse("the tiers are smoke, default and deep", "there is no tier %q", name)
}

// didYouMean is a hint that names the nearest word, or the hint otherwise.
func didYouMean(word string, words []string, otherwise string) string {
	best, distance := "", len(word)/3+2
	for _, candidate := range words {
		if d := edits(word, candidate); d < distance {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return otherwise
	}
	return "did you mean " + best + "? " + strings.ToUpper(otherwise[:1]) + otherwise[1:]
}

// edits is how many letters to add, drop or change to get from a to b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
