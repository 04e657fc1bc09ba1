package engine

import (
	"context"
	"fmt"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// delivery is how a lease sends a stimulus. asCall leaves a call a call where
// calls cannot be seen to run.
func (l *lease) delivery(stimulus suite.Stimulus, purpose string, asCall bool) Delivery {
	d := Delivery{Make: func(n int) Message { return l.message(patiently(stimulus, n), attempt(purpose, n), asCall) }}
	if control, fit := suite.PlainCall(l.setup); fit && (suite.Stimulus(control) != stimulus || asCall) {
		d.Control = func(n int) Message { return l.message(control, attempt("control of "+purpose, n), false) }
	}
	return d
}

// patiently gives a worker more time at a second attempt: on a busy machine it may have
// sent its first start late.
func patiently(s suite.Stimulus, n int) suite.Stimulus {
	if n == 0 || s.Kind() != suite.KindConnect {
		return s
	}
	return suite.With(s, []suite.Fields{{Patience: suite.LongPatience}})
}

// attempt is the purpose of one attempt, from which its nonce is drawn.
func attempt(purpose string, n int) string {
	if n == 0 {
		return purpose
	}
	return fmt.Sprintf("%s, attempt %d", purpose, n+1)
}

// message makes a stimulus in the form in which its acceptance can be observed.
func (l *lease) message(stimulus suite.Stimulus, purpose string, asCall bool) Message {
	return l.session.message(stimulus, l.nonce(purpose), asCall, l.preceding)
}

// Message makes a stimulus, now, in the form in which its acceptance can be
// observed.
func (s *Session) Message(stimulus suite.Stimulus, nonce string) Message {
	return s.message(stimulus, nonce, false, nil)
}

// message makes a stimulus, which may take over something of the request before it.
func (s *Session) message(stimulus suite.Stimulus, nonce string, asCall bool, before *suite.Sent) Message {
	scene := s.SceneFor(stimulus, nonce)
	scene.AsCall, scene.Before = asCall, before
	if before != nil && stimulus.Fields().SameBody {
		nonce = before.Scene.Nonce
	}
	m := Message{
		Made: suite.Make(stimulus, scene), Nonce: nonce, scene: scene, Signer: suite.SignedBy(stimulus), Timed: stimulus.Fields().Age != 0,
		Kind: suite.ShownBy(stimulus, scene.Visibility), ByGET: scene.Visibility == suite.ByIntrospection,
	}
	if m.Kind == suite.KindConnect {
		m.Limit = limits.Exchange // it takes long, whatever other requests take
	}
	if asCall {
		m.Kind, m.ByGET = stimulus.Kind(), false
	}
	return m
}

// send sends a stimulus that a target may accept, in the form in which its
// acceptance can be observed.
func (l *lease) send(ctx context.Context, stimulus suite.Stimulus, purpose string) *Exchange {
	_, fit := suite.PlainCall(l.setup)
	d := l.delivery(stimulus, purpose, false)
	d.Open = !fit
	return l.deliver(ctx, d, !fit)
}

// before returns the control before a request. The control after the previous
// request is reused if it was the same and accepted.
func (l *lease) before(ctx context.Context, control suite.Stimulus, c suite.Case) *Exchange {
	if l.last != nil && l.control == control && l.last.Accepted() && l.last.Died == "" {
		return l.last
	}
	return l.send(ctx, control, "before/"+c.ID)
}

// sendMain sends the request of a case. A target that may have switched keys
// before its response was lost is started anew for the next attempt.
func (l *lease) sendMain(ctx context.Context, t *record) *Exchange {
	d := l.delivery(t.stimulus, t.c.ID, false)
	defer l.play(t.c.When)()
	if !t.c.OwnsTarget() {
		return l.deliver(ctx, d, t.c.Then.Negative)
	}
	for n := 0; ; n++ {
		if plain, fit := suite.PlainCall(l.setup); fit && len(t.c.State.After) == 0 { // nobody but the case itself is to see a cold start
			l.send(ctx, plain, attempt("warming up for "+t.c.ID, n))
		}
		x := l.session.Send(ctx, d.Make(n))
		if h := x.hiccup(); h == "" || x.Foreign != "" || n == limits.Restarts || h == shortHiccup && n > 0 {
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
		t.earlier, t.unprepared = nil, ""
		l.preceding = l.precede(ctx, t)
		l.play(t.c.When)
	}
}

// play scripts the stand-in API for what a request causes, until end is called.
func (l *lease) play(s suite.Stimulus) (end func()) {
	in := s.Fields()
	if !in.Scripts() {
		return func() {}
	}
	l.session.Play(Script{in.APIRefuses, in.APIStatus, in.APIResponds, in.APIConduct})
	return func() {
		if l.session != nil {
			l.session.Play(Script{})
		}
	}
}
