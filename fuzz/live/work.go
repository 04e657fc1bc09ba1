package live

import (
	"context"
	"errors"
	"slices"
)

// neighbours is how many inputs near one with a new behaviour are tried.
const neighbours = 2

// work draws and tries inputs until there is nothing left to do.
func (c *campaign) work(ctx context.Context, s *sender, worker int) {
	defer func() {
		for _, a := range s.close(ctx) {
			c.investigate(ctx, s, a, origin{})
		}
		s.close(ctx)
	}()
	g := newGenerator(c.options.Seed, c.scope)
	if worker == 0 {
		for _, in := range c.options.Corpus {
			if c.over(ctx) || c.scope.fits(in) && !c.try(ctx, s, g, in, origin{}) {
				break
			}
		}
	}
	for {
		index, more := c.take(ctx)
		if !more || !c.try(ctx, s, g, g.at(index), origin{index: index}) {
			return
		}
	}
}

func (c *campaign) over(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.isOver(ctx)
}

// isOver: no more inputs are drawn. Callers hold the lock.
func (c *campaign) isOver(ctx context.Context) bool {
	return ctx.Err() != nil || c.stopped || !c.ends.IsZero() && c.options.clock().After(c.ends)
}

// take hands out the next index of this shard.
func (c *campaign) take(ctx context.Context) (index uint64, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	index = c.next*c.options.Shards + c.options.Shard - 1
	if c.isOver(ctx) || c.options.Requests > 0 && index >= c.options.Requests {
		return 0, false
	}
	c.next++
	return index, true
}

// try sends one input, and those near it where it shows a new behaviour. It is
// false where nothing more can be tried.
func (c *campaign) try(ctx context.Context, s *sender, g *generator, in Input, from origin) bool {
	isNew, ok := c.once(ctx, s, in, from)
	for n := uint64(1); ok && isNew && n <= neighbours && !c.over(ctx); n++ {
		_, ok = c.once(ctx, s, g.near(in, from.index, n), origin{from.index, n})
	}
	return ok && !c.over(ctx)
}

// once sends one input and investigates what it shows.
func (c *campaign) once(ctx context.Context, s *sender, in Input, from origin) (isNew, ok bool) {
	if c.isFatal(in) {
		return false, true
	}
	a, err := s.send(ctx, in)
	if err != nil {
		c.abort(ctx, err)
		return false, false
	}
	c.noteCut(a)
	if a.observed.GaveUp != "" {
		c.noOwnResponse(ctx, s, a)
	}
	for _, other := range s.takeAside() {
		c.investigate(ctx, s, other, from)
	}
	c.investigate(ctx, s, a, from)
	for _, late := range s.lateOf(in) {
		c.investigate(ctx, s, late, origin{})
	}
	if slow := c.slow(ctx, s, a); slow != nil {
		c.investigate(ctx, s, *slow, from)
	}
	return c.isNew(a), true
}

// noteCut counts responses of which not everything was looked at: the campaign cannot
// say that there is nothing to find.
func (c *campaign) noteCut(a attempt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.observed.Cut != "" {
		c.cut, c.cutWhy = c.cut+1, a.observed.Cut
	}
}

// noOwnResponse handles an input to which only an intermediary responded. Where a valid
// request fares no better, no rejection shows anything.
func (c *campaign) noOwnResponse(ctx context.Context, s *sender, a attempt) {
	c.mu.Lock()
	c.gaveUp++
	c.mu.Unlock()
	_, _ = c.control(ctx, s, a.input) // which ends the campaign where it must
}

// isFatal: an input with the same steps, or with those of a request before it, ended
// the target before or got no response within the time limit. The target would only be
// started again, or waited for, for what is known already.
func (c *campaign) isFatal(in Input) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.fatal, func(known Input) bool {
		return known.covers(in) || slices.ContainsFunc(in.Before, func(e Earlier) bool { return known.covers(e.input(in)) })
	})
}

// abort ends the campaign: a target that was there does not come back.
func (c *campaign) abort(ctx context.Context, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		c.incomplete = err.Error()
	}
}

// isNew reports whether the target behaved as never before.
func (c *campaign) isNew(a attempt) bool {
	print := a.fingerprint()
	c.mu.Lock()
	known := c.fingerprints[print]
	c.fingerprints[print] = true
	c.mu.Unlock()
	if !known && c.options.Keep != nil && !a.input.Cold { // for which a target is started
		c.options.Keep(a.input)
	}
	return !known
}
