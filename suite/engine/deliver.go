package engine

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Doubtful reports whether what was observed of a request may not be its doing: the
// response may be an intermediary's, or requests to the API the target's own. Then
// [Session.Deliver] finds out. What is forbidden must have no effect.
func (s *Session) Doubtful(x *Exchange, forbidden bool) bool {
	h := x.hiccup()
	return (h.passes() || forbidden && h == "" && x.unattributed()) && !(forbidden && x.hasEffect())
}

// Delivery is a request that is made anew for each attempt, with a nonce and a
// time of its own, so that nothing is ever sent twice.
type Delivery struct {
	Make func(attempt int) Message
	// Control makes a request that the target accepts. Where it is accepted each
	// time, and the other one is not, that is the target's own doing. It is nil
	// where there is none, or where the request itself is one.
	Control func(attempt int) Message
	// Forbidden: the request must have no effect, so that an effect is proof. With Open it
	// may have one: the set-up leaves open whether the target accepts it.
	Forbidden, Open bool
}

// steadily is how often a request must fail in one way, with an accepted control after
// each, to show that this is the target's doing.
const steadily = 3

// Deliver sends a request until it gets a response that is the endpoint's own.
// Attempts that came before it are in the exchange's Earlier. Where there is none
// such response within the limits, GaveUp says so.
func (s *Session) Deliver(ctx context.Context, d Delivery) *Exchange {
	var earlier []*Exchange
	last, steady := hiccup(""), 0
	for n := 0; ; n++ {
		x := s.try(ctx, d.Make, n)
		x.Earlier = earlier
		h := x.hiccup()
		if h == "" && d.Forbidden && x.unattributed() {
			h = unattributedHiccup // the target may send requests by itself
			if n+1 >= steadily && s.traits.sendsByItself(x.guessed) {
				x.dropAllGuesses()
			}
		}
		switch {
		case h == "":
			took := x.Took
			if startsWorker(x) {
				took = 0 // it says nothing about other requests
			}
			s.traits.responded(took, !d.Forbidden && x.Accepted())
			return x
		case ctx.Err() != nil, d.Forbidden && !d.Open && x.hasEffect(), h == foreignHiccup: // it needs a new target
			return x
		case d.Forbidden && s.traits.refuses(h):
			x.Closed = h == closedHiccup
			return x
		case (h == lateHiccup || h == shortHiccup) && n > 0, (h == slowHiccup || h == unattributedHiccup) && n+1 == steadily:
			return x
		case n+1 == limits.Attempts, n > 0 && s.traits.isHopeless(h):
			s.traits.giveUp(h)
			x.GaveUp = fmt.Sprintf("%s, %d times in a row", h, n+1)
			return x
		}
		if !d.Forbidden && d.Control == nil {
			s.traits.share(h)
		}
		if h == unattributedHiccup && n > 0 && s.traits.mayListen() {
			s.listen(ctx)
		}
		s.backOff(ctx, n, x)
		if steady = s.steadier(ctx, d, n, h, last, steady); steady == steadily {
			s.traits.learn(h)
			x.Closed = h == closedHiccup && s.traits.refuses(h)
			return x
		}
		earlier, last = append(earlier, x), h
	}
}

// try makes one attempt. The request is made after all waiting, so that its time is
// that at which it is sent.
func (s *Session) try(ctx context.Context, build func(attempt int) Message, n int) *Exchange {
	s.Wait(ctx)
	m := build(n)
	if m.Limit == 0 && n == 0 {
		m.Limit = s.traits.patience()
	}
	return s.Send(ctx, m)
}

// steadier counts how often a request got the same in a row, while a control was
// accepted after each.
func (s *Session) steadier(ctx context.Context, d Delivery, n int, h, last hiccup, steady int) int {
	if d.Control == nil || h != last {
		s.traits.pace.widen(n)
		return 0
	}
	control := s.try(ctx, d.Control, n)
	if other := control.hiccup(); other != "" {
		s.traits.share(other)
		s.traits.pace.widen(n)
		return 0
	}
	if !control.Accepted() {
		return 0
	}
	return steady + 1
}

// unattributed reports whether requests to the API may be no effect of this one. The
// starts of a worker name no exchange; and what a PUT in place of a POST registers is not
// what decides whether it was refused.
func (x *Exchange) unattributed() bool {
	asSync := x.Kind == suite.KindCall && x.request.Method == http.MethodPut
	return !startsWorker(x) && slices.ContainsFunc(x.guessed, func(a suite.APIRequest) bool { return !asSync || !a.Registers() })
}

// backOff waits before the next attempt, the longer the more there were.
func (s *Session) backOff(ctx context.Context, n int, x *Exchange) {
	const first = 20 * time.Millisecond
	pause := min(first<<n, limits.BackOff)
	if x.NoResponse == "" {
		pause = max(pause, retryAfter(x.Response.Header, time.Now()))
	}
	if x.isLimiter() {
		s.traits.pace.slower(pause)
		return
	}
	sleep(ctx, pause)
}
