package live

import "math/rand/v2"

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

// withBody are the bases with a body; calling those that run a function.
var (
	withBody = []Base{Call, Call, Call, RichCall, Probe, Probe, InBandSync, InBandSync, Sync}
	calling  = []Base{Call, Call, Call, Probe}
)

func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }
