package engine

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Window is a measured replay window.
type Window struct {
	Of          string   `json:"of"` // what was signed: "a call"
	NotMeasured string   `json:"notMeasured,omitempty"`
	Past        Edge     `json:"past"`
	Future      Edge     `json:"future"`
	Interval    bool     `json:"interval"`       // the observations are those of an interval
	Odd         []string `json:"odd,omitempty"`  // observations that contradict an interval
	Same        bool     `json:"same,omitempty"` // the edges of the first window were tried and hold here, too
}

// Edge is one edge of a window.
type Edge struct {
	Seconds     int64 `json:"seconds"`     // the distance from now
	Uncertainty int64 `json:"uncertainty"` // in seconds, either way
	Unbounded   bool  `json:"unbounded"`   // the largest distance that was tried, Seconds, was accepted

	accepted, refused int64 // the whole seconds between which the edge lies
}

const (
	minuteS = 60
	hourS   = 60 * minuteS
	dayS    = 24 * hourS
	yearS   = 365 * dayS

	// steps limits a search: an edge that is years away is not measured to the second.
	steps = 16
)

// windows measures every window of a target; the first is the call's.
func windows(ctx context.Context, main, second *measurer) []Window {
	call := windowSearch{g: main, of: "a call", sign: func(age time.Duration) suite.Stimulus { return suite.Call{Age: age} }}
	others := []windowSearch{
		{g: second, of: "a call signed with the fallback key", sign: func(age time.Duration) suite.Stimulus { return suite.Call{Key: suite.Fallback, Age: age} }},
		{g: main, of: "an introspection", sign: func(age time.Duration) suite.Stimulus { return suite.Introspect{Age: age} }},
	}
	if main.claims(suite.InBand) {
		others = append(others, windowSearch{g: main, of: "an in-band sync", sign: func(age time.Duration) suite.Stimulus { return suite.InBandSync{Age: age} }})
	}
	found := []Window{call.search(ctx)}
	for _, w := range others {
		found = append(found, w.compare(ctx, found[0]))
	}
	return found
}

// windowSearch measures one window.
type windowSearch struct {
	g     *measurer
	of    string
	sign  func(age time.Duration) suite.Stimulus
	moves bool // the target's clock is not a fixed time
}

// holds reports whether a signature of this age in seconds is accepted; a negative
// age is in the future. It sends the request again if the response was slow.
func (w *windowSearch) holds(ctx context.Context, age int64) bool {
	const tries, precise = 3, 250 * time.Millisecond
	var o *Exchange
	for range tries {
		w.waitForMidSecond()
		scene, up := w.g.scene(ctx)
		if !up {
			return false
		}
		w.moves = scene.Now.Nanosecond() != 0
		stimulus := w.sign(time.Duration(age) * time.Second)
		if o = w.g.deliver(ctx, scene, suite.Make(stimulus, scene).Request, stimulus.Kind()); o.Took < precise {
			break
		}
	}
	return worked(o)
}

// waitForMidSecond waits for the middle of a second, so that no new second begins
// between signing and verifying. With a fixed clock there is nothing to wait for.
func (w *windowSearch) waitForMidSecond() {
	const early, late = 50 * time.Millisecond, 700 * time.Millisecond
	if w.g.lease.session == nil {
		return
	}
	switch passed := time.Duration(w.g.lease.session.Now().Nanosecond()); {
	case passed == 0:
	case passed < early:
		time.Sleep(early - passed)
	case passed > late:
		time.Sleep(time.Second + early - passed)
	}
}

// search finds both edges.
func (w *windowSearch) search(ctx context.Context) Window {
	found := Window{Of: w.of}
	if !w.holds(ctx, 0) {
		found.NotMeasured = cmp.Or(w.g.gone, "a request signed just now was not accepted")
		return found
	}
	epoch := w.g.lease.session.Now().Unix()
	found.Past = w.edge(ctx, 1, []int64{minuteS, 10 * minuteS, hourS, dayS, yearS, epoch}, []int64{300}, &found.Odd)
	found.Future = w.edge(ctx, -1, []int64{10, 10 * minuteS, hourS, dayS, yearS, 100 * yearS}, []int64{300, 60}, &found.Odd)
	found.Interval = len(found.Odd) == 0
	return found
}

// edge finds one edge. It tries all rungs, to notice a window that opens again,
// then the usual values, then bisects, and finally tries both sides once more.
func (w *windowSearch) edge(ctx context.Context, sign int64, rungs, usual []int64, odd *[]string) Edge {
	accepted, refused := int64(0), int64(0)
	for _, rung := range rungs {
		switch holds := w.holds(ctx, sign*rung); {
		case holds && refused > 0:
			*odd = append(*odd, "accepted again when "+distance(sign*rung))
		case holds:
			accepted = rung
		case refused == 0:
			refused = rung
		}
	}
	if refused == 0 {
		return Edge{Seconds: accepted, Unbounded: true, accepted: accepted}
	}
	at := func(second int64) {
		if second <= accepted || second >= refused {
			return
		}
		if w.holds(ctx, sign*second) {
			accepted = second
		} else {
			refused = second
		}
	}
	for _, second := range usual {
		at(second - 1)
		at(second + 2)
	}
	for step := 0; refused-accepted > 1 && step < steps; step++ {
		at((accepted + refused) / 2)
	}
	if !w.holds(ctx, sign*accepted) || w.holds(ctx, sign*refused) {
		*odd = append(*odd, "inconsistent when "+distance(sign*refused))
	}
	return w.between(sign, accepted, refused)
}

// between is the edge between two whole seconds. The signed time has no fraction,
// so a signature is up to a second older than its age, unless the clock is fixed.
func (w *windowSearch) between(sign, accepted, refused int64) Edge {
	e := Edge{Seconds: accepted, Uncertainty: refused - accepted, accepted: accepted, refused: refused}
	if w.moves && sign > 0 {
		e.Seconds++
	}
	return e
}

// compare tries the edges of a known window. If they do not hold, or in the deep
// tier, it searches this window.
func (w *windowSearch) compare(ctx context.Context, known Window) Window {
	if w.g.tier == suite.Deep || known.NotMeasured != "" || !known.Interval || !w.same(ctx, known) {
		return w.search(ctx)
	}
	known.Of, known.Same = w.of, true
	return known
}

func (w *windowSearch) same(ctx context.Context, known Window) bool {
	return w.sameEdge(ctx, 1, known.Past) && w.sameEdge(ctx, -1, known.Future)
}

func (w *windowSearch) sameEdge(ctx context.Context, sign int64, e Edge) bool {
	if !w.holds(ctx, sign*e.accepted) {
		return false
	}
	return e.Unbounded || !w.holds(ctx, sign*e.refused) && (e.refused > yearS || !w.holds(ctx, sign*yearS))
}

// distance formats an age in seconds: "1 day old", "100 years ahead".
func distance(age int64) string {
	if age < 0 {
		return span(-age) + " ahead"
	}
	return span(age) + " old"
}

// span formats seconds in the largest unit that fits.
func span(seconds int64) string {
	for _, unit := range []struct {
		name string
		size int64
	}{{"year", yearS}, {"day", dayS}, {"hour", hourS}, {"minute", minuteS}} {
		if n := seconds / unit.size; n > 0 && (seconds%unit.size == 0 || unit.size == yearS) {
			return plural(n, unit.name)
		}
	}
	return plural(seconds, "second")
}

func plural(n int64, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// String formats a window: "[-300, +60] s".
func (w Window) String() string {
	switch {
	case w.NotMeasured != "":
		return "not measured: " + w.NotMeasured
	case !w.Interval:
		return w.edges() + ", but not an interval: " + strings.Join(w.Odd, "; ")
	}
	return w.edges()
}

func (w Window) edges() string {
	if !w.Past.Unbounded && !w.Future.Unbounded {
		return fmt.Sprintf("[-%d, +%d] s", w.Past.Seconds, w.Future.Seconds)
	}
	past, future := fmt.Sprintf("-%d s", w.Past.Seconds), fmt.Sprintf("+%d s", w.Future.Seconds)
	if w.Past.Unbounded {
		past = "more than " + distance(w.Past.Seconds)
	}
	if w.Future.Unbounded {
		future = "more than " + distance(-w.Future.Seconds)
	}
	return "[" + past + ", " + future + "]"
}
