package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Session is one running target while somebody uses it. It sends requests,
// gathers what is observed of each, and adds what is heard late to the request
// that caused it. It may be used by several goroutines.
type Session struct {
	setup      suite.Setup
	keys       suite.Keyring
	visibility suite.Visibility
	target     Target
	redact     redactor
	clock      func() time.Time // measures how long an exchange takes

	mu       sync.Mutex
	kept     []*Exchange // in the order in which they ended
	inFlight []*Exchange
	heard    int // how much of what the stand-in API heard was assigned
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
// tokens in the place of secrets.
type Exchange struct {
	suite.Observation
	TimedOut bool               // the time limit ended it
	Heard    []suite.APIRequest // by the stand-in API meanwhile, whichever request caused it

	request    suite.Request
	response   suite.Response
	redact     redactor
	nameless   int  // runs without a nonce meanwhile
	runsBefore int  // runs of the same nonce before it was sent
	shared     bool // another request was in flight at the same time
	namelessAt int  // runs without a nonce before it was sent
}

// Sent is the request, secrets replaced by tokens.
func (x *Exchange) Sent() suite.Request { return x.redact.request(x.request) }

// Received is the response as it came, secrets included: for a signature to be
// used again, never for a page.
func (x *Exchange) Received() suite.Response { return x.response }

// OpenSession starts a target in a set-up, within StartLimit. The error is a
// [*StartError] where the target itself would not start.
func OpenSession(ctx context.Context, lab Lab, setup suite.Setup) (*Session, error) {
	starting, cancel := context.WithTimeout(ctx, StartLimit)
	defer cancel()
	target, err := lab.Start(starting, setup)
	if err != nil {
		return nil, err
	}
	return &Session{
		setup: setup, keys: lab.Keys(), visibility: lab.Visibility(), target: target,
		redact: newRedactor(lab.Keys()), clock: time.Now,
	}, nil
}

// Scene is what a stimulus needs to become a request to this target now.
func (s *Session) Scene(nonce string) suite.Scene {
	scene := suite.Scene{
		Keys: s.keys, Now: s.target.Now(), Nonce: nonce, Path: s.target.Path(), Host: s.target.Host(), Visibility: s.visibility,
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

// begin notes what was there before a request is sent.
func (s *Session) begin(m Message) *Exchange {
	x := &Exchange{
		Observation: suite.Observation{Kind: m.Kind, Nonce: m.Nonce, Env: s.setup.Env, Beacon: s.visibility == suite.Full, ByGET: m.ByGET},
		request:     m.Request, redact: s.redact.forRequest(m.Made, cmp.Or(m.Signer, suite.Primary), s.keys),
		runsBefore: s.target.Runs(m.Nonce), namelessAt: s.target.Runs(suite.NoNonce),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assign(nil)
	s.inFlight = append(s.inFlight, x)
	if len(s.inFlight) > 1 {
		for _, other := range s.inFlight {
			other.shared = true
		}
	}
	return x
}

// finish notes what a request caused up to the end of its response.
func (s *Session) finish(x *Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight = slices.DeleteFunc(s.inFlight, func(other *Exchange) bool { return other == x })
	s.assign(x)
	if !x.shared {
		x.nameless = s.target.Runs(suite.NoNonce) - x.namelessAt
	}
	s.count(x)
	x.Died = s.Died()
	s.kept = append(s.kept, x)
}

// count counts the runs that a request caused, those without a nonce included:
// they are its own where nothing else was in flight.
func (s *Session) count(x *Exchange) {
	x.Runs = s.target.Runs(x.Nonce) - x.runsBefore + x.nameless
}

// assign gives what the stand-in API has heard since the last call to the
// requests that caused it: the ones whose nonce, which is their run id and
// deployId, too, stands in it. What names none is the current request's.
func (s *Session) assign(current *Exchange) {
	api := s.target.StandIn()
	if api == nil {
		return
	}
	heard := api.Since(s.heard)
	s.heard += len(heard)
	for _, request := range heard {
		for _, x := range s.inFlight {
			x.Heard = append(x.Heard, request)
		}
		if current != nil {
			current.Heard = append(current.Heard, request)
		}
		if cause := s.cause(request, current); cause != nil {
			cause.APIRequests = append(cause.APIRequests, request)
		}
	}
}

func (s *Session) cause(request suite.APIRequest, current *Exchange) *Exchange {
	text := request.Path + "?" + request.Query + " " + request.Body
	names := func(x *Exchange) bool { return x.Nonce != "" && strings.Contains(text, x.Nonce) }
	if current != nil && names(current) {
		return current
	}
	for _, among := range [][]*Exchange{s.inFlight, s.kept} {
		if at := slices.IndexFunc(among, names); at >= 0 {
			return among[at]
		}
	}
	if current == nil || !current.shared {
		return current
	}
	return s.likelyCause(request, current)
}

// likelyCause is a sync for a registration, where several requests are in flight
// and none is named. Who sends several syncs at once cannot tell them apart.
func (s *Session) likelyCause(request suite.APIRequest, current *Exchange) *Exchange {
	for _, x := range append(slices.Clone(s.inFlight), current) {
		if x.Kind == suite.KindSync && request.Registers() {
			return x
		}
	}
	return nil
}

// Settle waits until nothing late can still be heard, and adds what was heard to
// the exchanges that caused it. A target that died in the meantime is noted with
// the last of them.
func (s *Session) Settle(ctx context.Context) {
	s.target.Settle(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assign(nil)
	last := map[string]*Exchange{} // of requests that share a nonce, the last is taken for the cause
	for _, x := range s.kept {
		last[x.Nonce] = x
	}
	for _, x := range last {
		s.count(x)
	}
	if died := s.Died(); died != "" && len(s.kept) > 0 {
		if x := s.kept[len(s.kept)-1]; x.Died == "" {
			x.Died = died
		}
	}
}

// Forget drops all exchanges but the newest, brought up to date, and returns
// them: what is heard of them from now on has no cause.
func (s *Session) Forget(keep int) []*Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) <= keep {
		return nil
	}
	s.assign(nil)
	old := slices.Clone(s.kept[:len(s.kept)-keep])
	for _, x := range old {
		s.count(x)
	}
	s.kept = slices.Delete(s.kept, 0, len(old))
	return old
}

// Close settles and stops the target.
func (s *Session) Close(ctx context.Context) {
	s.Settle(ctx)
	s.target.Stop()
}

// Stop stops the target at once.
func (s *Session) Stop() { s.target.Stop() }
