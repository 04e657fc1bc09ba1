package live

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// scope is what may be sent to a target.
type scope struct {
	bases    []Base // that the target accepts
	rotating bool   // there is a target with a fallback key
	single   bool   // there is only one target, whose set-up is what rotating says
	gentle   bool   // nothing that may end the target
	noPut    bool   // no PUT at all
	states   bool   // the target may be started anew, and sent several requests at once
}

func (s scope) allows(step Step) bool {
	op := operators[step.Op]
	if s.gentle && op.destructive != nil && op.destructive(step.Form) {
		return false
	}
	if s.noPut && (step.Op == "method" && step.Form == "PUT" || step.Op == "field" && strings.Contains(step.Form, "verride") || step.Op == carry && dictionaries[step.Form].puts) {
		return false
	}
	return len(s.fitting(op)) > 0
}

// fits reports whether an input, which may come from a file, is in the scope.
func (s scope) fits(in Input) bool {
	if (in.Cold || in.Beside != suite.Nobody) && !s.states || slices.ContainsFunc(in.Before, func(e Earlier) bool { return !s.fits(e.input(in)) }) {
		return false
	}
	return slices.Contains(s.bases, in.Base) && (s.rotating || !in.Rotating) &&
		!slices.ContainsFunc(in.Steps, func(step Step) bool { return !s.allows(step) })
}

// fitting are the bases that an operator can start from.
func (s scope) fitting(op operator) []Base {
	from := op.bases
	if len(from) == 0 {
		from = everywhere
	}
	return slices.DeleteFunc(slices.Clone(from), func(b Base) bool { return !slices.Contains(s.bases, b) })
}

// everywhere says how often each base is drawn.
var everywhere = []Base{
	Call, Call, Call, Call, Call, Call, Call, RichCall, RichCall, Probe, Probe, Introspect, Introspect, Introspect, InBandSync, InBandSync, InBandSync,
	Sync, Fetched, Stepping, Sending,
}

// generator draws inputs: equal seeds and indexes give equal ones.
type generator struct {
	seed  uint64
	scope scope
	epoch uint64
	order []Step // every form once, in the order of this epoch
}

func newGenerator(seed uint64, s scope) *generator {
	g := &generator{seed: seed, scope: s}
	g.shuffle(0)
	return g
}

// shuffle puts the forms into the order of an epoch, in which each of them leads.
func (g *generator) shuffle(epoch uint64) {
	g.epoch = epoch
	g.order = slices.DeleteFunc(slices.Clone(plain), func(s Step) bool { return !g.scope.allows(s) })
	random := rand.New(rand.NewPCG(g.seed, ^epoch))
	random.Shuffle(len(g.order), func(i, j int) { g.order[i], g.order[j] = g.order[j], g.order[i] })
}

// at draws the input of an index: a leading form, often a forgery along with it,
// and up to two forms more. Now and then it is one in a state.
func (g *generator) at(index uint64) Input {
	if epoch := index / uint64(len(g.order)); epoch != g.epoch {
		g.shuffle(epoch)
	}
	random := rand.New(rand.NewPCG(g.seed, index))
	lead := g.order[index%uint64(len(g.order))]
	in := Input{Base: pick(random, g.scope.fitting(operators[lead.Op])), Rotating: g.rotating(random)}
	in.Steps = []Step{filled(random, lead)}
	if in.Rotating && random.IntN(2) == 0 {
		in = g.with(in, Step{Op: "key", Form: "fallback"})
	}
	if random.IntN(10) < forgeriesOf(lead) {
		in = g.with(in, pick(random, companionsOf(lead, in.Base)))
	}
	for more := random.IntN(10); more < 3; more += 2 {
		in = g.with(in, filled(random, pick(random, g.order)))
	}
	return g.inState(random, in)
}

// companions make a forgery of any request. What the MAC does not cover shows
// nothing on an authentic request, so such forms often have a companion.
var companions = []Step{{Op: "header", Form: "absent"}, {Op: "header", Form: "absent"}, {Op: "key", Form: "unknown"}}

// companionsOf are those of a leading form. What a call carries may also stop the
// clock, or leave its body out of what is verified.
func companionsOf(lead Step, base Base) []Step {
	if lead.Op != carry {
		return companions
	}
	more := append(companions[1:len(companions):len(companions)], Step{Op: "key", Form: "unknown"})
	if bases[base].purpose != forRun {
		return more
	}
	ofNothing := Step{Op: "over", Form: "nothing"}
	if more = append(more, Step{Op: "time", Form: "past", N: 5*minuteS + 6, Signed: true}, ofNothing); dictionaries[lead.Form].body {
		more = append(more, ofNothing, ofNothing)
	}
	return more
}

// forgeriesOf is how many of ten draws with a leading form have a companion.
func forgeriesOf(lead Step) int {
	switch d := dictionaries[lead.Form]; {
	case lead.Op == carry && d.signs, lead.Op == again && lead.Form == sameSignature: // each is a forgery by itself
		return 0
	case lead.Op == carry:
		return 9
	}
	return forgeries[lead.Op]
}

// forgeries is that number for the other operators.
var forgeries = map[string]int{
	"field": 6, again: 8, "query": 5, "path": 3, "method": 5, "framing": 5, "sync kind": 5, "encode": 5, "empty": 5, "break": 3, "replace": 3, "enrich": 1, "grow": 2, "name": 2,
}

func (g *generator) rotating(random *rand.Rand) bool {
	if g.scope.single || !g.scope.rotating {
		return g.scope.rotating
	}
	return random.IntN(3) == 0
}

// near draws an input that differs little from another one: the n-th of an index.
func (g *generator) near(in Input, index, n uint64) Input {
	random := rand.New(rand.NewPCG(g.seed^0x9e3779b97f4a7c15, index<<8|n))
	in.Steps = slices.Clone(in.Steps)
	switch change := random.IntN(4); {
	case change == 0 && len(in.Steps) > 1:
		at := random.IntN(len(in.Steps))
		in.Steps = slices.Delete(in.Steps, at, at+1)
	case change == 1 && len(in.Steps) > 0:
		at := random.IntN(len(in.Steps))
		in.Steps[at] = filled(random, Step{Op: in.Steps[at].Op, Form: in.Steps[at].Form})
	case change == 2:
		in.Base = pick(random, g.scope.fitting(operator{}))
	default:
		in = g.with(in, filled(random, pick(random, g.order)))
	}
	return in
}

// with adds a step, unless the input has one of that operator or cannot have it.
func (g *generator) with(in Input, step Step) Input {
	there := slices.ContainsFunc(in.Steps, func(s Step) bool { return s.Op == step.Op })
	if there || !slices.Contains(g.scope.fitting(operators[step.Op]), in.Base) {
		return in
	}
	in.Steps = append(in.Steps, step)
	return in
}

// filled draws the parameters of a form.
func filled(random *rand.Rand, s Step) Step {
	op := operators[s.Op]
	if op.size != nil {
		s.N = op.size(random, s.Form)
	}
	if op.carries != nil {
		s.Carried = op.carries(random, s.Form)
	}
	s.Signed = random.IntN(10) < op.signs
	return s
}

// inState draws a state for a call, if the scope has calls and states.
func (g *generator) inState(random *rand.Rand, in Input) Input {
	states := drawnStates
	switch n := random.IntN(besideOneOf); {
	case n == 0:
		states = besideOthers
	case n%inOneOf != 1:
		return in
	}
	chosen := pick(random, weighted(states))
	drawn := Input{Base: Call, Rotating: in.Rotating, Before: chosen.before, Beside: chosen.beside, Steps: []Step{}}
	if len(chosen.times) > 0 {
		first := chosen.before[0]
		first.Times = pick(random, chosen.times)
		drawn.Before = []Earlier{first}
	}
	if len(chosen.forged) > 0 {
		drawn.Steps = pick(random, chosen.forged)
	}
	if !g.scope.states || !g.scope.fits(drawn) {
		return in
	}
	return drawn
}
