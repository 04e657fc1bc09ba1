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
	heard     []suite.APIRequest
	runs      map[string]bool // that exist; nil: any does
	elsewhere string          // an origin that is not the API's
	patience  time.Duration   // before an answer that is withheld is cut
}

// Script is how the stand-in answers; the zero Script is its usual way.
type Script struct {
	Refuses suite.KeyName // this key's bearer, or Both
	Status  int           // of a refusal; the zero value is 401
	Answers int           // a status for every request, whatever its bearer
	Conduct suite.Conduct // instead of an answer
}

// NewStandIn makes a stand-in for the API of a server of a kind, "cloud" or
// "dev", that knows a run's keys.
func NewStandIn(keys suite.Keyring, serverKind string) *StandIn {
	return &StandIn{keys: keys, kind: serverKind, redact: newRedactor(keys)}
}

// Know makes a run exist. From the first one on, others do not.
func (s *StandIn) Know(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs == nil {
		s.runs = map[string]bool{}
	}
	s.runs[run] = true
}

// Play sets how requests are answered from now on.
func (s *StandIn) Play(script Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = script
}

// RedirectTo says which origin, where [StandIn.Elsewhere] is served, the stand-in
// redirects to.
func (s *StandIn) RedirectTo(origin string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.elsewhere = origin
}

// ElsewhereHost is the host of that origin; empty where there is none.
func (s *StandIn) ElsewhereHost() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, host, _ := strings.Cut(s.elsewhere, "://")
	return host
}

// Withhold says how long an answer is withheld before it is cut.
func (s *StandIn) Withhold(patience time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patience = patience
}

// Mark is the number of requests heard so far.
func (s *StandIn) Mark() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heard)
}

// Since gives the requests heard after a mark.
func (s *StandIn) Since(mark int) []suite.APIRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard[mark:])
}

// ServeHTTP answers and records one request. Bodies are read up to 4 MiB.
func (s *StandIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, reference.MaxBody))
	if err != nil {
		return // the target broke off; there is no one to answer
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
	s.heard = append(s.heard, s.record(r, body, response.status))
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

// Elsewhere serves the origin that is not the API's: requests there are recorded,
// and get the API's response.
func (s *StandIn) Elsewhere(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, reference.MaxBody))
	if err != nil {
		return
	}
	response := accepted(r.Method, r.URL.Path)
	s.mu.Lock()
	heard := s.record(r, body, response.status)
	heard.Elsewhere = true
	s.heard = append(s.heard, heard)
	s.mu.Unlock()
	response.write(w, s.kind)
}

// bearerOf is the token of a request; empty where another scheme, or none, is
// named (RFC 6750).
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
