package engine

import (
	"fmt"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// delivery is how a lease sends a stimulus. asCall leaves a call a call where
// calls cannot be seen to run.
func (l *lease) delivery(stimulus suite.Stimulus, purpose string, asCall bool) Delivery {
	d := Delivery{Make: func(n int) Message { return l.message(stimulus, attempt(purpose, n), asCall) }}
	if control, fit := suite.PlainCall(l.setup); fit && (suite.Stimulus(control) != stimulus || asCall) {
		d.Control = func(n int) Message { return l.message(control, attempt("control of "+purpose, n), false) }
	}
	return d
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
	return l.session.message(stimulus, l.run.nonce(purpose), asCall, l.preceding)
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
