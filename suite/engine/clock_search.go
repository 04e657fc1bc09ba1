package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// clockSearch finds out an endpoint's clock with valid requests.
type clockSearch struct {
	traits *Traits
	send   func(ctx context.Context, by time.Duration) *Exchange
	silent bool // the last response was not the endpoint's own
}

// accepts reports whether a valid request is accepted that is signed by our clock
// plus a difference.
func (c *clockSearch) accepts(ctx context.Context, by time.Duration) bool {
	x := c.send(ctx, by)
	c.silent = x == nil || x.GaveUp != "" || x.NoResponse != "" && !x.Closed
	return !c.silent && x.Accepted()
}

// MeasureClock finds out by how much an endpoint's clock differs, unless that is
// known. send sends a valid request that is signed by the suite's clock plus a
// difference; it returns nil if that cannot be sent.
func (t *Traits) MeasureClock(ctx context.Context, send func(ctx context.Context, by time.Duration) *Exchange) {
	if t.clockIsKnown() {
		return
	}
	search := clockSearch{traits: t, send: send}
	t.setClock(search.measure(ctx))
}

func (c *clockSearch) measure(ctx context.Context) Clock {
	start, found := c.anyAccepted(ctx)
	reported := c.traits.clockReported()
	switch {
	case !found:
		return tooFar(reported)
	case reported.hasSignature && near(reported.signature, 0):
		return Clock{}
	case reported.hasSignature && c.fits(ctx, reported.signature):
		return Clock{Offset: reported.signature.Round(time.Second), Source: bySignature}
	case reported.hasDate && near(reported.date, 0) && c.isWindow(ctx, 0):
		return Clock{}
	case reported.hasDate && c.fits(ctx, reported.date) && c.isWindow(ctx, reported.date):
		return Clock{Offset: reported.date.Round(time.Second), Source: byDate}
	case !reported.hasDate && c.isWindow(ctx, 0):
		return Clock{}
	}
	return c.byWindow(ctx, start)
}

// anyAccepted finds a difference at which a valid request is accepted: none, what
// responses say, and then anything up to the most.
func (c *clockSearch) anyAccepted(ctx context.Context) (time.Duration, bool) {
	if c.accepts(ctx, 0) {
		return 0, true
	}
	reported := c.traits.clockReported()
	tried := []time.Duration{}
	if reported.hasDate {
		tried = append(tried, reported.date)
	}
	const step = 45 * time.Second
	for by := step; by <= mostOffset+step; by += step {
		tried = append(tried, -by, by)
	}
	for _, by := range tried {
		if c.silent {
			break // it is not the time that is refused
		}
		if by.Abs() <= mostOffset+step && ctx.Err() == nil && c.accepts(ctx, by) {
			return by, true
		}
	}
	return 0, false
}

// fits reports whether a clock may be off by this much.
func (c *clockSearch) fits(ctx context.Context, by time.Duration) bool {
	return by.Abs() <= mostOffset && (near(by, 0) || c.accepts(ctx, by))
}

// isWindow reports whether what is accepted is what a target with this clock
// should accept: four minutes old (R6), and neither older than the limit nor as far
// ahead.
func (c *clockSearch) isWindow(ctx context.Context, by time.Duration) bool {
	const within, beyond = 4*time.Minute - 2*clockError, reference.MaxAge + 2*clockError
	return c.accepts(ctx, by-within) && !c.accepts(ctx, by-beyond) && !c.accepts(ctx, by+beyond)
}

// byWindow measures what is accepted: where that is a window as targets have
// them, moved by a difference, it is the clock that differs. Otherwise it is the
// window, and our clock counts.
func (c *clockSearch) byWindow(ctx context.Context, start time.Duration) Clock {
	oldest, ahead := c.edge(ctx, start, -time.Second), c.edge(ctx, start, time.Second)
	offset := reference.MaxAge + oldest
	skew := ahead - offset
	if offset.Abs() > mostOffset || !isUsualSkew(skew) {
		return Clock{}
	}
	return Clock{Offset: offset, Source: byWindow}
}

// edge finds the farthest difference that is accepted, in one direction from one
// that is, to the second.
func (c *clockSearch) edge(ctx context.Context, from, step time.Duration) time.Duration {
	const farthest = 1024 // seconds: more than any window and any offset together
	accepted, refused := time.Duration(0), time.Duration(farthest)
	for refused-accepted > 1 && ctx.Err() == nil {
		if at := (accepted + refused) / 2; c.accepts(ctx, from+at*step) {
			accepted = at
		} else {
			refused = at
		}
	}
	return from + accepted*step
}

// tooFar says what is known of a clock by which nothing valid is accepted.
func tooFar(reported clockReport) Clock {
	if !reported.hasDate || reported.date.Abs() <= mostOffset {
		return Clock{}
	}
	direction := "ahead"
	if reported.date < 0 {
		direction = "behind"
	}
	return Clock{TooFar: fmt.Sprintf("the target's clock is %s %s, by %s, so it refuses valid requests: set its clock", reported.date.Abs().Round(time.Second), direction, byDate)}
}
