package engine

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
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

// Message is one request to send, with what the session must know about it.
type Message struct {
	suite.Made
	Kind   suite.Kind    // decides how acceptance shows
	Nonce  string        // identifies the request's effects
	Signer suite.KeyName // the key that made its MAC; the zero value is Primary
	// ByGET marks a signed GET that is sent in place of a call.
	ByGET bool
	Timed bool // it is judged by the time of its signature
	scene suite.Scene
	Limit time.Duration // the zero value is limits.Exchange
	amid  bool          // others are in flight at the same time, now or later
}

// Exchange is one request and what was observed of it. Secrets in the observation
// are replaced by tokens. Effects that are observed after [Session.Send] returned
// are added by [Session.Settle], [Session.Forget] and [Session.Close]; nothing else
// changes an exchange.
type Exchange struct {
	suite.Observation
	TimedOut bool               // the time limit ended it
	Foreign  string             // why the response is not the target's; then there is none
	Earlier  []*Exchange        // attempts whose response may have been an intermediary's
	GaveUp   string             // why the response may be an intermediary's, after many attempts
	Heard    []suite.APIRequest // all requests to the stand-in API meanwhile, whichever request caused them

	began      time.Time
	request    suite.Request
	sentCut    int // how many bytes more the request's body had, where only its beginning is known
	response   suite.Response
	redact     redactor
	failure    error              // why there is no response
	timed      bool               // it is judged by the time of its signature
	late       []suite.APIRequest // received after it ended, and not added yet
	runsBefore int                // runs of its nonce before it was sent
	runsUntil  int                // runs of its nonce before the nonce was sent again, if reused
	reused     bool
	named      []shape            // the requests to the API that name it
	guessed    []suite.APIRequest // that name none
	nameless   int                // runs without a nonce meanwhile
	namelessAt int                // runs without a nonce before it was sent
	shared     bool               // another request was in flight at the same time
	room       int                // bytes that it takes of what the run keeps
	lateCut    string             // why not all late requests are known
}

// Sent is the request, with secrets replaced by tokens.
func (x *Exchange) Sent() suite.Request { return x.redact.request(x.request) }

// SentCut is how many bytes more the body of the request had than [Exchange.Sent] has.
func (x *Exchange) SentCut() int { return x.sentCut }

// Received is a signed response as received, secrets included. It is needed to reuse
// its signature and must not be printed. Of a response without one only the header is
// kept.
func (x *Exchange) Received() suite.Response { return x.response }

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

// Send sends one request and collects what is observed of it.
func (s *Session) Send(ctx context.Context, m Message) *Exchange {
	x := s.begin(m)
	limited, cancel := context.WithTimeout(ctx, cmp.Or(m.Limit, limits.Exchange))
	defer cancel()
	started := s.clock()
	x.began = started
	response, err := s.send(limited, m.Request)
	x.Took = s.clock().Sub(started)
	s.traits.hear(response.Header, s.target.Now().Add(-x.Took/2))
	x.failure, x.timed = err, m.Timed
	x.TimedOut = err != nil && errors.Is(limited.Err(), context.DeadlineExceeded)
	if err != nil {
		x.NoResponse = x.redact.text(err.Error())
	}
	if errors.Is(err, ErrForeign) || errors.Is(err, ErrWrongTarget) {
		x.Foreign = x.NoResponse
	}
	s.receive(x, response, err)
	s.finish(x)
	return x
}

// receive keeps a response, as far as there is room for it.
func (s *Session) receive(x *Exchange, response suite.Response, err error) {
	x.SignedBy = signerOf(response, s.keys)
	if errors.Is(err, ErrTooLong) {
		x.Cut = err.Error()
	}
	if size := sizeOf(response); s.traits.kept.take(size) {
		s.mu.Lock()
		x.room += size
		s.mu.Unlock()
	} else {
		response = shortened(response)
	}
	x.Response = x.redact.response(response, s.keys)
	x.Cut = cmp.Or(x.Cut, x.Response.Cut)
	x.response = suite.Response{Status: response.Status, Header: response.Header}
	if response.Header.Get(reference.HeaderSignature) != "" {
		x.response.Body = response.Body
	}
}

// Close settles and stops the target.
func (s *Session) Close(ctx context.Context) {
	s.Settle(ctx)
	s.target.Stop()
	printed, hasOutput := s.printed()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assign()
	s.update(s.kept)           // with what it did while it was being stopped
	for _, x := range s.kept { // it does not say because of which of them it printed something
		x.Printed, x.HasOutput = printed, hasOutput
	}
}

// printed are the secrets in the target's output, where that can be read.
func (s *Session) printed() (secrets []string, readable bool) {
	printer, is := s.target.(Printer)
	if !is {
		return nil, false
	}
	return printer.Printed(), true
}

// sent is how many requests were sent.
func (s *Session) sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}

// Stop stops the target at once.
func (s *Session) Stop() { s.target.Stop() }
