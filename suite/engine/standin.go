package engine

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
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
	received  []suite.APIRequest
	runs      map[string]bool // the runs that exist; nil if all do
	elsewhere string          // an origin other than the API's
	patience  time.Duration   // how long a response is withheld
}

// Script changes the responses of the stand-in API. The zero Script changes none.
type Script struct {
	Refuses suite.KeyName // rejects this key's bearer token; Both rejects both
	Status  int           // of a rejection; the zero value is 401
	Answers int           // the status for every request, with any bearer token
	Conduct suite.Conduct // a misbehaviour in place of a response
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
	s.script = script
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
	return len(s.received)
}

// Since returns the requests received after a mark.
func (s *StandIn) Since(mark int) []suite.APIRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received[mark:])
}

// ServeHTTP responds to a request and records it. Bodies are read up to 4 MiB.
func (s *StandIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, reference.MaxBody))
	if err != nil {
		return // the target closed the connection
	}
	s.mu.Lock()
	response := s.respond(r.Method, r.URL.Path, bearerOf(r))
	conduct, elsewhere, patience := s.script.Conduct, s.elsewhere, s.patience
	if strings.HasPrefix(r.URL.Path, suite.EventsPath) {
		conduct = ""
	}
	if conduct == suite.Redirects {
		response.status = http.StatusTemporaryRedirect
	}
	s.received = append(s.received, s.record(r, body, response.status))
	s.mu.Unlock()
	switch conduct {
	case suite.Redirects:
		w.Header().Set("Location", elsewhere+r.URL.RequestURI())
	case suite.Withholds:
		time.Sleep(patience)
		panic(http.ErrAbortHandler)
	}
	response.write(w, s.kind)
}

// Elsewhere serves the origin other than the API's. Its requests are recorded and
// get the response of the API.
func (s *StandIn) Elsewhere(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, reference.MaxBody))
	if err != nil {
		return
	}
	response := accepted(r.Method, r.URL.Path)
	s.mu.Lock()
	request := s.record(r, body, response.status)
	request.Elsewhere = true
	s.received = append(s.received, request)
	s.mu.Unlock()
	response.write(w, s.kind)
}

// bearerOf is the bearer token of a request (RFC 6750), or "" if it has none.
func bearerOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

func (s *StandIn) record(r *http.Request, body []byte, status int) suite.APIRequest {
	return suite.APIRequest{
		Method: r.Method, Path: s.redact.text(r.URL.Path), Query: s.redact.text(r.URL.RawQuery),
		Bearer: s.redact.text(bearerOf(r)), Header: s.redact.header(r.Header), Body: s.redact.text(string(body)), Status: status,
	}
}
