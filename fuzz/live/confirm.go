package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// confirm makes a finding of what shows three times between two controls that are
// accepted. Otherwise it says why not.
func (c *campaign) confirm(ctx context.Context, s *sender, in Input, class Class, from origin) (f Finding, reason string) {
	before, reason := c.control(ctx, s, in)
	switch {
	case reason != "":
		return f, reason
	case class == FalseReject && len(in.forms()) == 0 && slices.Contains(c.scope.bases, in.Base):
		return f, "it is not reproducible: the unmodified request is accepted"
	}
	var last attempt
	for range repetitions {
		a, holds, err := c.shows(ctx, s, in, class)
		switch {
		case err != nil:
			return f, "it could not be tried again: " + err.Error()
		case !holds:
			return f, "it was not observed again after shrinking"
		}
		last = a
	}
	if _, reason := c.control(ctx, s, in); reason != "" {
		return f, reason
	}
	f = newFinding(last, *last.shows(class), c.options.Seed, from)
	f.Control = recordResponse(before.observed)
	return f, ""
}

// control sends the request without its steps, which must be accepted unless the
// target never accepted it.
func (c *campaign) control(ctx context.Context, s *sender, in Input) (a attempt, reason string) {
	for range repetitions {
		var err error
		if a, err = s.send(ctx, in.control()); err != nil {
			return a, "it could not be tried again: " + err.Error()
		}
		if !in.Base.accepted(a.observed) { // its effects may be late
			s.settle(ctx, &a)
		}
		if in.Base.accepted(a.observed) {
			return a, ""
		}
	}
	if !slices.Contains(c.scope.bases, in.Base) || s.singleUse && bases[in.Base].alike {
		return a, ""
	}
	c.lose(ctx, s, a)
	return a, "its control, the unmodified request, was not accepted: " + brief(a.observed)
}

// lose handles a base that was accepted at first and is not any more, so that no
// rejection shows anything. A target of the lab's own is started anew; with
// another one the campaign ends.
func (c *campaign) lose(ctx context.Context, s *sender, a attempt) {
	if c.lab.Visibility() == suite.Full {
		s.close(ctx)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	c.incomplete = fmt.Sprintf("a valid %s was accepted at first, and now gets %s: something limits the rate, or an earlier request did harm", a.input.Base, brief(a.observed))
}

// investigateBase investigates an attempt of a valid request.
func (c *campaign) investigateBase(ctx context.Context, s *sender, a attempt) {
	if c.options.stopAtFirst {
		c.investigate(ctx, s, a, origin{})
		return
	}
	for _, v := range a.violations {
		f, reason := c.confirm(ctx, s, a.input, v.class, origin{})
		if reason != "" {
			c.leaveUnconfirmed(a.input, v, reason)
			continue
		}
		c.add(f)
	}
}

// add keeps a finding unless another one explains it.
func (c *campaign) add(f Finding) {
	if c.keep(f) && c.announced && c.options.Found != nil {
		c.options.Found(f)
	}
}

func (c *campaign) keep(f Finding) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.explained(f.Input, violation{f.Class, f.Level, f.Requirement, f.Observed}) {
		return false
	}
	c.findings = append(c.findings, f)
	if f.Class == Crash && f.Level == suite.Must || f.Class == Hang {
		c.fatal = append(c.fatal, f.Input)
	}
	return true
}

// announce announces what was found in valid requests, and from now on every
// finding.
func (c *campaign) announce() {
	c.announced = true
	for _, f := range c.findings {
		if c.options.Found != nil {
			c.options.Found(f)
		}
	}
}
