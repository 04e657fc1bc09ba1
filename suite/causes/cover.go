package causes

import (
	"cmp"
	"slices"
)

// mostSteps bounds the search for the smallest cover; the best one that was found
// until then is taken. Every mutant and nearly every pair need fewer than a hundred.
const mostSteps = 20_000

// search looks for the smallest set of groups that covers everything.
type search struct {
	groups []group
	best   []group
	steps  int // left until the best one is taken
}

// smallestCover returns the fewest groups that cover what all of them cover.
func smallestCover(groups []group, steps int) []group {
	s := search{groups: maximal(groups), steps: steps}
	all := set{}
	for _, g := range groups {
		for id := range g.covers {
			all[id] = true
		}
	}
	s.extend(nil, all)
	return withoutRedundant(s.best)
}

// withoutRedundant drops members that cover nothing that the others do not: an
// unfinished search may leave some.
func withoutRedundant(cover []group) []group {
	for i := len(cover) - 1; i >= 0; i-- {
		if len(own(cover, i)) == 0 {
			cover = slices.Delete(cover, i, i+1)
		}
	}
	return cover
}

// own is what only the i-th member of a cover covers.
func own(cover []group, i int) set {
	left := cover[i].covers
	for j, g := range cover {
		if j != i {
			left = left.minus(g.covers)
		}
	}
	return left
}

// maximal leaves out groups that cover less than another one: a cover with one of
// them is no smaller than one with the other. [replacements] brings them back.
func maximal(groups []group) []group {
	var kept []group
	for _, g := range groups {
		if !slices.ContainsFunc(groups, func(other group) bool {
			return len(other.covers) > len(g.covers) && other.covers.contains(g.covers)
		}) {
			kept = append(kept, g)
		}
	}
	return kept
}

// extend completes a cover in every way that may be smaller than the best one.
func (s *search) extend(chosen []group, open set) {
	if s.steps--; s.steps < 0 && s.best != nil {
		return
	}
	if len(open) == 0 {
		s.best = slices.Clone(chosen)
		return
	}
	options := s.options(open)
	largest := s.largest(open)
	if least := (len(open) + largest - 1) / largest; s.best != nil && len(chosen)+least >= len(s.best) {
		return
	}
	for _, g := range options {
		s.extend(append(slices.Clone(chosen), g), open.minus(g.covers))
	}
}

// options are the groups that cover the case that the fewest cover; the one that
// covers most comes first.
func (s *search) options(open set) []group {
	covering := map[string][]group{}
	for _, g := range s.groups {
		for id := range g.covers.within(open) {
			covering[id] = append(covering[id], g)
		}
	}
	var fewest []group
	first := ""
	for id, groups := range covering {
		if fewest == nil || cmp.Or(cmp.Compare(len(groups), len(fewest)), cmp.Compare(id, first)) < 0 {
			fewest, first = groups, id
		}
	}
	slices.SortStableFunc(fewest, func(a, b group) int {
		return cmp.Or(cmp.Compare(len(b.covers.within(open)), len(a.covers.within(open))), a.rank.compare(b.rank))
	})
	return fewest
}

func (s *search) largest(open set) int {
	most := 0
	for _, g := range s.groups {
		most = max(most, len(g.covers.within(open)))
	}
	return most
}

// narrowed replaces each member of a cover by the best one that does as well: the
// one with the fewest predictions that were not seen, then the one that covers least.
func narrowed(cover, among []group) []group {
	for i := range cover {
		for _, g := range replacements(cover, i, among) {
			if cmp.Or(g.rank.compare(cover[i].rank), cmp.Compare(len(g.covers), len(cover[i].covers))) < 0 {
				cover[i] = g
			}
		}
	}
	return cover
}

// replacements are the groups that cover what only the i-th member of a cover
// does, the ones that cover least first.
func replacements(cover []group, i int, among []group) []group {
	needed := own(cover, i)
	var fit []group
	for _, g := range among {
		if g.covers.contains(needed) {
			fit = append(fit, g)
		}
	}
	slices.SortStableFunc(fit, func(a, b group) int { return cmp.Compare(len(a.covers), len(b.covers)) })
	return fit
}
