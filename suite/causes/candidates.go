package causes

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// set is a set of case ids.
type set map[string]bool

func setOf(ids []string) set {
	s := set{}
	for _, id := range ids {
		s[id] = true
	}
	return s
}

// within is what two sets have in common.
func (s set) within(other set) set {
	both := set{}
	for id := range s {
		if other[id] {
			both[id] = true
		}
	}
	return both
}

func (s set) contains(other set) bool { return len(other.within(s)) == len(other) }

func (s set) meets(other set) bool { return len(s.within(other)) > 0 }

func (s set) minus(other set) set {
	rest := maps.Clone(s)
	maps.DeleteFunc(rest, func(id string, _ bool) bool { return other[id] })
	return rest
}

func (s set) key() string { return strings.Join(slices.Sorted(maps.Keys(s)), " ") }

// prediction is a known defect and what it does to the cases; all others pass.
type prediction struct {
	defect Defect
	fails  set
	blocks set // makes unable to judge
	// culprits are the kinds of content because of which cases fail, by their ids.
	culprits map[string][]string
}

// blamesOthers reports whether a case failed because of other kinds of content than
// the defect predicts.
func (p prediction) blamesOthers(seen Seen) bool {
	for id, blamed := range seen.Culprits {
		predicted := p.culprits[id]
		other := slices.ContainsFunc(predicted, func(kind string) bool { return !slices.Contains(blamed, kind) })
		if p.fails[id] && (len(predicted) == 0 || other) {
			return true
		}
	}
	return false
}

// rank orders defects that explain the same failures: the smaller, the better.
type rank struct {
	unseen int // predicted failures of cases that were not judged
	judged int // cases that passed, although it would have blocked them
}

func (r rank) compare(other rank) int {
	return cmp.Or(cmp.Compare(r.unseen, other.unseen), cmp.Compare(r.judged, other.judged))
}

// group is the defects that explain the same failed cases equally well.
type group struct {
	covers  set
	key     string // of what it covers
	rank    rank
	defects []Defect
}

// candidates are the defects that predict some of what failed, and nothing that
// passed. Of those that explain the same, only the best remain. A defect most of
// whose failures could not be judged explains nothing: what blocked them may have
// caused those that were seen, too.
func candidates(known []prediction, seen Seen) []group {
	failed, passed, blocked := setOf(seen.Failed), setOf(seen.Passed), setOf(seen.Blocked)
	maps.DeleteFunc(passed, func(id string, _ bool) bool { return NamesItsCulprit(id) }) // what a facet lets in may depend on the time or the order
	byKey := map[string]*group{}
	var keys []string
	for _, p := range known {
		covers := p.fails.within(failed)
		if len(covers) == 0 || p.fails.meets(passed) || p.blamesOthers(seen) || len(p.fails.within(blocked)) > len(covers) {
			continue
		}
		r := rank{unseen: len(p.fails) - len(covers), judged: len(p.blocks.within(passed))}
		key := covers.key()
		g, there := byKey[key]
		if !there {
			keys = append(keys, key)
		}
		switch {
		case !there || r.compare(g.rank) < 0:
			byKey[key] = &group{covers, key, r, []Defect{p.defect}}
		case r == g.rank:
			g.defects = append(g.defects, p.defect)
		}
	}
	var groups []group
	for _, key := range keys {
		groups = append(groups, *byKey[key])
	}
	return groups
}

// components splits groups into those that have failed cases in common, directly
// or through others: each part is explained by itself.
func components(groups []group) [][]group {
	var parts [][]group
	for _, g := range groups {
		joined := []group{g}
		parts = slices.DeleteFunc(parts, func(part []group) bool {
			touches := slices.ContainsFunc(part, func(other group) bool { return other.covers.meets(g.covers) })
			if touches {
				joined = append(joined, part...)
			}
			return touches
		})
		parts = append(parts, joined)
	}
	return parts
}
