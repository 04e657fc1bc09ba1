package run

import (
	"path"
	"slices"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

// Selection says which cases are judged, and how they are scored. The zero
// Selection is the default tier.
type Selection struct {
	// Patterns narrow the tier to the cases whose ids match one of them, as
	// path.Match does, and the core. An id without a wildcard is found in every tier.
	Patterns    []string
	Tier        suite.Tier
	Profile     suite.Profile // empty: the default one
	Destructive bool          // cases that may end their target, too
}

// Choice is the cases of a run.
type Choice struct {
	Cases []suite.Case
	Added map[string]bool // cases that match no pattern: exit code 0 requires them, or others rest on them
}

// Available is every case that a selection without patterns has.
func (s Selection) Available() []suite.Case {
	return slices.DeleteFunc(s.profile().Catalogue(), func(c suite.Case) bool { return !s.includes(c) })
}

func (s Selection) includes(c suite.Case) bool {
	return s.Tier.Includes(c.Tier) && (s.Destructive || !c.Destructive)
}

func (s Selection) profile() suite.Profile {
	if s.Profile == "" {
		return suite.ProfileDefault
	}
	return s.Profile
}

// flags are those without which a case would be scored differently.
func (s Selection) flags() string {
	if s.Profile == suite.ProfileSpec {
		return " --profile " + string(s.Profile)
	}
	return ""
}

// Choose returns the selected cases. The core is always among them.
func (s Selection) Choose() (Choice, error) {
	matched := map[string]bool{}
	for _, pattern := range s.Patterns {
		ids, err := s.match(pattern)
		if err != nil {
			return Choice{}, err
		}
		if len(ids) == 0 {
			return Choice{}, s.noMatch(pattern)
		}
		for _, id := range ids {
			matched[id] = true
		}
	}
	chosen := Choice{Added: map[string]bool{}}
	for _, c := range s.profile().Catalogue() {
		selected := matched[c.ID] || len(s.Patterns) == 0 && s.includes(c)
		if selected || slices.Contains(suite.Core, c.ID) {
			chosen.Cases, chosen.Added[c.ID] = append(chosen.Cases, c), !selected
		}
	}
	selected := len(chosen.Cases)
	chosen.Cases = s.profile().WithPrerequisites(chosen.Cases)
	for _, c := range chosen.Cases[selected:] {
		chosen.Added[c.ID] = true
	}
	return chosen, nil
}

func (s Selection) match(pattern string) (ids []string, err error) {
	for _, c := range s.profile().Catalogue() {
		matches, err := path.Match(pattern, c.ID)
		if err != nil {
			return nil, page.Usage("quote brackets, or use * for any text", "%q is not a pattern for cases", pattern)
		}
		if matches && (s.includes(c) || pattern == c.ID) {
			ids = append(ids, c.ID)
		}
	}
	return ids, nil
}

// noMatch says why a pattern matches nothing.
func (s Selection) noMatch(pattern string) error {
	for _, c := range suite.Catalogue() {
		switch matches, _ := path.Match(pattern, c.ID); {
		case matches && c.Destructive && !s.Destructive:
			return page.Usage("add --destructive to send what may end the target", "%q matches only destructive cases", pattern)
		case matches:
			return page.Usage("add --tier "+c.Tier.String(), "no case of the %s tier matches %q", s.Tier, pattern)
		}
	}
	return noCase(pattern)
}

// noCase is the error for a pattern that matches no case at all.
func noCase(pattern string) error {
	var ids []string
	for _, c := range suite.Catalogue() {
		ids = append(ids, c.ID)
	}
	return page.Usage(page.DidYouMean(pattern, ids, "`countersign list` shows every case"), "no case matches %q", pattern)
}
