package live

import (
	"context"
	"fmt"
	"slices"
)

// shrink looks for the smallest input that shows the same class of violation:
// fewer steps, smaller numbers, the plainer set-up. It has a time limit of its own.
func (c *campaign) shrink(ctx context.Context, s *sender, in Input, class Class) Input {
	ends := c.options.clock().Add(c.options.ShrinkFor)
	tried := map[string]bool{}
	holds := func(candidate Input) bool {
		key := fmt.Sprintf("%#v", candidate)
		if tried[key] || ctx.Err() != nil || c.options.clock().After(ends) {
			return false
		}
		tried[key] = true
		if in.Cold && !candidate.Cold {
			s.renew(candidate) // what was sent to the last one may have changed it for good
		}
		if in.inState() && !candidate.inState() {
			return c.showsByItself(ctx, s, candidate, class)
		}
		_, shown, err := c.shows(ctx, s, candidate, class)
		return err == nil && shown
	}
	return in.shrink(func(candidate Input) bool { return c.scope.fits(candidate) && holds(candidate) })
}

// showsByItself reports whether an input shows a class of violation whatever was sent
// before: after a valid request, and after itself.
func (c *campaign) showsByItself(ctx context.Context, s *sender, in Input, class Class) bool {
	if _, err := s.send(ctx, s.usual(in)); err != nil {
		return false
	}
	times, err := c.repeat(ctx, s, in, class, 2)
	return err == nil && times == 2
}

// shrink gives the smallest input that it can find for which a condition holds,
// which it does for in.
func (in Input) shrink(holds func(Input) bool) Input {
	for {
		at := slices.IndexFunc(in.smaller(), holds)
		if at < 0 {
			return in
		}
		in = in.smaller()[at]
	}
}

// smaller lists the inputs that are one deviation smaller, the smallest first.
func (in Input) smaller() (all []Input) {
	with := func(change func(*Input)) {
		other := in
		other.Steps = slices.Clone(in.Steps)
		change(&other)
		all = append(all, other)
	}
	all = in.smallerStates()
	for i := range in.Steps {
		if len(in.Steps) > 2 {
			with(func(o *Input) { o.Steps = []Step{in.Steps[i]} })
		}
	}
	for i := range in.Steps {
		with(func(o *Input) { o.Steps = slices.Delete(o.Steps, i, i+1) })
	}
	if in.Rotating {
		with(func(o *Input) { o.Rotating = false })
	}
	for i, step := range in.Steps {
		for _, smaller := range step.smaller() {
			with(func(o *Input) { o.Steps[i] = smaller })
		}
	}
	if in.Base.isSpecialCall() {
		with(func(o *Input) { o.Base = Call })
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
				with(func(o *Step) { o.N, o.Form = n, plainForm(s.Form) })
			}
		}
		with(func(o *Step) { o.Form = plainForm(s.Form) })
	case "epoch":
		all = append(all, plainTimes(map[bool]string{true: "past", false: "future"}[s.Form == "zero" || s.Form == "one"])...)
	case "t":
		if slices.Contains([]string{"wrapped", "wrapped at 32", "milliseconds", "microseconds", "many nines", "octal"}, s.Form) {
			all = append(all, plainTimes("future")...)
		}
	case carry:
		all = append(all, s.fewer()...)
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

// plainForm is the plain name of a direction in time.
func plainForm(form string) string {
	switch form {
	case "far future":
		return "future"
	case "long past":
		return "past"
	}
	return form
}
