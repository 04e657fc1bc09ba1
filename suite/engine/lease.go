package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// lease is the session that a worker of a run holds for one set-up. It starts the
// target when it is needed, and again after it exited.
type lease struct {
	run        *run
	setup      suite.Setup
	session    *Session // nil while no target is running
	notStarted *StartError
	foreign    bool // another process responded in place of the target
	cold       bool // its target is started without sending anything to it
	preceding  *suite.Sent

	control suite.Stimulus // sent in the last exchange, if that was a control
	last    *Exchange

	validGroups map[suite.Stimulus]*Exchange // valid requests with groups of deviations; of this session
}

// ensureTarget starts the target if needed; on failure it records the error in t.
func (l *lease) ensureTarget(ctx context.Context, t *record) bool {
	if l.session != nil && (l.foreign || l.session.Died() != "") {
		l.release(ctx)
	}
	if l.run.stalled() {
		t.err = fmt.Errorf("waiting for the target: %d requests in a row got no response within %s", limits.Silent, limits.Exchange)
		return false
	}
	if why := l.run.unidentified(); why != "" {
		t.err = errors.New(why)
		return false
	}
	if l.session != nil {
		return true
	}
	if l.notStarted != nil {
		t.notStarted = l.notStarted
		return false
	}
	session, err := l.run.traits.openSession(ctx, l.run.lab, l.setup, l.cold)
	switch {
	case errors.As(err, &l.notStarted):
		t.notStarted = l.notStarted
		l.run.notStarted(l.setup, l.notStarted)
		return false
	case err != nil:
		if errors.Is(err, ErrWrongTarget) {
			l.run.stop(err)
		}
		t.err = err
		return false
	}
	l.session = session
	l.run.started(l.setup, session)
	return true
}

// release waits for late effects and stops the target, while the run goes on.
func (l *lease) release(ctx context.Context) {
	if l.session == nil {
		return
	}
	session := l.session
	l.run.closing.Go(func() { session.Close(context.WithoutCancel(ctx)) }) // late effects count, even when the run ends
	l.session, l.last, l.foreign, l.validGroups = nil, nil, false, nil
}

// runCase sends the requests of one case: control, request, control.
func (l *lease) runCase(ctx context.Context, t *record) {
	defer func() { t.interrupted = ctx.Err() != nil }()
	control := suite.ControlOf(t.c, l.setup)
	if t.c.Then.Negative {
		t.before = l.before(ctx, control, t.c)
	}
	t.function = l.session.function()
	if t.c.Facets.Of != "" {
		l.runFacets(ctx, t)
		return
	}
	l.preceding = l.precede(ctx, t)
	t.main = l.sendInState(ctx, t)
	l.sendAlso(ctx, t)
	if t.c.State.Beside == suite.Nobody {
		l.findCulprits(ctx, t)
		l.compareShape(ctx, t)
	}
	l.preceding = nil
	if l.run.alsoAsCall(t.c) && t.main.Died == "" {
		t.asCall = l.deliver(ctx, l.delivery(t.c.When, "call/"+t.c.ID, true), true)
	}
	if t.c.Then.Negative && t.main.Died == "" {
		t.after = l.send(ctx, control, "after/"+t.c.ID)
		l.control, l.last = control, t.after
	}
	spoilt := !t.c.State.IsZero() && t.after != nil && !t.after.Accepted()
	if t.stopsServing() != "" || spoilt { // the following cases need a new target
		l.release(ctx)
	}
}

// sendInState sends the request of a case, with others at the same time if it is
// about that.
func (l *lease) sendInState(ctx context.Context, t *record) *Exchange {
	if t.c.State.Beside != suite.Nobody {
		return l.sendBeside(ctx, t)
	}
	return l.sendMain(ctx, t)
}

// sendMain sends the request of a case. A target that may have switched keys
// before its response was lost is started anew for the next attempt.
func (l *lease) sendMain(ctx context.Context, t *record) *Exchange {
	in, d := t.c.When.Fields(), l.delivery(t.stimulus, t.c.ID, false)
	if in.Scripts() {
		l.session.Play(Script{in.APIRefuses, in.APIStatus, in.APIResponds, in.APIConduct})
		defer func() {
			if l.session != nil {
				l.session.Play(Script{})
			}
		}()
	}
	if !t.c.OwnsTarget() {
		return l.deliver(ctx, d, t.c.Then.Negative)
	}
	for n := 0; ; n++ {
		if plain, fit := suite.PlainCall(l.setup); fit { // nobody but the case itself is to see a cold start
			l.send(ctx, plain, attempt("warming up for "+t.c.ID, n))
		}
		x := l.session.Send(ctx, d.Make(n))
		if x.hiccup() == "" || x.Foreign != "" || n == mostRestarts {
			l.note(x)
			return x
		}
		if len(x.APIRequests) == 0 && x.hiccup() != lateHiccup {
			continue // nothing that could have made it switch
		}
		l.release(ctx)
		if !l.ensureTarget(ctx, t) {
			return x
		}
		l.session.Play(Script{in.APIRefuses, in.APIStatus, in.APIResponds, in.APIConduct})
	}
}

// before returns the control before a request. The control after the previous
// request is reused if it was the same and accepted.
func (l *lease) before(ctx context.Context, control suite.Stimulus, c suite.Case) *Exchange {
	if l.last != nil && l.control == control && l.last.Accepted() && l.last.Died == "" {
		return l.last
	}
	return l.send(ctx, control, "before/"+c.ID)
}

// alsoAsCall reports whether a probe that is sent in place of a call that must be
// refused is sent as a call, too. Otherwise a target that verifies only probes
// would pass.
func (r *run) alsoAsCall(c suite.Case) bool {
	v := r.lab.Visibility()
	return v != suite.Full && v != suite.ByCall && c.When.Kind() == suite.KindCall && c.Then.Negative && c.Level != suite.May && !c.Destructive
}

// send sends a stimulus that a target may accept, in the form in which its
// acceptance can be observed.
func (l *lease) send(ctx context.Context, stimulus suite.Stimulus, purpose string) *Exchange {
	_, fit := suite.PlainCall(l.setup)
	return l.deliver(ctx, l.delivery(stimulus, purpose, false), !fit)
}

// deliver sends what is to be delivered; what is forbidden must have no effect.
func (l *lease) deliver(ctx context.Context, d Delivery, forbidden bool) *Exchange {
	d.Forbidden, l.last = forbidden, nil
	x := l.session.Deliver(ctx, d)
	l.note(x)
	return x
}

func (l *lease) note(x *Exchange) {
	if x.Foreign != "" && !l.foreign {
		l.foreign = true
		l.run.noteForeign(x.Foreign)
	}
	l.run.note(x)
}
