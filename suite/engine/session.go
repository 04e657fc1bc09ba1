package engine

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Session is one running target while somebody uses it. It sends requests,
// gathers what is observed of each, and adds what is heard late to the request
// that caused it. Several goroutines may send at the same time: effects are
// assigned by nonce, so requests in flight together need different ones.
type Session struct {
	setup      suite.Setup
	keys       suite.Keyring
	visibility suite.Visibility
	target     Target
	redact     redactor
	clock      func() time.Time // measures how long an exchange takes

	mu       sync.Mutex
	kept     []*Exchange          // in the order in which they ended
	inFlight []*Exchange          // in the order in which they began
	newest   map[string]*Exchange // by nonce, the one that began last
	heard    int                  // how much of what the stand-in API heard was assigned
}

// Message is one request to send, with what the session must know about it.
type Message struct {
	suite.Made
	Kind   suite.Kind    // decides how acceptance shows
	Nonce  string        // by which its effects are recognised
	Signer suite.KeyName // whose key made its MAC; the zero value is Primary
	// ByGET: acceptance of a call is shown by a signed GET sent in its place.
	ByGET bool
	Limit time.Duration // the zero value is ExchangeLimit
}

// Exchange is one request and what was observed of it. The observation holds
// tokens in the place of secrets. What is heard after [Session.Send] returned is
// added by [Session.Settle], [Session.Forget] and [Session.Close]; nothing else
// changes an exchange.
type Exchange struct {
	suite.Observation
	TimedOut bool               // the time limit ended it
	Heard    []suite.APIRequest // by the stand-in API meanwhile, whichever request caused it

	request    suite.Request
	response   suite.Response
	redact     redactor
	late       []suite.APIRequest // heard after it ended, and not added yet
	runsBefore int                // runs of its nonce before it was sent
	runsUntil  int                // and before the nonce was sent again, if reused
	reused     bool
	nameless   int  // runs without a nonce meanwhile
	namelessAt int  // runs without a nonce before it was sent
	shared     bool // another request was in flight at the same time
}

// Sent is the request, secrets replaced by tokens.
func (x *Exchange) Sent() suite.Request { return x.redact.request(x.request) }

// Received is the response as it came, secrets included: for a signature to be
// used again, never for a page.
func (x *Exchange) Received() suite.Response { return x.response }

// OpenSession starts a target in a set-up, within the lab's own limit. The error
// is a [*StartError] where the target itself would not start.
func OpenSession(ctx context.Context, lab Lab, setup suite.Setup) (*Session, error) {
	target, err := lab.Start(ctx, setup)
	if err != nil {
		return nil, err
	}
	return &Session{
		setup: setup, keys: lab.Keys(), visibility: lab.Visibility(), target: target,
		redact: newRedactor(lab.Keys()), clock: time.Now, newest: map[string]*Exchange{},
	}, nil
}

// SetClock sets the clock by which it is measured how long exchanges take.
func (s *Session) SetClock(clock func() time.Time) { s.clock = clock }

// Scene is what a stimulus needs to become a request to this target now.
func (s *Session) Scene(nonce string) suite.Scene {
	scene := suite.Scene{
		Keys: s.keys, ServerKind: s.setup.ServerKind(), Now: s.target.Now(), Nonce: nonce, Path: s.target.Path(), Host: s.target.Host(), Visibility: s.visibility,
	}
	if api := s.target.StandIn(); api != nil {
		scene.Elsewhere = api.ElsewhereHost()
	}
	return scene
}

// Now is the clock by which stimuli are signed.
func (s *Session) Now() time.Time { return s.target.Now() }

// Died says why the target exited; empty while it is running.
func (s *Session) Died() string { return s.redact.text(s.target.Died()) }

// Play scripts the stand-in API until it is told otherwise.
func (s *Session) Play(script Script) { s.target.StandIn().Play(script) }

// Send makes one request and gathers all that is observed of it.
func (s *Session) Send(ctx context.Context, m Message) *Exchange {
	x := s.begin(m)
	limited, cancel := context.WithTimeout(ctx, cmp.Or(m.Limit, ExchangeLimit))
	defer cancel()
	started := s.clock()
	response, err := s.target.Send(limited, m.Request)
	x.Took = s.clock().Sub(started)
	x.TimedOut = err != nil && errors.Is(limited.Err(), context.DeadlineExceeded)
	if err != nil {
		x.NoResponse = x.redact.text(err.Error())
	}
	x.response, x.Response = response, x.redact.response(response, s.keys)
	s.finish(x)
	return x
}

// Close settles and stops the target.
func (s *Session) Close(ctx context.Context) {
	s.Settle(ctx)
	s.target.Stop()
}

// Stop stops the target at once.
func (s *Session) Stop() { s.target.Stop() }
