package engine_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// scripted is a lab and its target, which runs a function of the test during each
// request.
type scripted struct {
	inprocess.Memory
	standIn *engine.StandIn
	during  map[string]func() // by nonce

	mu   sync.Mutex
	runs map[string]int
}

func newScripted() *scripted {
	keys := suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))
	return &scripted{
		Memory: inprocess.Memory{KeysUsed: keys}, standIn: engine.NewStandIn(keys, suite.ServerKindCloud), during: map[string]func(){}, runs: map[string]int{},
	}
}

func (s *scripted) session(t *testing.T) *engine.Session {
	t.Helper()
	session, err := engine.OpenSession(t.Context(), s, suite.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func (s *scripted) Start(context.Context, suite.Setup) (engine.Target, error) { return s, nil }

// Send takes the nonce of a request from its target.
func (s *scripted) Send(_ context.Context, r suite.Request) (suite.Response, error) {
	if during := s.during[r.Target]; during != nil {
		during()
	}
	return suite.Response{Status: http.StatusOK}, nil
}

func (s *scripted) ran(nonce string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs[nonce]++
}

func (s *scripted) Runs(nonce string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs[nonce]
}

// contact sends a request to the stand-in API.
func (s *scripted) contact(method, target string) {
	s.standIn.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, target, nil))
}

func (s *scripted) Path() string             { return "/api/inngest" }
func (s *scripted) Host() string             { return "127.0.0.1:3000" }
func (s *scripted) Now() time.Time           { return time.Unix(1767323045, 0) }
func (s *scripted) StandIn() *engine.StandIn { return s.standIn }
func (s *scripted) Settle(context.Context)   {}
func (s *scripted) Died() string             { return "" }
func (s *scripted) Stop()                    {}

// paced is a target that limits how fast requests are sent to it.
type paced struct {
	*scripted
	events []string
}

func (p *paced) Start(context.Context, suite.Setup) (engine.Target, error) { return p, nil }
func (p *paced) Wait(context.Context)                                      { p.events = append(p.events, "wait") }

func (p *paced) Send(ctx context.Context, r suite.Request) (suite.Response, error) {
	p.events = append(p.events, "send")
	return p.scripted.Send(ctx, r)
}

// A request is signed after all waiting: else it would be older than it says.
func TestRequestsAreMadeAfterTheWait(t *testing.T) {
	p := &paced{scripted: newScripted()}
	session, err := engine.OpenSession(t.Context(), p, suite.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	session.Deliver(t.Context(), engine.Delivery{Make: func(int) engine.Message {
		p.events = append(p.events, "make")
		return message(suite.KindProbe, "N")
	}})
	if got := strings.Join(p.events, " "); got != "wait make send" {
		t.Errorf("in the order: %s", got)
	}
}

func message(kind suite.Kind, nonce string) engine.Message {
	return engine.Message{Made: suite.Made{Request: suite.Request{Method: http.MethodPost, Target: nonce}}, Kind: kind, Nonce: nonce}
}

// Many workers send through one session; each exchange has its own effects and no
// others.
func TestConcurrentRequestsKeepTheirOwnEffects(t *testing.T) {
	t.Parallel()
	const workers, each = 8, 60
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))}
	session, err := engine.OpenSession(t.Context(), lab, suite.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	stimuli := []suite.Stimulus{
		suite.Call{}, suite.Call{UseAPI: true}, suite.Sync{}, suite.Call{Key: suite.UnknownKey}, suite.Call{Unsigned: true},
	}
	sent := make([][]*engine.Exchange, workers)
	var working sync.WaitGroup
	for worker := range workers {
		working.Go(func() {
			random := rand.New(rand.NewPCG(3, uint64(worker)))
			for n := range each {
				stimulus := stimuli[n%len(stimuli)]
				scene := session.Scene(suite.NewNonce(random))
				x := session.Send(t.Context(), engine.Message{Made: suite.Make(stimulus, scene), Kind: stimulus.Kind(), Nonce: scene.Nonce})
				_ = x.Summary() // reads the exchange while others send
				sent[worker] = append(sent[worker], x)
			}
		})
	}
	working.Wait()
	session.Close(t.Context())
	for _, exchanges := range sent {
		for n, x := range exchanges {
			if runs, requests := effects(stimuli[n%len(stimuli)]); x.Runs != runs || len(x.APIRequests) != requests {
				t.Errorf("%#v: %s", stimuli[n%len(stimuli)], x.Summary())
			}
			for _, request := range x.APIRequests {
				if !strings.Contains(request.Path+request.Query, x.Nonce) {
					t.Errorf("%s was given %s %s?%s", x.Nonce, request.Method, request.Path, request.Query)
				}
			}
		}
	}
}

// effects is how many runs and how many requests to the API a stimulus causes in the
// reference.
func effects(stimulus suite.Stimulus) (runs, requests int) {
	in := stimulus.Fields()
	switch {
	case stimulus.Kind() == suite.KindSync:
		return 0, 1
	case in.Unsigned || in.Key == suite.UnknownKey:
		return 0, 0
	case in.UseAPI:
		return 1, 2
	}
	return 1, 0
}

// Runs without a nonce are assigned to no request if several were in flight, and
// never to one that was sent later.
func TestRunsWithoutANonceAreNotAssignedByChance(t *testing.T) {
	t.Parallel()
	const each = 3000
	target := newScripted()
	target.during["nameless"] = func() { target.ran(suite.NoNonce) }
	session := target.session(t)
	var working sync.WaitGroup
	sent := map[string][]*engine.Exchange{"nameless": make([]*engine.Exchange, each), "quiet": make([]*engine.Exchange, each)}
	for nonce, exchanges := range sent {
		working.Go(func() {
			for i := range exchanges {
				exchanges[i] = session.Send(t.Context(), message(suite.KindCall, nonce))
				session.Forget(8) // also exchanges that the other goroutine sent
			}
		})
	}
	working.Wait()
	for _, x := range sent["quiet"] {
		if x.Runs != 0 {
			t.Errorf("%d runs were assigned to a request that caused none", x.Runs)
		}
	}
	if x := session.Send(t.Context(), message(suite.KindCall, "nameless")); x.Runs != 1 {
		t.Errorf("a run without a nonce, of the only request in flight, is counted %d times", x.Runs)
	}
}

// A registration without a nonce is assigned to the sync, even while another request
// is in flight.
func TestARegistrationWithoutANonceIsTheSyncs(t *testing.T) {
	t.Parallel()
	target := newScripted()
	var session *engine.Session
	var call *engine.Exchange
	target.during["sync"] = func() {
		target.contact(http.MethodPost, suite.RegisterPath)
		call = session.Send(t.Context(), message(suite.KindCall, "call"))
		target.contact(http.MethodPost, suite.RegisterPath)
	}
	session = target.session(t)
	registration := session.Send(t.Context(), message(suite.KindSync, "sync"))
	if len(registration.APIRequests) != 2 || len(call.APIRequests) != 0 {
		t.Errorf("%d registrations were assigned to the sync, %d to the call; want 2 and 0", len(registration.APIRequests), len(call.APIRequests))
	}
	if len(registration.Heard) != 2 || len(call.Heard) != 0 {
		t.Errorf("%d and %d requests were received meanwhile; want 2 and 0", len(registration.Heard), len(call.Heard))
	}
}

// Late effects are added when the session settles, and not before, because another
// goroutine may be reading the exchange.
func TestLateEffectsAreAddedBySettling(t *testing.T) {
	t.Parallel()
	target := newScripted()
	session := target.session(t)
	x := session.Send(t.Context(), message(suite.KindCall, "late"))
	read := make(chan int)
	go func() { read <- x.Runs + len(x.APIRequests) }()
	target.ran("late")
	target.contact(http.MethodGet, suite.RunsPath+"late/batch")
	session.Send(t.Context(), message(suite.KindCall, "another"))
	if added := <-read; added != 0 {
		t.Errorf("%d effects were added before the session settled", added)
	}
	session.Settle(t.Context())
	if x.Runs != 1 || len(x.APIRequests) != 1 {
		t.Errorf("after settling: %s", x.Summary())
	}
	session.Settle(t.Context())
	if x.Runs != 1 || len(x.APIRequests) != 1 {
		t.Errorf("after settling twice: %s", x.Summary())
	}
}

// What a function that ran sends to the API after its response is not the doing of a
// later request with its nonce, which may be a forgery.
func TestALateRequestIsTheFirstOnes(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]bool{"during the second": false, "after the second": true} {
		target := newScripted()
		session := target.session(t)
		contact := func() { target.contact(http.MethodPost, suite.RunsPath+"nonce/tee") }
		target.during["nonce"] = func() { target.ran("nonce") }
		first := session.Send(t.Context(), message(suite.KindCall, "nonce"))
		target.during["nonce"] = func() {
			if !after {
				contact()
			}
		}
		second := session.Send(t.Context(), message(suite.KindCall, "nonce"))
		if after {
			contact()
		}
		session.Settle(t.Context())
		if len(first.APIRequests) != 1 || len(second.APIRequests) != 0 {
			t.Errorf("%s: %d and %d requests to the API, want 1 and 0", name, len(first.APIRequests), len(second.APIRequests))
		}
		contact()
		session.Settle(t.Context())
		if len(second.APIRequests) != 1 {
			t.Errorf("%s: another one is not the second's", name)
		}
	}
}

// If a nonce is sent twice, runs before the second request are the first request's,
// and later ones the second's, even if they arrive late or the first was dropped.
func TestANonceIsSentTwice(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*engine.Session){
		"settled":   func(s *engine.Session) { s.Settle(t.Context()) },
		"forgotten": func(s *engine.Session) { s.Forget(0) },
	} {
		target := newScripted()
		session := target.session(t)
		first := session.Send(t.Context(), message(suite.KindCall, "nonce"))
		target.ran("nonce") // late
		second := session.Send(t.Context(), message(suite.KindCall, "nonce"))
		target.ran("nonce")
		target.ran("nonce")
		target.contact(http.MethodGet, suite.RunsPath+"nonce/actions")
		end(session)
		if first.Runs != 1 || second.Runs != 2 {
			t.Errorf("%s: %d and %d runs, want 1 and 2", name, first.Runs, second.Runs)
		}
		if len(first.APIRequests) != 0 || len(second.APIRequests) != 1 {
			t.Errorf("%s: %d and %d requests to the API, want 0 and 1", name, len(first.APIRequests), len(second.APIRequests))
		}
	}
}
