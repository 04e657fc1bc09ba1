package live

import (
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// inState: what else the target is sent is part of the input.
func (in Input) inState() bool {
	return in.Cold || in.Beside != suite.Nobody || len(in.Before) > 0 || in.takesOver()
}

// begins: the usual request is sent first, so that the sequence begins in the same
// state each time.
func (in Input) begins() bool { return in.inState() && !in.Cold }

// input is a request of the sequence as an input of its own.
func (e Earlier) input(in Input) Input {
	return Input{Base: e.Base, Rotating: in.Rotating, Steps: e.Steps}
}

// last is the last request of the input, without its state.
func (in Input) last() Input { return Input{Base: in.Base, Rotating: in.Rotating, Steps: in.Steps} }

// times is how often the request is sent.
func (e Earlier) times() int { return max(1, e.Times) }

// until is the sequence that ends with the n-th time of the i-th request.
func (in Input) until(i, n int) Input {
	before := slices.Clone(in.Before[:i])
	if n > 0 {
		again := in.Before[i]
		again.Times = n
		before = append(before, again)
	}
	return Input{Base: in.Before[i].Base, Rotating: in.Rotating, Steps: in.Before[i].Steps, Cold: in.Cold, Before: before}
}

// total is how many requests are sent before the last one.
func total(before []Earlier) (n int) {
	for _, e := range before {
		n += min(e.times(), limits.Sequence+1) // of a file; more would overflow
	}
	return n
}

// without is the sequence without its n-th request.
func without(before []Earlier, n int) []Earlier { return slices.Delete(slices.Clone(before), n, n+1) }

// checkState says what is wrong with the state of an input that was read from a file.
func (in Input) checkState() error {
	if _, known := companies[in.Beside]; !known && in.Beside != suite.Nobody {
		return fmt.Errorf("there is no company %q", in.Beside)
	}
	for _, e := range in.Before {
		if e.Times < 0 {
			return fmt.Errorf("a request is not sent %d times", e.Times)
		}
		if err := e.input(in).Check(); err != nil {
			return err
		}
	}
	if n := total(in.Before); n > limits.Sequence {
		return fmt.Errorf("%d requests are too many for a sequence", n)
	}
	return nil
}

// stateForms are what the state adds to the forms of an input.
func (in Input) stateForms() (forms []string) {
	if in.Cold {
		forms = append(forms, "cold")
	}
	if in.Beside != suite.Nobody {
		forms = append(forms, string(in.Beside))
	}
	for _, e := range in.Before {
		forms = append(forms, "after "+e.input(in).String())
	}
	return forms
}

// describeState describes the state in words.
func (in Input) describeState() (words []string) {
	for _, e := range in.Before {
		times := ""
		if e.times() > 1 {
			times = fmt.Sprintf("%d times ", e.Times)
		}
		words = append(words, "after "+times+e.input(Input{}).String())
	}
	if in.Cold {
		words = append(words, "to a target that was just started")
	}
	if in.Beside != suite.Nobody {
		words = append(words, string(in.Beside))
	}
	return words
}

// smallerStates lists the inputs with a smaller state, the smallest first.
func (in Input) smallerStates() (all []Input) {
	with := func(change func(*Input)) {
		other := in
		change(&other)
		all = append(all, other)
	}
	if in.Beside != suite.Nobody {
		with(func(o *Input) { o.Beside = suite.Nobody })
	}
	if len(in.Before) > 0 {
		with(func(o *Input) { o.Before = nil })
	}
	if len(in.Before) > 1 {
		half := len(in.Before) / 2
		with(func(o *Input) { o.Before = in.Before[half:] })
		with(func(o *Input) { o.Before = in.Before[:half] })
	}
	for i := range in.Before {
		with(func(o *Input) { o.Before = without(in.Before, i) })
	}
	if in.Cold {
		with(func(o *Input) { o.Cold = false })
	}
	for i, e := range in.Before {
		for _, smaller := range e.smaller() {
			with(func(o *Input) { o.Before = slices.Clone(in.Before); o.Before[i] = smaller })
		}
	}
	return all
}

// smaller lists the same request with fewer steps, or fewer times.
func (e Earlier) smaller() (all []Earlier) {
	for _, times := range []int{e.Times / 2, e.Times - e.Times/4, e.Times - e.Times/16, e.Times - 1} {
		if times > 0 && times < e.Times {
			other := e
			other.Times = times
			all = append(all, other)
		}
	}
	if e.Base.isSpecialCall() {
		other := e
		other.Base = Call
		all = append(all, other)
	}
	for i := range e.Steps {
		other := e
		other.Steps = slices.Delete(slices.Clone(e.Steps), i, i+1)
		all = append(all, other)
	}
	return all
}
