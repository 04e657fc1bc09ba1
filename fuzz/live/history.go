package live

import (
	"context"
	"reflect"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// reproduceInHistory looks for the requests before an attempt without which it does
// not show its violation: the last one, the last two, the last four and so on. It
// reports the sequence, shrunk, and whether there is one.
func (c *campaign) reproduceInHistory(ctx context.Context, s *sender, a attempt, v violation, from origin) bool {
	if v.class == Slow || a.input.Cold || a.input.Beside != suite.Nobody {
		return false
	}
	if c.explainedInState(ctx, s, a.input, v) {
		return true
	}
	ends := c.options.clock().Add(c.options.ShrinkFor)
	most := min(len(a.history), remembered)
	for n := 1; n/2 < most && ctx.Err() == nil && !c.options.clock().After(ends); n *= 2 {
		in := a.input
		in.Before = append(condensed(a.history[len(a.history)-min(n, most):]), in.Before...)
		if _, holds, err := c.shows(ctx, s, in, v.class); err != nil || !holds {
			continue
		}
		if times, err := c.repeat(ctx, s, in, v.class, repetitions-1); err != nil || times < repetitions-1 {
			continue
		}
		if f, reason := c.confirm(ctx, s, c.shrink(ctx, s, in, v.class), v.class, from); reason == "" {
			c.add(f)
			return true
		}
	}
	return false
}

// explainedInState: after the requests of a finding the input shows the same, so that
// it shows nothing new.
func (c *campaign) explainedInState(ctx context.Context, s *sender, in Input, v violation) bool {
	c.mu.Lock()
	known := slices.Clone(c.findings)
	c.mu.Unlock()
	return slices.ContainsFunc(known, func(f Finding) bool {
		if f.Class != v.class || len(f.Input.Before) == 0 {
			return false
		}
		in.Before = f.Input.Before
		_, holds, err := c.shows(ctx, s, in, v.class)
		return err == nil && holds
	})
}

// condensed are inputs as the requests of a sequence. Equal ones in a row are one that
// is sent several times.
func condensed(inputs []Input) (before []Earlier) {
	for _, in := range inputs {
		if last := len(before) - 1; last >= 0 && before[last].Base == in.Base && reflect.DeepEqual(before[last].Steps, in.Steps) {
			before[last].Times = before[last].times() + 1
			continue
		}
		before = append(before, Earlier{Base: in.Base, Steps: slices.Clone(in.Steps)})
	}
	return before
}
