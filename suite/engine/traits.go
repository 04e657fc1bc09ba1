package engine

import (
	"slices"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Traits are what was found out about an endpoint that is no fault, and that
// whoever sends to it has to allow for. They are shared by all sessions of a run.
// The zero Traits know nothing; they may be used by several goroutines.
type Traits struct {
	pace pace
	kept kept

	mu       sync.Mutex
	refusals map[hiccup]bool // how it refuses, though an intermediary might respond so, too
	shared   map[hiccup]bool // what valid requests got as well
	hopeless map[hiccup]bool // what many attempts in a row got, and nothing else since
	slowest  time.Duration   // response so far
	served   int             // responses so far
	times    map[usedTime]bool
	own      map[shape]bool // requests to the API that it sends by itself
	listened int            // how often it was listened for those
	reported clockReport
	clock    Clock

	clockKnown bool
}

// usedTime is a time with which a message was signed that other requests of its
// kind may have, too.
type usedTime struct {
	setup   suite.Setup
	message string
	at      int64
}

// refuses reports whether the endpoint itself refuses in this way.
func (t *Traits) refuses(h hiccup) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refusals[h] && !t.shared[h]
}

// learn notes that requests are refused in this way again and again, while valid
// ones in between are accepted.
func (t *Traits) learn(h hiccup) { t.set(&t.refusals, h) }

// share notes that a valid request got this: it is not how the endpoint refuses.
func (t *Traits) share(h hiccup) { t.set(&t.shared, h) }

// giveUp notes that trying again did not help.
func (t *Traits) giveUp(h hiccup) {
	t.set(&t.hopeless, h)
	t.pace.reset()
}

func (t *Traits) set(in *map[hiccup]bool, h hiccup) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if *in == nil {
		*in = map[hiccup]bool{}
	}
	(*in)[h] = true
}

// isHopeless reports whether trying again helped nothing so far.
func (t *Traits) isHopeless(h hiccup) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.hopeless[h]
}

// responded notes a response of the endpoint itself, and whether it accepted
// something by it.
func (t *Traits) responded(took time.Duration, accepted bool) {
	t.pace.faster()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.served++
	t.slowest = max(t.slowest, took)
	if accepted {
		clear(t.hopeless)
	}
}

// patience is how long a response is waited for at first. A request that was lost
// is noticed sooner where responses are known to be fast.
func (t *Traits) patience() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	const known, shortest, times = 20, time.Second, 10
	if t.served < known {
		return limits.Exchange
	}
	return min(max(times*t.slowest, shortest), limits.Exchange)
}

// learnOwn notes that the target sends such requests to the API by itself.
func (t *Traits) learnOwn(s shape) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.own == nil {
		t.own = map[shape]bool{}
	}
	t.own[s] = true
}

// sendsByItself reports whether the target sends all of these by itself.
func (t *Traits) sendsByItself(requests []suite.APIRequest) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !slices.ContainsFunc(requests, func(r suite.APIRequest) bool { return !t.own[shapeOf(r)] })
}

// mayListen reports whether it was not listened often enough.
func (t *Traits) mayListen() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	const often = 6
	t.listened++
	return t.listened <= often
}

// evidence is what was found out, in words.
func (t *Traits) evidence() TraitsEvidence {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := TraitsEvidence{Refuses: []string{}, Passing: []string{}, Own: []string{}, Served: t.served, Slowest: t.slowest}
	for h := range t.refusals {
		e.Refuses = append(e.Refuses, string(h))
	}
	for h := range t.shared {
		e.Passing = append(e.Passing, string(h))
	}
	for s := range t.own {
		e.Own = append(e.Own, s.method+" "+s.path)
	}
	for _, list := range [][]string{e.Refuses, e.Passing, e.Own} {
		slices.Sort(list)
	}
	return e
}
