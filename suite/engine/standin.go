package engine

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// StandIn plays Inngest's API to one target (SPEC 4.3.2, 4.4.2, 10.3, 8.5). It
// responds as the open-source server was recorded to: it takes the primary and
// the fallback key of its keyring and rejects every other bearer token. It can be
// scripted to respond otherwise, and records every request.
type StandIn struct {
	keys suite.Keyring
	kind string // of server: suite.ServerKindCloud or suite.ServerKindDev

	redact redactor

	mu        sync.Mutex
	script    Script
	received  []suite.APIRequest // the newest, after those that were dropped
	size      int                // of what is held
	dropped   int                // how many are not held any more
	taken     int                // how many were taken
	overflow  string             // why not everything that was received is known
	runs      map[string]bool    // the runs that exist; nil if all do
	elsewhere string             // an origin other than the API's
	gateway   string             // the URL of the gateway
	workers   int                // that connected to the gateway since the script was set
	patience  time.Duration      // how long a response is withheld
}

// Script changes the responses of the stand-in API. The zero Script changes none.
type Script struct {
	Refuses  suite.KeyName // rejects this key's bearer token; Both rejects both
	Status   int           // of a rejection; the zero value is 401
	Responds int           // the status for every request, with any bearer token
	Conduct  suite.Conduct // a misbehaviour in place of a response
}

// NewStandIn makes a stand-in for the API of a server of a kind, "cloud" or
// "dev", that knows a run's keys.
func NewStandIn(keys suite.Keyring, serverKind string) *StandIn {
	return &StandIn{keys: keys, kind: serverKind, redact: newRedactor(keys)}
}

// Know adds a run that exists. After the first call, other runs do not exist.
func (s *StandIn) Know(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs == nil {
		s.runs = map[string]bool{}
	}
	s.runs[run] = true
}

// Play sets the script for the following requests.
func (s *StandIn) Play(script Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script, s.workers = script, 0
}

// GatewayAt sets the URL that the stand-in names as its gateway. [StandIn.Serve] must
// be served there.
func (s *StandIn) GatewayAt(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway = url
}

// RedirectTo sets the origin that the stand-in redirects to. [StandIn.Elsewhere]
// must be served there.
func (s *StandIn) RedirectTo(origin string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.elsewhere = origin
}

// ElsewhereHost is the host of that origin, or "" if there is none.
func (s *StandIn) ElsewhereHost() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, host, _ := strings.Cut(s.elsewhere, "://")
	return host
}

// Withhold sets how long a response is withheld before the connection is closed.
func (s *StandIn) Withhold(patience time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patience = patience
}

// Mark is the number of requests received so far.
func (s *StandIn) Mark() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped + len(s.received)
}

// Since returns the requests received after a mark, as far as they are held.
func (s *StandIn) Since(mark int) []suite.APIRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received[min(max(mark-s.dropped, 0), len(s.received)):])
}

// take returns the requests received after a mark, and the mark after them. From now
// on it may forget them.
func (s *StandIn) take(mark int) (received []suite.APIRequest, next int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = s.dropped + len(s.received)
	return slices.Clone(s.received[min(max(mark-s.dropped, 0), len(s.received)):]), s.taken
}

// drop drops the oldest request. Callers hold the lock.
func (s *StandIn) drop() {
	s.size -= apiSize(s.received[0])
	s.received[0] = suite.APIRequest{}
	s.received, s.dropped = s.received[1:], s.dropped+1
}

// apiSize is about how many bytes a request takes.
func apiSize(r suite.APIRequest) int {
	return len(r.Path) + len(r.Query) + len(r.Bearer) + len(r.Body) + headerSize(r.Header)
}

// keep holds a request until it is taken, at least. Where there are too many, the
// oldest are dropped. Callers hold the lock.
func (s *StandIn) keep(r suite.APIRequest) {
	s.received, s.size = append(s.received, r), s.size+apiSize(r)
	for len(s.received) > limits.APIRequests || s.size > limits.APIRequestsSize {
		s.drop()
		if s.dropped <= s.taken {
			continue
		}
		s.overflow = fmt.Sprintf("the API received more than %d requests, or %d MiB, at a time", limits.APIRequests, limits.APIRequestsSize>>20)
	}
}

// Overflow notes why not everything that the target sent is known.
func (s *StandIn) Overflow(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.overflow = why
}

// Overflowed says why not everything that the target sent is known; "" if it is.
func (s *StandIn) Overflowed() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.overflow
}
