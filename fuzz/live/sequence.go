package live

import (
	"context"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// The roles of companions, as records name them.
const (
	asOpening  = "first"
	rightAhead = "before"
	alongside  = "at the same time"
)

const (
	// besideCopies is how many valid calls are in flight together.
	besideCopies = 4
	// leastArriving and mostArriving bound the time that a request without its last byte
	// is given to arrive.
	leastArriving, mostArriving = 2 * time.Millisecond, 20 * time.Millisecond
	// remembered is how many inputs a lease remembers.
	remembered = 512
)

// sendInState sends the requests of an input. If the target ends before the last of
// them, the attempt is that of the sequence until then.
func (s *sender) sendInState(ctx context.Context, l *lease, in Input) (attempt, error) {
	var last *attempt
	var sent []companion
	if in.begins() {
		opening, err := s.precede(ctx, l, in, s.usual(in))
		if err != nil {
			return opening, err
		}
		sent, last = append(sent, companion{opening, 1, asOpening}), &opening
	}
	for i, e := range in.Before {
		for n := range e.times() {
			a, err := s.precede(ctx, l, in, e.input(in))
			if err != nil {
				return a, err
			}
			a.input, a.sequence, last = in.until(i, n), sent, &a
			if a.observed.Died != "" {
				return a, nil
			}
			if len(a.violations) > 0 {
				s.aside = append(s.aside, a)
			}
			if n == e.times()-1 {
				sent = append(slices.Clip(sent), companion{a, e.times(), rightAhead})
			}
		}
	}
	l.session.Wait(ctx)
	if in.Beside != suite.Nobody {
		return s.sendBeside(ctx, l, in, sent)
	}
	a, err := s.exchange(ctx, l, in, 0, last)
	a.sequence = sent
	return a, err
}

// precede sends a request of a sequence, over the same connection where that matters.
func (s *sender) precede(ctx context.Context, l *lease, in, one Input) (attempt, error) {
	l.session.Wait(ctx)
	if in.has(sameConnection) {
		one.Steps = append(slices.Clip(one.Steps), Step{Op: again, Form: sameConnection})
	}
	return s.exchange(ctx, l, one, 0, nil)
}

// sendBeside sends an input while valid calls are in flight. The attempt is the one
// that shows a violation; what may be a limiter's doing shows none.
func (s *sender) sendBeside(ctx context.Context, l *lease, in Input, sent []companion) (attempt, error) {
	made := map[string]attempt{} // by nonce
	build := func(in Input) func() engine.Message {
		return func() engine.Message {
			a, message := s.compose(l, in, s.scene(l, in, 0, nil))
			made[message.Nonce] = a
			return message
		}
	}
	mains, others := l.session.SendBeside(ctx, engine.Beside{
		Company: in.Beside, Copies: besideCopies, Main: build(in), Valid: build(s.usual(in)), Arriving: min(max(4*s.took, leastArriving), mostArriving),
	})
	if ctx.Err() != nil {
		return attempt{input: in}, ctx.Err()
	}
	var decisive *attempt
	for i, x := range slices.Concat(mains, others) {
		a := made[x.Nonce]
		if a.observed = x; !l.session.Doubtful(x, a.required.outcome == mustReject) {
			a.check()
		}
		l.note(a)
		if i >= len(mains) {
			a.isCompanion()
		}
		if decisive == nil || len(decisive.violations) == 0 && len(a.violations) > 0 {
			decisive = &a
		}
	}
	other := made[others[0].Nonce]
	other.observed = others[0]
	decisive.input, decisive.sequence = in, append(slices.Clip(sent), companion{other, len(others), alongside})
	return *decisive, nil
}

// isCompanion says of violations that a valid call at the same time showed them.
func (a *attempt) isCompanion() {
	for i := range a.violations {
		a.violations[i].observed = "a valid call at the same time: " + a.violations[i].observed
	}
}

// takeAside gives the violations that were seen in requests before the last one.
func (s *sender) takeAside() []attempt {
	aside := s.aside
	s.aside = nil
	return aside
}
