package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// looksInto reports the violations of a trial that nobody looked into yet.
func (c *campaign) looksInto(ctx context.Context, b *bench, t Trial, from origin) {
	if len(t.Broken) == 0 {
		return
	}
	if c.options.StopAtFirst {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.stopped = true
		c.findings = append(c.findings, findingOf(t, t.Broken[0], c.options.Seed, from))
		return
	}
	for _, v := range t.Broken {
		if c.claim(t.Exchange, v) {
			c.settle(ctx, b, t, v, from)
		}
	}
}

// claim is true for the first who asks about a violation that no finding explains.
func (c *campaign) claim(e Exchange, v Violation) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.findings) >= c.options.MostFindings {
		c.stopped, c.incomplete = true, fmt.Sprintf("stopped after %d findings", len(c.findings))
		return false
	}
	key := fmt.Sprint(v.Class, e.Kind, formsOf(e))
	if c.tried[key] || c.explained(e, v) {
		return false
	}
	c.tried[key] = true
	return true
}

// explained: a finding with fewer steps shows the same. Callers hold the lock.
func (c *campaign) explained(e Exchange, v Violation) bool {
	for i, f := range c.findings {
		if f.explains(e, v) {
			c.findings[i].also(e)
			if f.Class == Crash && v.Level == suite.Must {
				c.killers = append(c.killers, Finding{Exchange: e})
			}
			return true
		}
	}
	return false
}

// settle shrinks a violation and reports it, if it is there to stay.
func (c *campaign) settle(ctx context.Context, b *bench, t Trial, v Violation, from origin) {
	times, err := c.repeat(ctx, b, t.Exchange, v.Class, again)
	switch {
	case err != nil:
		c.suspect(t.Exchange, v, "could not be tried again: "+err.Error())
		return
	case times == 0 && v.Class == Crash && t.Suspect != nil:
		before := t
		before.Exchange, before.Suspect = *t.Suspect, nil
		c.settle(ctx, b, before, v, from)
		return
	case times == 0:
		c.suspect(t.Exchange, v, "was not seen again")
		return
	case times < again:
		c.undetermined(ctx, b, t, v, from)
		return
	}
	small := c.shrink(ctx, b, t.Exchange, v.Class)
	if why := c.confirm(ctx, b, small, v.Class, from); why != "" {
		c.suspect(small, v, why)
	}
}

// suspect keeps what was seen and cannot be reported.
func (c *campaign) suspect(e Exchange, v Violation, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unconfirmed = append(c.unconfirmed, Suspicion{e, v.Class, v.What, why})
}

// again is how often a violation is tried again.
const again = 3

// repeat counts how often an exchange shows a class of violation.
func (c *campaign) repeat(ctx context.Context, b *bench, e Exchange, class Class, times int) (shown int, err error) {
	for range times {
		if _, holds, err := c.shows(ctx, b, e, class); err != nil {
			return shown, err
		} else if holds {
			shown++
		}
	}
	return shown, nil
}

// shows carries an exchange out and tells whether it shows a class of violation.
func (c *campaign) shows(ctx context.Context, b *bench, e Exchange, class Class) (Trial, bool, error) {
	t, err := b.do(ctx, e)
	if err != nil {
		return t, false, err
	}
	if class == Slow {
		slow := c.slow(ctx, b, t)
		if slow != nil {
			return *slow, true, nil
		}
		return t, false, nil
	}
	if class == Crash && t.shows(class) == nil {
		b.await(ctx, &t)
	}
	return t, t.shows(class) != nil, nil
}

func (t Trial) shows(class Class) *Violation {
	for i := range t.Broken {
		if t.Broken[i].Class == class {
			return &t.Broken[i]
		}
	}
	return nil
}

// undetermined: the same request, signed anew, is answered now so and now so.
func (c *campaign) undetermined(ctx context.Context, b *bench, t Trial, v Violation, from origin) {
	const more = 3 * again
	times, err := c.repeat(ctx, b, t.Exchange, v.Class, more)
	if err != nil || times == 0 || times == more {
		c.suspect(t.Exchange, v, fmt.Sprintf("was seen now and then at first, and later in %d of %d requests", times, more))
		return
	}
	v.What = fmt.Sprintf("%s in %d of %d equal requests: %s", v.Class, times, more, v.What)
	v.Class, v.Why = Undetermined, "equal requests are answered equally"
	c.add(findingOf(t, v, c.options.Seed, from))
}

// confirm reports a finding if it shows three times between two honest requests
// that are accepted, and says why it does not.
func (c *campaign) confirm(ctx context.Context, b *bench, e Exchange, class Class, from origin) (why string) {
	before, why := c.honest(ctx, b, e)
	switch {
	case why != "":
		return why
	case len(e.Steps) == 0 && slices.Contains(c.limits.Kinds, e.Kind):
		return "came from nothing: the honest request is accepted again"
	}
	var last Trial
	for range again {
		t, holds, err := c.shows(ctx, b, e, class)
		switch {
		case err != nil:
			return "could not be tried again: " + err.Error()
		case !holds:
			return "was not seen again when all else was taken away"
		}
		last = t
	}
	if _, why := c.honest(ctx, b, e); why != "" {
		return why
	}
	f := findingOf(last, *last.shows(class), c.options.Seed, from)
	f.Honest = answerOf(before.Seen)
	c.add(f)
	return ""
}

// honest sends the request without the deviation, which must be accepted unless
// it never was.
func (c *campaign) honest(ctx context.Context, b *bench, e Exchange) (t Trial, why string) {
	for range again {
		var err error
		if t, err = b.do(ctx, e.Honest()); err != nil {
			return t, "could not be tried again: " + err.Error()
		}
		if t.Seen.Accepted(e.Kind) {
			return t, ""
		}
	}
	if !slices.Contains(c.limits.Kinds, e.Kind) || c.onceOnly && alike[e.Kind] {
		return t, ""
	}
	c.lose(ctx, b, t)
	return t, "was spoiled, the honest request beside it was not accepted: " + t.Seen.short()
}

// lose: an honest request of a kind that was accepted at first is not accepted
// any more, so that no refusal shows anything. A target of ours is started anew;
// for another one it is the end.
func (c *campaign) lose(ctx context.Context, b *bench, t Trial) {
	if c.lab.Visibility() == suite.Full {
		b.leave(ctx)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	c.incomplete = fmt.Sprintf("%s was accepted at first, and is now %s: something limits the rate, or a request before it did harm", t.Exchange, t.Seen.short())
}

// report looks into a trial of an honest request.
func (c *campaign) report(ctx context.Context, b *bench, t Trial, from origin) {
	if c.options.StopAtFirst {
		c.looksInto(ctx, b, t, from)
		return
	}
	for _, v := range t.Broken {
		if why := c.confirm(ctx, b, t.Exchange, v.Class, from); why != "" {
			c.suspect(t.Exchange, v, why)
		}
	}
}

// add takes a finding in unless another one already tells the same.
func (c *campaign) add(f Finding) {
	if !c.takes(f) {
		return
	}
	if c.told && c.options.Found != nil {
		c.options.Found(f)
	}
}

func (c *campaign) takes(f Finding) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.explained(f.Exchange, Violation{f.Class, f.Level, f.Why, f.What}) {
		return false
	}
	c.findings = append(c.findings, f)
	if f.Class == Crash && f.Level == suite.Must {
		c.killers = append(c.killers, f)
	}
	return true
}

// tell tells what was found in honest requests, and from now on all that is found.
func (c *campaign) tell() {
	c.told = true
	for _, f := range c.findings {
		if c.options.Found != nil {
			c.options.Found(f)
		}
	}
}
