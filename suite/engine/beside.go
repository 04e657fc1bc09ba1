package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

const (
	// copies is how many valid calls are in flight together, and how many of the
	// request of a case where all are sent together.
	copies = 8
	// fewestCopies is how many there are at last, where a limiter responds to more.
	fewestCopies = 2
	// backOffBeside is how many attempts in a row are behind a limiter's response.
	backOffBeside = 5
)

// sendBeside sends the request of a case together with valid calls, and returns
// the exchange that decides the case. Where a limiter or a network responds to too
// many of them, it sends fewer. Where it gets the same each time, and the valid calls
// are accepted, that is how the target refuses.
func (l *lease) sendBeside(ctx context.Context, t *record) *Exchange {
	steady := 0
	for n := 0; ; n++ {
		together := l.beside(t, n)
		mains, others := l.session.SendBeside(ctx, together)
		t.company, l.last = others, nil
		for _, x := range append(slices.Clone(mains), others...) {
			l.note(x)
		}
		if steady++; !onlyMains(mains, others) {
			steady = 0
		}
		if steady == steadily && t.c.Then.Negative {
			l.session.traits.learn(mains[0].hiccup())
		}
		sent := mains
		if !t.c.Then.Negative { // all of them are valid
			sent = append(slices.Clone(mains), others...)
		}
		t.together = sent
		decisive, enough := t.decisive(sent, l.session.traits)
		if enough || together.Copies == fewestCopies || decisive.Died != "" || decisive.Foreign != "" || ctx.Err() != nil {
			if h := decisive.hiccup(); h != "" && decisive.NoResponse != "" && !enough { // a status is a refusal: it serves one request at a time
				decisive.GaveUp = string(h)
			}
			return decisive
		}
		l.session.backOff(ctx, backOffBeside+n, decisive)
	}
}

// beside is how the request of a case is sent together with valid calls: the later
// the attempt, the fewer.
func (l *lease) beside(t *record, attempt int) Beside {
	valid, _ := suite.PlainCall(l.setup)
	made := attempt << 8
	build := func(s suite.Stimulus) func() Message {
		return func() Message {
			made++
			return l.session.message(s, l.nonce(fmt.Sprintf("%s, beside %d", t.c.ID, made)), false, nil)
		}
	}
	return Beside{Company: t.c.State.Beside, Copies: copies >> attempt, Main: build(t.stimulus), Valid: build(valid)}
}

// onlyMains reports whether each copy of the case's request got the same, which may
// be an intermediary's doing, and every valid call was accepted.
func onlyMains(mains, others []*Exchange) bool {
	h := mains[0].hiccup()
	return h != "" && !slices.ContainsFunc(mains, func(x *Exchange) bool { return x.hiccup() != h }) &&
		!slices.ContainsFunc(others, func(x *Exchange) bool { return !x.Accepted() })
}

// decisive is the exchange that decides a case whose request was sent several
// times: one that had an effect, else one that does not meet the expectation, else
// any response of the target. There are enough if no other could change the verdict.
func (t *record) decisive(sent []*Exchange, traits *Traits) (x *Exchange, enough bool) {
	var own []*Exchange // responses of the target itself
	for _, x := range sent {
		if t.c.Then.Negative && x.hasEffect() {
			return x, true
		}
		h := x.hiccup()
		if refusal := t.c.Then.Negative && h != "" && traits.refuses(h); h == "" || refusal {
			x.Closed = refusal && h == closedHiccup
			own = append(own, x)
		}
	}
	for _, x := range own {
		if !t.c.Then.Holds(x.Observation) {
			return x, true
		}
	}
	if len(own) > 0 {
		return own[0], len(own) > 1 || t.c.Then.Negative
	}
	return sent[0], false
}
