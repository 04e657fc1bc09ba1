package live

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// tryBases sends one valid request of every base: what the target does not accept
// is no place to start from.
func (c *campaign) tryBases(ctx context.Context, s *sender) error {
	c.scope = scopeOf(c.lab, c.options)
	rotating, silent := c.scope.single && c.scope.rotating, 0
	var violating []attempt // are investigated unless the campaign is void
	c.measureClock(ctx, s)
	for _, base := range basesOf(c.lab, Input{Rotating: rotating}.setup()) {
		in := Input{Base: base, Rotating: rotating}
		a, err := c.first(ctx, s, in)
		if err != nil {
			return err
		}
		if base.accepted(a.observed) {
			c.scope.bases = append(c.scope.bases, base)
			s.accepted[base] = likeness(a.observed)
			if err := c.repeatBase(ctx, s, in); err != nil {
				return err
			}
		}
		if base == Sync && len(functionsOf(a.observed)) > 0 { // in-band instead (R25): there is nothing to start from
			continue
		}
		if a.observed.TimedOut {
			silent++
		}
		if silent == limits.SilentKinds && len(c.scope.bases) == 0 {
			c.void = fmt.Sprintf("no valid request of %d kinds got a response within %s", silent, limits.FuzzExchange)
			return nil
		}
		if len(a.violations) > 0 { // also in a request that is accepted
			violating = append(violating, a)
		}
	}
	if slices.Contains(c.scope.bases, Call) && c.scope.states {
		if err := c.tryCold(ctx, s); err != nil {
			return err
		}
	}
	if len(c.scope.bases) == 0 {
		c.void = "no valid request of any kind was accepted, so a rejection would show nothing"
		return nil
	}
	for _, a := range violating {
		c.investigateBase(ctx, s, a)
	}
	return nil
}

// tryCold sends forgeries to a process that has received nothing yet. It is started
// only for that; later ones are too few for any more.
func (c *campaign) tryCold(ctx context.Context, s *sender) error {
	var sent []attempt
	s.staysCold = true
	for _, forged := range coldForgeries {
		a, err := s.send(ctx, Input{Base: Call, Steps: forged, Cold: true})
		if err != nil {
			return err
		}
		sent = append(sent, a)
	}
	s.staysCold = false
	for _, a := range sent {
		c.investigate(ctx, s, a, origin{})
	}
	return nil
}

// measureClock finds out by how much the target's clock differs, where that can be
// remembered: requests are signed in its time.
func (c *campaign) measureClock(ctx context.Context, s *sender) {
	if _, remembers := c.lab.(engine.Knowing); !remembers || c.lab.Visibility() != suite.Full {
		return
	}
	engine.TraitsOf(c.lab).MeasureClock(ctx, func(ctx context.Context, by time.Duration) *engine.Exchange {
		a, err := s.sendAt(ctx, Input{Base: Call}, by)
		if err != nil {
			return nil
		}
		return a.observed
	})
}

// first sends a valid request until it is accepted, a few times. An endpoint that
// was already running may have accepted an equal one a moment ago: a second later
// it is a different request.
func (c *campaign) first(ctx context.Context, s *sender, in Input) (a attempt, err error) {
	for n := range repetitions {
		if n > 0 && c.scope.single {
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
		if a, err = s.send(ctx, in); err != nil {
			return a, err
		}
		if !in.Base.accepted(a.observed) { // its effects may be late
			s.settle(ctx, &a)
		}
		if in.Base.accepted(a.observed) {
			break
		}
	}
	return a, nil
}

// repeatBase looks whether a request is accepted that is, within one second, the
// same as one before. It need not be: an endpoint may accept each signature once
// only.
func (c *campaign) repeatBase(ctx context.Context, s *sender, in Input) error {
	for range repetitions {
		if !bases[in.Base].alike || s.singleUse {
			break
		}
		a, err := s.send(ctx, in)
		if err != nil {
			return err
		}
		s.singleUse = !in.Base.accepted(a.observed)
	}
	return nil
}

// scopeOf is what may be sent to a lab's targets, except for the bases.
func scopeOf(lab engine.Lab, o Options) scope {
	full := lab.Visibility() == suite.Full
	withFallback := suite.Case{Given: suite.Setup{Fallback: suite.Present}, When: suite.Introspect{Key: suite.Fallback}}
	return scope{gentle: !full && !o.Destructive, single: !full, rotating: full || lab.Lacks(withFallback) == "", noPut: o.NoPut, states: full}
}
