package live

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// shrink looks for the smallest exchange that shows the same class of violation:
// fewer steps, smaller numbers, the plainer set-up. It has a time limit of its own.
func (c *campaign) shrink(ctx context.Context, b *bench, e Exchange, class Class) Exchange {
	ends := c.options.Clock().Add(c.options.ShrinkFor)
	tried := map[string]bool{}
	holds := func(candidate Exchange) bool {
		key := fmt.Sprint(candidate)
		if tried[key] || ctx.Err() != nil || c.options.Clock().After(ends) {
			return false
		}
		tried[key] = true
		_, shown, err := c.shows(ctx, b, candidate, class)
		return err == nil && shown
	}
	return Shrink(e, func(candidate Exchange) bool { return c.fits(candidate) && holds(candidate) })
}

// Shrink gives the smallest exchange that it can find for which a condition
// holds. It holds for e.
func Shrink(e Exchange, holds func(Exchange) bool) Exchange {
	for {
		smaller, found := smallerThan(e, holds)
		if !found {
			return e
		}
		e = smaller
	}
}

// smallerThan gives the first of the smaller exchanges for which the condition holds.
func smallerThan(e Exchange, holds func(Exchange) bool) (Exchange, bool) {
	for _, candidate := range e.smaller() {
		if holds(candidate) {
			return candidate, true
		}
	}
	return e, false
}

// smaller lists the exchanges that are one deviation smaller, the smallest first.
func (e Exchange) smaller() (all []Exchange) {
	with := func(change func(*Exchange)) {
		other := e
		other.Steps = slices.Clone(e.Steps)
		change(&other)
		all = append(all, other)
	}
	for i := range e.Steps {
		if len(e.Steps) > 2 {
			with(func(o *Exchange) { o.Steps = []Step{e.Steps[i]} })
		}
	}
	for i := range e.Steps {
		with(func(o *Exchange) { o.Steps = slices.Delete(o.Steps, i, i+1) })
	}
	if e.Rotating {
		with(func(o *Exchange) { o.Rotating = false })
	}
	for i, step := range e.Steps {
		for _, smaller := range step.smaller() {
			with(func(o *Exchange) { o.Steps[i] = smaller })
		}
	}
	if e.Kind == RichCall || e.Kind == Fetched || e.Kind == Stepping || e.Kind == Sending {
		with(func(o *Exchange) { o.Kind = Call })
	}
	return all
}

// smaller lists the same step with less of its parameter, the least first.
func (s Step) smaller() (all []Step) {
	with := func(change func(*Step)) {
		other := s
		change(&other)
		if other != s {
			all = append(all, other)
		}
	}
	if s.Signed && operators[s.Op].signs < 10 {
		with(func(o *Step) { o.Signed = false })
	}
	switch s.Op {
	case "time", "redate":
		for _, n := range slices.Sorted(slices.Values(distances)) {
			if n < s.N {
				with(func(o *Step) { o.N, o.Form = n, nearer(s.Form) })
			}
		}
		with(func(o *Step) { o.Form = nearer(s.Form) })
	case "epoch":
		all = append(all, plainTimes(map[bool]string{true: "past", false: "future"}[s.Form == "zero" || s.Form == "one"])...)
	case "t":
		if slices.Contains([]string{"wrapped", "wrapped at 32", "milliseconds", "microseconds", "many nines", "octal"}, s.Form) {
			all = append(all, plainTimes("future")...)
		}
	case "grow":
		for n := int64(1); n < s.N; n *= 4 {
			with(func(o *Step) { o.N = n })
		}
		with(func(o *Step) { o.N = s.N / 2 })
	default:
		if s.N > 0 {
			with(func(o *Step) { o.N = least(s) })
		}
	}
	return all
}

// plainTimes are plainly spelled times, near and far.
func plainTimes(direction string) []Step {
	return []Step{
		{Op: "time", Form: direction, N: 5*minuteS + 6, Signed: true}, {Op: "time", Form: direction, N: 10 * yearS, Signed: true},
	}
}

// least is the smallest number that a step can have.
func least(s Step) int64 {
	if s.Op == "boundary" {
		return 1
	}
	return 0
}

// nearer is the plain name of a direction in time.
func nearer(form string) string {
	switch form {
	case "far future":
		return "future"
	case "long past":
		return "past"
	}
	return form
}

const (
	// slowFloor is the least that counts as slow; below it noise is larger.
	slowFloor = 200 * time.Millisecond
	// slowRatio: four times the size may take four times the time; twice that is
	// left for noise.
	slowRatio = 8
	slowSize  = 4096
)

// slow compares a request that grew with one of a quarter of its size, in the
// same run: time may grow no faster than size. It gives the trial with the
// violation, or nil.
func (c *campaign) slow(ctx context.Context, b *bench, t Trial) *Trial {
	at := slices.IndexFunc(t.Exchange.Steps, func(s Step) bool { return s.Op == "grow" && s.N >= slowSize })
	if at < 0 || t.Took < slowFloor || t.Seen.NoAnswer != "" {
		return nil
	}
	quarter := t.Exchange
	quarter.Steps = slices.Clone(quarter.Steps)
	quarter.Steps[at].N /= 4
	large, small := c.quickest(ctx, b, t.Exchange), c.quickest(ctx, b, quarter)
	if large < slowFloor || small <= 0 || large < slowRatio*small {
		return nil
	}
	t.Broken = []Violation{{
		Slow, suite.Should, "time grows no faster than size",
		fmt.Sprintf("four times the size took %.0f times as long (%s)", float64(large)/float64(small), large.Round(time.Millisecond)),
	}}
	return &t
}

// quickest is the least time that an exchange takes.
func (c *campaign) quickest(ctx context.Context, b *bench, e Exchange) time.Duration {
	least := time.Duration(0)
	for range again {
		t, err := b.do(ctx, e)
		if err != nil {
			return 0
		}
		if least == 0 || t.Took < least {
			least = t.Took
		}
	}
	return least
}
