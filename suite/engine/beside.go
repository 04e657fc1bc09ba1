package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

const (
	// copies is how many valid calls are in flight together, and how many of the
	// request of a case where all are sent together.
	copies = 8
	// fewestCopies is how many there are at last, where a limiter responds to more.
	fewestCopies = 2
	// backOffBeside is how many attempts in a row are behind a limiter's response.
	backOffBeside = 5
	// longestHold bounds how long the last byte of a request is held back: a server
	// that takes one request at a time would wait for it forever.
	longestHold = 500 * time.Millisecond
	// arriving is the time that a request without its last byte is given to arrive.
	arriving = 20 * time.Millisecond
)

type holdKey struct{}

// WithHold returns a context in which the last byte of a request is sent when hold
// returns.
func WithHold(ctx context.Context, hold func(context.Context)) context.Context {
	return context.WithValue(ctx, holdKey{}, hold)
}

// HoldOf returns the hold of a context, or nil.
func HoldOf(ctx context.Context) func(context.Context) {
	hold, _ := ctx.Value(holdKey{}).(func(context.Context))
	return hold
}

// company sends several requests at the same time.
type company struct {
	l      *lease
	t      *record
	copies int

	mu     sync.Mutex
	made   int
	mains  []*Exchange // of the request of the case
	others []*Exchange // of valid calls
}

// batch is some copies of one request, whose last bytes are held back.
type batch struct {
	arrived   sync.WaitGroup // except for the last byte
	responses sync.WaitGroup
	released  chan struct{}
}

// sendBeside sends the request of a case together with valid calls, and returns
// the exchange that decides the case. Where a limiter or a network responds to too
// many of them, it sends fewer. Where it gets the same each time, and the valid calls
// are accepted, that is how the target refuses.
func (l *lease) sendBeside(ctx context.Context, t *record) *Exchange {
	steady := 0
	for n := 0; ; n++ {
		c := &company{l: l, t: t, copies: copies >> n, made: n << 8}
		c.send(ctx)
		t.company, l.last = c.others, nil
		for _, x := range append(slices.Clone(c.mains), c.others...) {
			l.note(x)
		}
		if steady++; !c.onlyMains() {
			steady = 0
		}
		if steady == steadily && t.c.Then.Negative {
			l.session.traits.learn(c.mains[0].hiccup())
		}
		sent := c.mains
		if !t.c.Then.Negative { // all of them are valid
			sent = append(slices.Clone(c.mains), c.others...)
		}
		t.together = sent
		decisive, enough := t.decisive(sent, l.session.traits)
		if enough || c.copies == fewestCopies || decisive.Died != "" || decisive.Foreign != "" || ctx.Err() != nil {
			if h := decisive.hiccup(); h != "" && decisive.NoResponse != "" && !enough { // a status is a refusal: it serves one request at a time
				decisive.GaveUp = string(h)
			}
			return decisive
		}
		l.session.backOff(ctx, backOffBeside+n, decisive)
	}
}

// onlyMains reports whether each copy of the case's request got the same, which may
// be an intermediary's doing, and every valid call was accepted.
func (c *company) onlyMains() bool {
	h := c.mains[0].hiccup()
	return h != "" && !slices.ContainsFunc(c.mains, func(x *Exchange) bool { return x.hiccup() != h }) &&
		!slices.ContainsFunc(c.others, func(x *Exchange) bool { return !x.Accepted() })
}

func (c *company) send(ctx context.Context) {
	valid, _ := suite.PlainCall(c.l.setup)
	switch c.t.c.State.Beside {
	case suite.WhileRead:
		others := c.hold(ctx, valid, c.copies, &c.others)
		c.hold(ctx, c.t.stimulus, 1, &c.mains).finish()
		others.finish()
	case suite.WhileServed:
		mains := c.hold(ctx, c.t.stimulus, 1, &c.mains)
		c.hold(ctx, valid, c.copies, &c.others).finish()
		mains.finish()
	case suite.Together:
		c.together(ctx, valid)
	}
}

// together sends all requests: some valid ones are served before the others, and
// some after them. A target outside this process receives all of them at once, too.
func (c *company) together(ctx context.Context, valid suite.Stimulus) {
	first := c.hold(ctx, valid, c.copies/2, &c.others)
	last := c.hold(ctx, valid, c.copies/2, &c.others)
	mains := c.hold(ctx, c.t.stimulus, c.copies, &c.mains)
	first.finish()
	mains.finish()
	last.finish()
	if c.inMemory() { // which of them is served first would depend on chance
		return
	}
	others := c.hold(ctx, valid, c.copies, &c.others)
	mains = c.hold(ctx, c.t.stimulus, c.copies, &c.mains)
	close(others.released)
	close(mains.released)
	others.responses.Wait()
	mains.responses.Wait()
}

// inMemory reports whether the target is a handler that is called directly.
func (c *company) inMemory() bool {
	_, is := c.l.session.target.(Resting)
	return is
}

// hold sends copies of a request except for their last byte, and waits until they
// have arrived.
func (c *company) hold(ctx context.Context, s suite.Stimulus, n int, into *[]*Exchange) *batch {
	b := &batch{released: make(chan struct{})}
	for range n {
		c.made++
		m := c.l.session.message(s, c.l.run.nonce(fmt.Sprintf("%s, beside %d", c.t.c.ID, c.made)), false, nil)
		m.amid = true
		b.arrived.Add(1)
		arrived := sync.OnceFunc(b.arrived.Done)
		held := WithHold(ctx, func(ctx context.Context) {
			arrived()
			select {
			case <-b.released:
			case <-ctx.Done():
			case <-time.After(longestHold):
			}
		})
		b.responses.Go(func() {
			defer arrived() // also if it never got as far
			x := c.l.session.Send(held, m)
			c.mu.Lock()
			defer c.mu.Unlock()
			*into = append(*into, x)
		})
	}
	b.arrived.Wait()
	if !c.inMemory() {
		sleep(ctx, arriving)
	}
	return b
}

// finish sends the last bytes, and waits for the responses.
func (b *batch) finish() {
	close(b.released)
	b.responses.Wait()
}

// decisive is the exchange that decides a case whose request was sent several
// times: one that had an effect, else one that does not meet the expectation, else
// any response of the target. There are enough if no other could change the verdict.
func (t *record) decisive(sent []*Exchange, traits *Traits) (x *Exchange, enough bool) {
	var own []*Exchange // responses of the target itself
	for _, x := range sent {
		if t.c.Then.Negative && x.hasEffect() {
			return x, true
		}
		h := x.hiccup()
		if refusal := t.c.Then.Negative && h != "" && traits.refuses(h); h == "" || refusal {
			x.Closed = refusal && h == closedHiccup
			own = append(own, x)
		}
	}
	for _, x := range own {
		if !t.c.Then.Holds(x.Observation) {
			return x, true
		}
	}
	if len(own) > 0 {
		return own[0], len(own) > 1 || t.c.Then.Negative
	}
	return sent[0], false
}
