package causes

import (
	"fmt"
	"maps"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// predicts is a defect with the cases that it makes fail, and those that it blocks.
func predicts(name, fails, blocks string) prediction {
	return prediction{defect: Defect{name, "the defect " + name}, fails: setOf(strings.Fields(fails)), blocks: setOf(strings.Fields(blocks))}
}

// text is an explanation in one line: "one|another: a b; third: c; unexplained: d".
func (e Explanation) text() string {
	var parts []string
	for _, c := range e.Causes {
		var names []string
		for _, d := range c.Defects {
			names = append(names, d.Mutant)
		}
		parts = append(parts, strings.Join(names, "|")+": "+strings.Join(c.Cases, " "))
	}
	if len(e.Unexplained) > 0 {
		parts = append(parts, "unexplained: "+strings.Join(e.Unexplained, " "))
	}
	return strings.Join(parts, "; ")
}

func TestExplain(t *testing.T) {
	narrowA, narrowB := predicts("narrowA", "a", ""), predicts("narrowB", "b", "")
	broad, broader := predicts("broad", "a b", ""), predicts("broader", "a b c", "")
	for name, test := range map[string]struct {
		known                   []prediction
		failed, passed, blocked string
		want                    string
	}{
		"nothing failed":                         {[]prediction{narrowA}, "", "a b", "", ""},
		"fewer causes":                           {[]prediction{narrowA, narrowB, broad}, "a b", "c", "", "broad: a b"},
		"no cause that predicts what passed":     {[]prediction{narrowA, narrowB, broad, broader}, "a b", "c", "", "broad: a b"},
		"several causes":                         {[]prediction{narrowA, narrowB}, "a b", "c", "", "narrowA: a; narrowB: b"},
		"the ones that explain most come first":  {[]prediction{narrowA, predicts("wide", "b c", "")}, "a b c", "", "", "wide: b c; narrowA: a"},
		"what is not explained":                  {[]prediction{narrowA}, "a b", "c", "", "narrowA: a; unexplained: b"},
		"what was not judged is no objection":    {[]prediction{broader}, "a b", "", "", "broader: a b"},
		"but what was judged is better":          {[]prediction{broader, broad}, "a b", "", "", "broad: a b"},
		"equally good ones are alternatives":     {[]prediction{broad, predicts("same", "a b", "")}, "a b", "c", "", "broad|same: a b"},
		"one that would block what passed":       {[]prediction{predicts("blocking", "a", "b"), narrowA}, "a", "b c", "", "narrowA: a"},
		"one most of whose failures are blocked": {[]prediction{broader}, "a", "", "b c", "unexplained: a"},
		"one with failures that others have, too": {
			[]prediction{broad, predicts("c", "c", ""), predicts("b and c", "b c", "")}, "a b c", "", "", "broad: a b; c|b and c: c",
		},
		"independent failures are explained apart": {
			[]prediction{narrowA, narrowB, predicts("d", "d", ""), predicts("d too", "d", "")}, "a b d", "", "", "narrowA: a; narrowB: b; d|d too: d",
		},
	} {
		seen := Seen{Failed: strings.Fields(test.failed), Passed: strings.Fields(test.passed), Blocked: strings.Fields(test.blocked)}
		if got := explain(test.known, seen).text(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestExplanationsAreSmallest compares random worlds of a few cases and defects
// with all that could be said about them.
func TestExplanationsAreSmallest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 500 {
		known, masks := world(random)
		failed := uint(random.IntN(1 << worldCases))
		e := explain(known, Seen{Failed: ids(failed), Passed: ids(^failed)})
		count, covered := smallest(masks, failed)
		if len(e.Causes) != count || reflect.DeepEqual(e.Unexplained, ids(failed&^covered)) == false {
			t.Fatalf("round %d: %v of %v: %s; want %d causes of %v", round, ids(failed), known, e.text(), count, ids(covered))
		}
		for _, c := range e.Causes {
			for _, d := range c.Defects {
				if predicted := masks[d.Mutant]; predicted&^failed != 0 {
					t.Fatalf("round %d: %s predicts %v, but only %v failed", round, d.Mutant, ids(predicted), ids(failed))
				}
			}
		}
	}
}

const worldCases, worldDefects = 8, 10

func world(random *rand.Rand) ([]prediction, map[string]uint) {
	var known []prediction
	masks := map[string]uint{}
	for i := range worldDefects {
		one, other := random.IntN(1<<worldCases), random.IntN(1<<worldCases) // together they leave few cases
		mask := uint(one & other)
		name := fmt.Sprint("d", i)
		masks[name] = mask
		known = append(known, predicts(name, strings.Join(ids(mask), " "), ""))
	}
	return known, masks
}

func ids(mask uint) []string {
	var all []string
	for i := range worldCases {
		if mask&(1<<i) != 0 {
			all = append(all, fmt.Sprint("c", i))
		}
	}
	return all
}

// smallest tries every set of defects that predict nothing but what failed: the
// size of the smallest one that explains most, and what it explains.
func smallest(masks map[string]uint, failed uint) (count int, covered uint) {
	var fit []uint
	for _, mask := range masks {
		if mask&^failed == 0 {
			fit = append(fit, mask)
		}
	}
	for chosen := range uint(1) << len(fit) {
		union := uint(0)
		for i, mask := range fit {
			if chosen&(1<<i) != 0 {
				union |= mask
			}
		}
		size := bits.OnesCount(chosen)
		if more := bits.OnesCount(union) - bits.OnesCount(covered); more > 0 || more == 0 && size < count {
			count, covered = size, union
		}
	}
	return count, covered
}

// TestAnUnfinishedSearchIsACover: whatever the search has time for, everything is
// covered, and by nothing that could be left out.
func TestAnUnfinishedSearchIsACover(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		known, _ := world(random)
		groups := candidates(known, Seen{Failed: ids(1<<worldCases - 1)})
		cover, covered, all := smallestCover(groups, 1), set{}, set{}
		for _, g := range groups {
			maps.Copy(all, g.covers)
		}
		for i, g := range cover {
			maps.Copy(covered, g.covers)
			if len(own(cover, i)) == 0 {
				t.Fatalf("%s of %v is redundant", g.key, cover)
			}
		}
		if covered.key() != all.key() {
			t.Fatalf("%v covers %s, not %s", cover, covered.key(), all.key())
		}
	}
}

func TestExplanationsAreEqualEveryTime(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	known, _ := world(random)
	seen := Seen{Failed: ids(1<<worldCases - 1)}
	first := explain(known, seen)
	for range 20 {
		if again := explain(known, seen); !reflect.DeepEqual(first, again) {
			t.Fatalf("%s, then %s", first.text(), again.text())
		}
	}
}

// A defect because of which one kind of content is refused, or of none by itself, does
// not explain that another one is.
func TestAnotherKindIsAnotherCause(t *testing.T) {
	proto, dies := predicts("drops-prototype", "names", ""), predicts("dies-of-prototype", "names", "")
	proto.culprits = map[string][]string{"names": {"__proto__"}}
	for blamed, want := range map[string]string{
		"__proto__": "drops-prototype: names", "numbers | __proto__": "drops-prototype: names", "numbers": "unexplained: names", "__proto__; numbers, together": "unexplained: names",
	} {
		if got := explain([]prediction{proto, dies}, Seen{Failed: []string{"names"}, Culprits: map[string][]string{"names": strings.Split(blamed, " | ")}}).text(); got != want {
			t.Errorf("because of %q: %q, want %q", blamed, got, want)
		}
	}
	if got := explain([]prediction{proto, dies}, Seen{Failed: []string{"names"}}).text(); got != "drops-prototype|dies-of-prototype: names" {
		t.Errorf("without kinds: %q", got)
	}
}
