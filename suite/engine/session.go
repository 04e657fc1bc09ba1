package engine

import (
	"context"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Session is one running target. It sends requests, collects the effects of each,
// and adds late effects to the request that caused them. Several goroutines may
// send at the same time. Effects are assigned by nonce, so requests that are in
// flight together need different nonces.
type Session struct {
	setup      suite.Setup
	keys       suite.Keyring
	visibility suite.Visibility
	target     Target
	redact     redactor
	clock      func() time.Time // measures how long an exchange takes
	traits     *Traits

	mu               sync.Mutex
	kept             []*Exchange          // in the order in which they ended
	inFlight         []*Exchange          // in the order in which they began
	newest           map[string]*Exchange // by nonce, the one that began last
	assigned         int                  // how many requests to the stand-in API were assigned
	begun            int                  // how many requests were sent
	unattributed     []suite.APIRequest   // that no exchange caused
	unattributedCut  string               // why there may be more
	unattributedSize int                  // bytes of them
}

// OpenSession starts a target in a set-up, within the lab's time limit. The error is
// a [*StartError] if the target itself did not start.
func OpenSession(ctx context.Context, lab Lab, setup suite.Setup) (*Session, error) {
	return TraitsOf(lab).OpenSession(ctx, lab, setup)
}

// OpenSession starts a target in a set-up. Its session allows for what is known of
// the endpoint.
func (t *Traits) OpenSession(ctx context.Context, lab Lab, setup suite.Setup) (*Session, error) {
	return t.openSession(ctx, lab, setup, false)
}

// OpenColdSession is [Traits.OpenSession] of a target to which nothing was sent yet, if
// the lab can start one.
func (t *Traits) OpenColdSession(ctx context.Context, lab Lab, setup suite.Setup) (*Session, error) {
	return t.openSession(ctx, lab, setup, true)
}

// openSession starts a target; nothing was sent to a cold one, if the lab can do that.
func (t *Traits) openSession(ctx context.Context, lab Lab, setup suite.Setup, cold bool) (*Session, error) {
	start := lab.Start
	if starter, is := lab.(ColdStarter); is && cold {
		start = starter.StartCold
	}
	target, err := start(ctx, setup)
	if err != nil {
		return nil, err
	}
	return &Session{
		setup: setup, keys: lab.Keys(), visibility: lab.Visibility(), target: target,
		redact: newRedactor(lab.Keys()), clock: time.Now, newest: map[string]*Exchange{}, traits: t,
	}, nil
}

// SetClock sets the clock that measures the duration of exchanges.
func (s *Session) SetClock(clock func() time.Time) { s.clock = clock }

// Scene returns the scene of a request to this target, now.
func (s *Session) Scene(nonce string) suite.Scene {
	scene := suite.Scene{
		Keys: s.keys, ServerKind: s.setup.ServerKind(), Now: s.Now(), Nonce: nonce, Path: s.target.Path(), Host: s.target.Host(), Visibility: s.visibility,
	}
	if api := s.target.StandIn(); api != nil {
		scene.Elsewhere = api.ElsewhereHost()
	}
	scene.Function = s.function()
	return scene
}

// function is the id of the function that calls run, or "" if it is the echo function.
func (s *Session) function() string {
	if caller, is := s.target.(Caller); is {
		return caller.Function()
	}
	return ""
}

// Now is the time of the clock that signs requests: the target's, as far as it is
// known.
func (s *Session) Now() time.Time { return s.target.Now().Add(s.traits.Clock().Offset) }

// Wait waits until the target may be sent one more request. A request that is made
// after it is signed for the time at which it is sent.
func (s *Session) Wait(ctx context.Context) {
	s.traits.pace.wait(ctx)
	if paced, is := s.target.(Paced); is {
		paced.Wait(ctx)
	}
}

// Died returns why the target exited, or "" while it is running.
func (s *Session) Died() string { return s.redact.text(s.target.Died()) }

// Play scripts the stand-in API until the next call.
func (s *Session) Play(script Script) { s.target.StandIn().Play(script) }

// sent is how many requests were sent.
func (s *Session) sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}

// Stop stops the target at once.
func (s *Session) Stop() { s.target.Stop() }
