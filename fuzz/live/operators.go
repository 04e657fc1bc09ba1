package live

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// operator is one way to deviate, in several forms.
type operator struct {
	forms []string
	kinds []Kind // where it makes sense; empty is everywhere
	// size draws N; nil where there is none.
	size func(random *rand.Rand, form string) int64
	// signs is how many of ten draws sign again.
	signs int
	// harsh forms may end an endpoint that nobody here can start again.
	harsh func(form string) bool
	apply func(d *draft, s Step)
}

// operators are all there are, by name.
var operators = map[string]operator{}

func init() {
	for _, group := range []map[string]operator{signingOperators, headerOperators, bodyOperators, requestOperators, growingOperators} {
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

// plain is every form of every operator, without parameters.
var plain []Step

// often are operators of which more than one draw in an epoch is worth its while:
// their forms have many parameters, or show only together with another step.
var often = map[string]int{"time": 4, "redate": 2, "field": 2, "tamper": 2}

// withBody are the kinds of request that carry a body; calling, those that run
// a function.
var (
	withBody = []Kind{Call, Call, Call, RichCall, Probe, Probe, InBandSync, InBandSync, Sync}
	calling  = []Kind{Call, Call, Call, Probe}
)

// Limits are what a lab cannot do or must not be sent.
type Limits struct {
	Kinds    []Kind // that the target answers
	Rotating bool   // there is a target with a fallback key
	Single   bool   // there is only one, in the set-up that Rotating tells
	Gentle   bool   // nothing that may end the target
	NoPut    bool   // no PUT at all
}

// Draws draws exchanges: equal seeds and indexes give equal ones.
type Draws struct {
	seed   uint64
	limits Limits
	epoch  uint64
	order  []Step // every form once, in the order of this epoch
}

// NewDraws makes the draws of a seed.
func NewDraws(seed uint64, limits Limits) *Draws {
	d := &Draws{seed: seed, limits: limits}
	d.shuffle(0)
	return d
}

// shuffle puts the forms into the order of an epoch: in each every form leads.
func (d *Draws) shuffle(epoch uint64) {
	d.epoch = epoch
	d.order = slices.DeleteFunc(slices.Clone(plain), func(s Step) bool { return !d.limits.allow(s) })
	random := rand.New(rand.NewPCG(d.seed, ^epoch))
	random.Shuffle(len(d.order), func(i, j int) { d.order[i], d.order[j] = d.order[j], d.order[i] })
}

func (l Limits) allow(s Step) bool {
	op := operators[s.Op]
	if l.Gentle && op.harsh != nil && op.harsh(s.Form) {
		return false
	}
	if l.NoPut && (s.Op == "method" && s.Form == "PUT" || s.Op == "field" && strings.Contains(s.Form, "verride")) {
		return false
	}
	return len(l.fitting(op)) > 0
}

// fitting are the kinds that an operator can start from here.
func (l Limits) fitting(op operator) []Kind {
	kinds := op.kinds
	if len(kinds) == 0 {
		kinds = everywhere
	}
	return slices.DeleteFunc(slices.Clone(kinds), func(k Kind) bool { return !slices.Contains(l.Kinds, k) })
}

// everywhere says how often each kind is drawn.
var everywhere = []Kind{
	Call, Call, Call, Call, Call, Call, Call, RichCall, RichCall, Probe, Probe, Introspect, Introspect, Introspect, InBandSync, InBandSync, InBandSync,
	Sync, Fetched, Stepping, Sending,
}

// At draws the exchange of an index: a leading form, often a forgery along with
// it, and up to two forms more.
func (d *Draws) At(index uint64) Exchange {
	if epoch := index / uint64(len(d.order)); epoch != d.epoch {
		d.shuffle(epoch)
	}
	random := rand.New(rand.NewPCG(d.seed, index))
	lead := d.order[index%uint64(len(d.order))]
	e := Exchange{Kind: pick(random, d.limits.fitting(operators[lead.Op])), Rotating: d.rotating(random)}
	e.Steps = []Step{filled(random, lead)}
	if e.Rotating && random.IntN(2) == 0 {
		e = d.with(e, Step{Op: "key", Form: "fallback"})
	}
	if random.IntN(10) < forgeries[lead.Op] {
		e = d.with(e, pick(random, companions))
	}
	for more := random.IntN(10); more < 3; more += 2 {
		e = d.with(e, filled(random, pick(random, d.order)))
	}
	return e
}

// companions make a forgery of any request. What the MAC does not cover shows
// nothing on an authentic one, so such forms often have a companion.
var companions = []Step{{Op: "header", Form: "absent"}, {Op: "header", Form: "absent"}, {Op: "key", Form: "stranger"}}

// forgeries is how many of ten draws with a leading operator have one.
var forgeries = map[string]int{
	"field": 6, "query": 5, "path": 3, "method": 5, "framing": 5, "sync kind": 5, "encode": 5, "empty": 5, "break": 3, "replace": 3, "enrich": 1, "grow": 2, "name": 2,
}

func (d *Draws) rotating(random *rand.Rand) bool {
	if d.limits.Single || !d.limits.Rotating {
		return d.limits.Rotating
	}
	return random.IntN(3) == 0
}

// Neighbour draws an exchange near another one: the n-th of an index.
func (d *Draws) Neighbour(e Exchange, index, n uint64) Exchange {
	random := rand.New(rand.NewPCG(d.seed^0x9e3779b97f4a7c15, index<<8|n))
	e.Steps = slices.Clone(e.Steps)
	switch way := random.IntN(4); {
	case way == 0 && len(e.Steps) > 1:
		at := random.IntN(len(e.Steps))
		e.Steps = slices.Delete(e.Steps, at, at+1)
	case way == 1 && len(e.Steps) > 0:
		at := random.IntN(len(e.Steps))
		e.Steps[at] = filled(random, Step{Op: e.Steps[at].Op, Form: e.Steps[at].Form})
	case way == 2:
		e.Kind = pick(random, d.limits.fitting(operator{}))
	default:
		e = d.with(e, filled(random, pick(random, d.order)))
	}
	return e
}

// with puts one more step where no step of that operator stands yet.
func (d *Draws) with(e Exchange, step Step) Exchange {
	there := slices.ContainsFunc(e.Steps, func(s Step) bool { return s.Op == step.Op })
	if there || !slices.Contains(d.limits.fitting(operators[step.Op]), e.Kind) {
		return e
	}
	e.Steps = append(e.Steps, step)
	return e
}

// filled draws the parameters of a form.
func filled(random *rand.Rand, s Step) Step {
	op := operators[s.Op]
	if op.size != nil {
		s.N = op.size(random, s.Form)
	}
	s.Signed = random.IntN(10) < op.signs
	return s
}

func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }
