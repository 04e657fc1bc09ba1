package engine

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
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

// TraitsOf returns the traits that a lab keeps, or new ones.
func TraitsOf(lab Lab) *Traits {
	if knowing, is := lab.(Knowing); is {
		return knowing.Traits()
	}
	return new(Traits)
}

// hear notes what a response says about the endpoint's clock. Seconds are whole:
// half a second is their mean error.
func (t *Traits) hear(h http.Header, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	const half = 500 * time.Millisecond
	if date, err := http.ParseTime(h.Get("Date")); err == nil && h.Get("Age") == "" {
		t.reported.date, t.reported.hasDate = date.Add(half).Sub(now), true
	}
	if s, err := reference.ParseSignature(h.Get(reference.HeaderSignature)); err == nil {
		at := s.Time
		if at.Sub(now) > 1000*24*time.Hour { // in milliseconds
			at = time.UnixMilli(s.Time.Unix()).Add(-half)
		}
		t.reported.signature, t.reported.hasSignature = at.Add(half).Sub(now), true
	}
}

func (t *Traits) clockReported() clockReport {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reported
}

// Clock is what is known of the endpoint's clock.
func (t *Traits) Clock() Clock {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clock
}

func (t *Traits) setClock(c Clock) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clock, t.clockKnown = c, true
}

func (t *Traits) clockIsKnown() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clockKnown
}

// mayPass reports whether a response may be an intermediary's, and the next one the
// endpoint's.
func (t *Traits) mayPass(x *Exchange) bool {
	h := x.hiccup()
	return h.passes() && !t.refuses(h)
}

// Knowing is a lab that keeps what was found out about its endpoint from one use
// to the next.
type Knowing interface {
	Lab
	Traits() *Traits
}
