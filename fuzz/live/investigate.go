package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// investigate reports the violations of an attempt that were not investigated yet.
func (c *campaign) investigate(ctx context.Context, s *sender, a attempt, from origin) {
	if len(a.violations) == 0 {
		return
	}
	if c.options.stopAtFirst {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.stopped = true
		c.findings = append(c.findings, newFinding(a, a.violations[0], c.options.Seed, from))
		return
	}
	for _, v := range a.violations {
		if c.claim(a.input, v) {
			c.reproduce(ctx, s, a, v, from)
		}
	}
}

// claim is true for the first caller with a violation that no finding explains.
func (c *campaign) claim(in Input, v violation) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.findings) >= c.options.maxFindings {
		c.stopped, c.incomplete = true, fmt.Sprintf("stopped after %d findings", len(c.findings))
		return false
	}
	key := fmt.Sprint(v.class, in.Base, in.forms())
	if c.tried[key] || c.explained(in, v) {
		return false
	}
	c.tried[key] = true
	return true
}

// explained: a finding with fewer steps shows the same. Callers hold the lock.
func (c *campaign) explained(in Input, v violation) bool {
	at := slices.IndexFunc(c.findings, func(f Finding) bool { return f.explains(in, v) })
	if at < 0 {
		return false
	}
	c.findings[at].also(in)
	if c.findings[at].Class == Crash && v.level == suite.Must || v.class == Hang {
		c.fatal = append(c.fatal, in)
	}
	return true
}

// reproduce shrinks a violation and reports it, if it can be observed again: with the
// input alone, with the one before it where a target died a moment later, or with
// several of those before it.
func (c *campaign) reproduce(ctx context.Context, s *sender, a attempt, v violation, from origin) {
	reason, settled := c.reproduceAlone(ctx, s, a, v, from)
	if last := len(a.history) - 1; !settled && v.class == Crash && last >= 0 {
		before := a
		before.input = a.history[last]
		_, settled = c.reproduceAlone(ctx, s, before, v, from)
	}
	if !settled && !c.reproduceInHistory(ctx, s, a, v, from) {
		c.leaveUnconfirmed(a.input, v, reason)
	}
}

// reproduceAlone is settled if the violation was reported. Otherwise it says why not.
func (c *campaign) reproduceAlone(ctx context.Context, s *sender, a attempt, v violation, from origin) (reason string, settled bool) {
	times, err := c.repeat(ctx, s, a.input, v.class, repetitions)
	switch {
	case err != nil:
		return "it could not be tried again: " + err.Error(), false
	case times == 0:
		return "it was not observed again", false
	case times < repetitions:
		reason = c.undetermined(ctx, s, a, v, from)
		return reason, reason == ""
	}
	if len(a.input.Before) > 0 && c.explainedInState(ctx, s, a.input, v) {
		return "", true
	}
	f, reason := c.confirm(ctx, s, c.shrink(ctx, s, a.input, v.class), v.class, from)
	if reason == "" {
		c.add(c.anew(ctx, s, f, a, from))
	}
	return reason, reason == ""
}

// leaveUnconfirmed keeps what was observed and cannot be reported as a finding.
func (c *campaign) leaveUnconfirmed(in Input, v violation, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unconfirmed = append(c.unconfirmed, Unconfirmed{in, v.class, v.observed, reason})
}

// undetermined reports equal requests, signed anew, that are treated differently.
// Otherwise it says why not.
func (c *campaign) undetermined(ctx context.Context, s *sender, a attempt, v violation, from origin) (reason string) {
	const more = 3 * repetitions
	times, err := c.repeat(ctx, s, a.input, v.class, more)
	if err != nil || times == 0 || times == more {
		return fmt.Sprintf("it was observed in some of the first requests, and later in %d of %d", times, more)
	}
	v.observed = fmt.Sprintf("%s in %d of %d equal requests: %s", v.class, times, more, v.observed)
	v.class, v.required = Undetermined, "equal requests are treated equally"
	c.add(newFinding(a, v, c.options.Seed, from))
	return ""
}
