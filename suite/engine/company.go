package engine

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

const (
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

// Beside is a request that is sent while valid ones are in flight. Each copy of them
// needs a nonce of its own.
type Beside struct {
	Company suite.Company
	Copies  int            // of the valid request; also of the other one, where all are sent together
	Main    func() Message // makes a copy of the request
	Valid   func() Message // makes a copy of the valid one
	// Arriving is the time that a request without its last byte is given to arrive;
	// the zero value is 20 ms.
	Arriving time.Duration
}

// SendBeside sends all copies. Those of each request are in the order in which they
// ended.
func (s *Session) SendBeside(ctx context.Context, b Beside) (mains, others []*Exchange) {
	c := &company{Beside: b, session: s}
	c.send(ctx)
	return c.mains, c.others
}

// company sends several requests at the same time.
type company struct {
	Beside
	session *Session

	mu            sync.Mutex
	mains, others []*Exchange
}

// batch is some copies of one request, whose last bytes are held back.
type batch struct {
	arrived   sync.WaitGroup // except for the last byte
	responses sync.WaitGroup
	released  chan struct{}
}

func (c *company) send(ctx context.Context) {
	switch c.Company {
	case suite.WhileRead:
		others := c.hold(ctx, c.Valid, c.Copies, &c.others)
		c.hold(ctx, c.Main, 1, &c.mains).finish()
		others.finish()
	case suite.WhileServed:
		mains := c.hold(ctx, c.Main, 1, &c.mains)
		c.hold(ctx, c.Valid, c.Copies, &c.others).finish()
		mains.finish()
	case suite.Together:
		c.together(ctx)
	}
}

// together sends all requests: some valid ones are served before the others, and
// some after them. A target outside this process receives all of them at once, too.
func (c *company) together(ctx context.Context) {
	first := c.hold(ctx, c.Valid, c.Copies/2, &c.others)
	last := c.hold(ctx, c.Valid, c.Copies/2, &c.others)
	mains := c.hold(ctx, c.Main, c.Copies, &c.mains)
	first.finish()
	mains.finish()
	last.finish()
	if c.inMemory() { // which of them is served first would depend on chance
		return
	}
	others := c.hold(ctx, c.Valid, c.Copies, &c.others)
	mains = c.hold(ctx, c.Main, c.Copies, &c.mains)
	close(others.released)
	close(mains.released)
	others.responses.Wait()
	mains.responses.Wait()
}

// inMemory reports whether the target is a handler that is called directly.
func (c *company) inMemory() bool {
	_, is := c.session.target.(Resting)
	return is
}

// hold sends copies of a request except for their last byte, and waits until they
// have arrived.
func (c *company) hold(ctx context.Context, build func() Message, n int, into *[]*Exchange) *batch {
	b := &batch{released: make(chan struct{})}
	for range n {
		m := build()
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
			x := c.session.Send(held, m)
			c.mu.Lock()
			defer c.mu.Unlock()
			*into = append(*into, x)
		})
	}
	b.arrived.Wait()
	if !c.inMemory() {
		sleep(ctx, cmp.Or(c.Arriving, arriving))
	}
	return b
}

// finish sends the last bytes, and waits for the responses.
func (b *batch) finish() {
	close(b.released)
	b.responses.Wait()
}
