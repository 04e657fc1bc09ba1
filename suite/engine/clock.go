package engine

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// Clock is what is known of an endpoint's clock.
type Clock struct {
	// Offset is by how much it is ahead of the clock that stimuli are signed by; it
	// is added to the time of each, so that cases are judged in the target's time.
	Offset time.Duration `json:"offset"`
	Source string        `json:"source,omitempty"` // how it is known; empty where it is not
	// TooFar says that the clock is so far off that valid requests are refused.
	TooFar string `json:"tooFar,omitempty"`
}

// String is an offset in words; it is empty where there is none.
func (c Clock) String() string {
	switch {
	case c.TooFar != "":
		return c.TooFar
	case c.Offset > 0:
		return fmt.Sprintf("the target's clock is %s ahead, by %s; cases are judged in its time", c.Offset, c.Source)
	case c.Offset < 0:
		return fmt.Sprintf("the target's clock is %s behind, by %s; cases are judged in its time", -c.Offset, c.Source)
	}
	return ""
}

const (
	// mostOffset is the largest difference between two clocks that is allowed for.
	mostOffset = 4*time.Minute + clockError
	// clockError is how exactly a clock is known from whole seconds.
	clockError = 2 * time.Second

	bySignature = "the signatures of its responses"
	byDate      = "the Date of its responses"
	byWindow    = "the signatures that it accepts"
)

// clockReport is what responses said about a clock, as differences from ours.
type clockReport struct {
	date, signature       time.Duration
	hasDate, hasSignature bool
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

func near(a, b time.Duration) bool { return (a - b).Abs() <= clockError }

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

// isUsualSkew: targets accept what is this far ahead.
func isUsualSkew(skew time.Duration) bool {
	for _, usual := range []time.Duration{0, 30 * time.Second, reference.MaxSkew, reference.MaxAge} {
		if near(skew, usual) {
			return true
		}
	}
	return false
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
