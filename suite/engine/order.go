package engine

import (
	"math/rand/v2"

	"github.com/countersign-dev/countersign/suite"
)

// shuffle brings the cases of a session into an order that depends on the seed.
// Cases with equal controls stay together, because the control after one is also
// that before the next.
func (r *run) shuffle(cases []*record) {
	type group struct {
		control suite.Stimulus
		cases   []*record
	}
	var groups []group
	at := map[suite.Stimulus]int{}
	for _, t := range cases {
		var control suite.Stimulus = suite.Call{}
		if t.c.Then.Negative {
			control = suite.ControlOf(t.c, t.c.Given)
		}
		if _, there := at[control]; !there {
			at[control] = len(groups)
			groups = append(groups, group{control: control})
		}
		groups[at[control]].cases = append(groups[at[control]].cases, t)
	}
	random := rand.New(rand.NewPCG(r.options.Seed, uint64(len(cases))))
	random.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
	next := 0
	for _, g := range groups {
		random.Shuffle(len(g.cases), func(i, j int) { g.cases[i], g.cases[j] = g.cases[j], g.cases[i] })
		next += copy(cases[next:], g.cases)
	}
}
