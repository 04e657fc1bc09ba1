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
	f, found := c.lookBack(ctx, s, a.history, remembered, v.class, from, func(before []Earlier) Input {
		in := a.input
		in.Before = append(before, in.Before...)
		return in
	})
	if found {
		c.add(f)
	}
	return found
}

// lookBack looks for the requests of a history after which an input shows a violation:
// the last one, the last two, the last four and so on, up to a number of them.
func (c *campaign) lookBack(ctx context.Context, s *sender, history []Input, most int, class Class, from origin, after func([]Earlier) Input) (Finding, bool) {
	ends := c.options.clock().Add(c.options.ShrinkFor)
	most = min(len(history), most)
	for n := 1; n/2 < most && ctx.Err() == nil && !c.options.clock().After(ends); n *= 2 {
		in := after(condensed(history[len(history)-min(n, most):]))
		if _, holds, err := c.shows(ctx, s, in, class); err != nil || !holds {
			continue
		}
		if times, err := c.repeat(ctx, s, in, class, repetitions-1); err != nil || times < repetitions-1 {
			continue
		}
		if f, reason := c.confirm(ctx, s, c.shrink(ctx, s, in, class), class, from); reason == "" {
			return f, true
		}
	}
	return Finding{}, false
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
