package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/countersign-dev/countersign/suite"
)

// lease is the session that a worker of a run holds for one set-up. It starts the
// target when it is needed, and again after it exited.
type lease struct {
	run        *run
	setup      suite.Setup
	session    *Session // nil while no target is running
	notStarted *StartError

	control suite.Stimulus // sent in the last exchange, if that was a control
	last    *Exchange
}

// ensureTarget starts the target if needed; on failure it records the error in t.
func (l *lease) ensureTarget(ctx context.Context, t *record) bool {
	if l.session != nil && l.session.Died() != "" {
		l.release(ctx)
	}
	if l.run.stalled() {
		t.err = fmt.Errorf("waiting for the target: %d requests in a row got no response within %s", mostStalls, ExchangeLimit)
		return false
	}
	if l.session != nil {
		return true
	}
	if l.notStarted != nil {
		t.notStarted = l.notStarted
		return false
	}
	session, err := OpenSession(ctx, l.run.lab, l.setup)
	switch {
	case errors.As(err, &l.notStarted):
		t.notStarted = l.notStarted
		l.run.notStarted(l.setup, l.notStarted)
		return false
	case err != nil:
		t.err = err
		return false
	}
	l.session = session
	l.run.started(l.setup)
	return true
}

// release waits for late effects and stops the target.
func (l *lease) release(ctx context.Context) {
	if l.session == nil {
		return
	}
	l.session.Close(ctx)
	l.session, l.last = nil, nil
}

// runCase sends the requests of one case: control, request, control.
func (l *lease) runCase(ctx context.Context, t *record) {
	control := suite.ControlOf(t.c, l.setup)
	if t.c.Then.Negative {
		t.before = l.before(ctx, control, t.c)
	}
	in := t.c.When.Fields()
	if in.Scripts() {
		l.session.Play(Script{in.APIRefuses, in.APIStatus, in.APIAnswers, in.APIConduct})
	}
	t.function = l.session.function()
	t.main = l.send(ctx, t.stimulus, t.c.ID)
	if in.Scripts() {
		l.session.Play(Script{})
	}
	if l.run.alsoAsCall(t.c) && t.main.Died == "" {
		t.asCall = l.sendAs(ctx, t.c.When, "call/"+t.c.ID, true)
	}
	if t.c.Then.Negative && t.main.Died == "" {
		t.after = l.send(ctx, control, "after/"+t.c.ID)
		l.control, l.last = control, t.after
	}
	if t.stopsServing() != "" { // the following cases need a new target
		l.release(ctx)
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

// send sends a stimulus, in the form in which its acceptance can be observed.
func (l *lease) send(ctx context.Context, stimulus suite.Stimulus, purpose string) *Exchange {
	return l.sendAs(ctx, stimulus, purpose, false)
}

// sendAs sends a stimulus. With asCall, a call is sent as a call even if its run
// cannot be observed.
func (l *lease) sendAs(ctx context.Context, stimulus suite.Stimulus, purpose string, asCall bool) *Exchange {
	scene := l.session.Scene(l.run.nonce(purpose))
	scene.AsCall = asCall
	message := Message{
		Made: suite.Make(stimulus, scene), Nonce: scene.Nonce, Signer: suite.SignedBy(stimulus),
		Kind: suite.ShownBy(stimulus, scene.Visibility), ByGET: scene.Visibility == suite.ByIntrospection,
	}
	if asCall {
		message.Kind, message.ByGET = stimulus.Kind(), false
	}
	l.last = nil
	x := l.session.Send(ctx, message)
	l.run.note(x)
	return x
}
