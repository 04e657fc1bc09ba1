package zoo

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/countersign-dev/countersign/reference"
)

// sharing are the mutants that mix up requests that are in flight together.
func sharing() []Mutant {
	return []Mutant{
		{
			Name: "flag-lets-unsigned-in", Part: Sharing, Kills: "concurrent.unsigned-while-served",
			Defect: "whether a request is verified is a member of the one verifier: a valid one that is served meanwhile sets it for one without a signature",
			Break:  sharedFlag(reference.ErrUnsigned),
		},
		{
			Name: "flag-lets-any-mac-in", Part: Sharing, Kills: "concurrent.tampered-while-served",
			Defect: "whether a MAC matches is a member of the one verifier: a valid request that is served meanwhile sets it for another",
			Break:  sharedFlag(reference.ErrMismatch),
		},
		{
			Name: "in-flight-lets-unsigned-in", Part: Sharing, Kills: "concurrent.unsigned-while-read",
			Defect: "while a signed request is in flight, one without a signature is accepted",
			Break:  whileInFlight(reference.ErrUnsigned),
		},
		{
			Name: "in-flight-lets-any-mac-in", Part: Sharing, Kills: "concurrent.tampered-while-read",
			Defect: "while several signed requests are in flight, a MAC is accepted that matches none of them",
			Break:  whileInFlight(reference.ErrMismatch),
		},
		{
			Name: "shared-buffer", Part: Sharing, Kills: "concurrent.valid",
			Defect: "bodies are read into one buffer, so that the end of one is added to the beginning of another",
			Break: func(e *reference.Endpoint) {
				var mu sync.Mutex
				var buffer []byte
				read := e.ReadBody
				e.ReadBody = func(r *http.Request) ([]byte, error) {
					if r.ContentLength < 1 {
						return read(r)
					}
					beginning := make([]byte, r.ContentLength-1)
					if _, err := io.ReadFull(r.Body, beginning); err != nil {
						return nil, err
					}
					mu.Lock()
					buffer = beginning
					mu.Unlock()
					end, err := io.ReadAll(r.Body)
					mu.Lock()
					defer mu.Unlock()
					return append(bytes.Clone(buffer), end...), err
				}
			},
		},
	}
}

// sharedFlag accepts what is refused for a reason if another request was accepted
// after this one had begun, and none has begun since.
func sharedFlag(reason error) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		var mu sync.Mutex
		verified := false
		e.ReadBody = around(e, func() {
			mu.Lock()
			defer mu.Unlock()
			verified = false
		}, func(_ *http.Request, err error) bool {
			mu.Lock()
			defer mu.Unlock()
			verified = verified || err == nil
			return verified && errors.Is(err, reason)
		})
	}
}

// whileInFlight accepts what is refused for a reason while another signed request
// is in flight.
func whileInFlight(reason error) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		var mu sync.Mutex
		inFlight := map[*http.Request]bool{}
		read := e.ReadBody
		finish := around(e, func() {}, func(r *http.Request, err error) bool {
			mu.Lock()
			defer mu.Unlock()
			delete(inFlight, r)
			return len(inFlight) > 0 && errors.Is(err, reason)
		})
		e.ReadBody = func(r *http.Request) ([]byte, error) {
			if r.Header.Get(reference.HeaderSignature) != "" && isCall(r) {
				mu.Lock()
				inFlight[r] = true
				mu.Unlock()
			}
			if !isCall(r) {
				return read(r)
			}
			return finish(r)
		}
	}
}

// around reads a body; before is called when a request begins. A request that is
// refused and that trusts says yes to is signed, so that it is accepted after all.
func around(e *reference.Endpoint, before func(), trusts func(r *http.Request, err error) bool) func(*http.Request) ([]byte, error) {
	read := e.ReadBody
	return func(r *http.Request) ([]byte, error) {
		before()
		body, err := read(r)
		if err != nil || !isCall(r) {
			return body, err
		}
		c := e.Context(r)
		c.Body = body
		if _, err := c.Check(); trusts(r, err) {
			if s, err := reference.Sign(c.Keys.Primary, body, c.Now()); err == nil {
				r.Header.Set(reference.HeaderSignature, s.String())
			}
		}
		return body, nil
	}
}
