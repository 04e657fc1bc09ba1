package live

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// operator is one way to deviate, in several forms.
type operator struct {
	forms []string
	bases []Base // where it makes sense; empty is everywhere
	// size draws N; nil where there is none.
	size func(random *rand.Rand, form string) int64
	// carries draws Carried; nil where there is none.
	carries func(random *rand.Rand, form string) string
	// signs is how many of ten draws sign again.
	signs int
	// destructive forms may end an endpoint that the lab cannot start again.
	destructive func(form string) bool
	apply       func(d *draft, s Step)
}

// operators are all operators, by name.
var operators = map[string]operator{}

// plain is every form of every operator, without parameters.
var plain []Step

// often are operators of which more than one draw in an epoch pays off: their
// forms have many parameters, or show only together with another step.
var often = map[string]int{"time": 4, "redate": 2, "field": 2, "tamper": 2, again: 2}

func init() {
	for _, group := range []map[string]operator{signingOperators, headerOperators, bodyOperators, requestOperators, growingOperators, carriedOperators, againOperators} {
		maps.Copy(operators, group)
	}
	for _, name := range slices.Sorted(maps.Keys(operators)) {
		for _, form := range operators[name].forms {
			for range max(1, often[name]) {
				plain = append(plain, Step{Op: name, Form: form})
			}
		}
	}
}

// withBody are the bases with a body; calling those that run a function.
var (
	withBody = []Base{Call, Call, Call, RichCall, Probe, Probe, InBandSync, InBandSync, Sync}
	calling  = []Base{Call, Call, Call, Probe}
)
