package engine

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// largeBodies bounds how many large bodies are read at a time, in all stand-ins.
var largeBodies = make(chan struct{}, limits.LargeAPIBodies)

// bodyOf reads the body of a request; ok is false if it is not complete, or too long.
func (s *StandIn) bodyOf(w http.ResponseWriter, r *http.Request) (body []byte, ok bool) {
	if r.ContentLength < 0 || r.ContentLength > limits.SmallAPIBody {
		largeBodies <- struct{}{}
		defer func() { <-largeBodies }()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limits.APIBody))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		s.Overflow(fmt.Sprintf("the API was sent a body of more than %d KiB", limits.APIBody>>10))
		http.Error(w, "request body too large", http.StatusRequestEntityTooLarge)
	}
	return body, err == nil
}

// ServeHTTP responds to a request and records it.
func (s *StandIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := s.bodyOf(w, r)
	if !ok {
		return
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
	s.keep(s.record(r, body, response.status))
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
	body, ok := s.bodyOf(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	response := s.accepted(r.Method, r.URL.Path)
	request := s.record(r, body, response.status)
	request.Elsewhere = true
	s.keep(request)
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
