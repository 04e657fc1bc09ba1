package main

import (
	"path"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

// choice is the cases of a run.
type choice struct {
	cases []suite.Case
	added map[string]bool // by no pattern, but exit code 0 requires them
}

// scope is how much of the catalogue a run takes, and how it is scored.
type scope struct {
	tier        suite.Tier
	profile     suite.Profile
	destructive bool // cases that may end their target are in
}

func (s scope) includes(c suite.Case) bool {
	return s.tier.Includes(c.Tier) && (s.destructive || !c.Destructive)
}

// flags are the flags without which a case would be scored in another way.
func (s scope) flags() string {
	if s.profile == suite.ProfileSpec {
		return " --profile " + string(s.profile)
	}
	return ""
}

// choose picks the cases of a scope that match a pattern; no pattern matches
// all. An id without a wildcard is found in every scope. The core is always in.
func choose(patterns []string, in scope) (choice, error) {
	matched := map[string]bool{}
	for _, pattern := range patterns {
		found := false
		for _, c := range in.profile.Catalogue() {
			matches, err := path.Match(pattern, c.ID)
			if err != nil {
				return choice{}, page.Usage("quote brackets, or use * for any text", "the case pattern %q cannot be read", pattern)
			}
			if matches && (in.includes(c) || pattern == c.ID) {
				matched[c.ID], found = true, true
			}
		}
		if !found {
			return choice{}, noCase(pattern, in)
		}
	}
	chosen := choice{added: map[string]bool{}}
	for _, c := range in.profile.Catalogue() {
		wanted := matched[c.ID] || len(patterns) == 0 && in.includes(c)
		if core := slices.Contains(suite.Core, c.ID); wanted || core {
			chosen.cases, chosen.added[c.ID] = append(chosen.cases, c), !wanted
		}
	}
	return chosen, nil
}

func noCase(pattern string, in scope) error {
	var ids []string
	for _, c := range suite.Catalogue() {
		if matches, _ := path.Match(pattern, c.ID); matches && c.Destructive && !in.destructive {
			return page.Usage("add --destructive: these cases may end their target", "no case that spares its target matches %q", pattern)
		} else if matches {
			return page.Usage("add --tier "+c.Tier.String(), "no case of the %s tier matches %q", in.tier, pattern)
		}
		ids = append(ids, c.ID)
	}
	return page.Usage(didYouMean(pattern, ids, "`countersign list` shows every case"), "no case matches %q", pattern)
}

func parseTier(name string) (suite.Tier, error) {
	for _, tier := range []suite.Tier{suite.Smoke, suite.Default, suite.Deep} {
		if tier.String() == name {
			return tier, nil
		}
	}
	return 0, page.Usage("the tiers are smoke, default and deep", "there is no tier %q", name)
}

func parseProfile(name string) (suite.Profile, error) {
	for _, profile := range []suite.Profile{suite.ProfileDefault, suite.ProfileSpec} {
		if string(profile) == name {
			return profile, nil
		}
	}
	return "", page.Usage("the profiles are default and spec", "there is no profile %q", name)
}

// didYouMean is a hint that names the nearest word, or the hint otherwise.
func didYouMean(word string, words []string, otherwise string) string {
	best := launch.Nearest(word, words)
	if best == "" {
		return otherwise
	}
	return "did you mean " + best + "? " + strings.ToUpper(otherwise[:1]) + otherwise[1:]
}
