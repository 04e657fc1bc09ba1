// Package inprocess has labs whose targets are endpoints in this process.
package inprocess

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Memory is a lab whose targets are endpoints in this process, on a clock that
// stands still: the reference and the zoo are judged in it.
type Memory struct {
	KeysUsed suite.Keyring
	// Break replaces a part of a correct endpoint; nil leaves it whole.
	Break func(*reference.Endpoint)
}

// Keys are the lab's keys.
func (m Memory) Keys() suite.Keyring { return m.KeysUsed }

// Lacks says that everything can be judged here but what no endpoint of ours offers.
func (m Memory) Lacks(c suite.Case) string { return suite.Unclaimed(c, ReferenceClaims) }

// Visibility says that a beacon and a stand-in are there.
func (m Memory) Visibility() suite.Visibility { return suite.Full }

// ReferenceClaims are the optional capabilities of the reference.
var ReferenceClaims = []suite.Capability{suite.TrustProbe, suite.ResponseSignature, suite.InBand, suite.Checkpoint, suite.CodeConfig, suite.Events}

// memoryNow is the instant at which the clock in memory stands still.
var memoryNow = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Where the stand-in API is in memory, and the other origin that it redirects to.
const (
	memoryOrigin    = "http://api.invalid"
	memoryElsewhere = "http://elsewhere.invalid"
)

// Start builds an endpoint in the set-up.
func (m Memory) Start(_ context.Context, s suite.Setup) (engine.Target, error) {
	t := &memoryTarget{standIn: engine.NewStandIn(m.KeysUsed), runs: map[string]int{}}
	t.standIn.RedirectTo(memoryElsewhere)
	env := s.Environment(m.KeysUsed, memoryOrigin)
	if s.Mode == suite.Cloud {
		env["COUNTERSIGN_STAGE"] = "production" // how an SDK that guesses its mode is told
	}
	t.endpoint = ReferenceEndpoint(func(name string) string { return env[name] }, t.ran)
	t.endpoint.Now = func() time.Time { return memoryNow }
	t.endpoint.Do = t.askAPI
	if m.Break != nil {
		m.Break(t.endpoint)
	}
	return t, nil
}

type memoryTarget struct {
	endpoint *reference.Endpoint
	standIn  *engine.StandIn

	mu   sync.Mutex
	runs map[string]int
	died string
}

func (t *memoryTarget) ran(_ context.Context, nonce string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs[nonce]++
}

func (t *memoryTarget) askAPI(r *http.Request) (answer *http.Response, err error) {
	defer func() {
		if recover() != nil { // the stand-in cuts the connection
			err = errors.New("the connection ended before an answer came")
		}
	}()
	recorder := httptest.NewRecorder()
	switch r.URL.Scheme + "://" + r.URL.Host {
	case memoryOrigin:
		t.standIn.ServeHTTP(recorder, r)
	case memoryElsewhere:
		t.standIn.Elsewhere(recorder, r)
	default:
		return nil, fmt.Errorf("nothing listens at %s", r.URL.Host)
	}
	return recorder.Result(), nil
}

func (t *memoryTarget) Send(ctx context.Context, r suite.Request) (got suite.Response, err error) {
	if t.died != "" {
		return suite.Response{}, fmt.Errorf("the target is gone: %s", t.died)
	}
	defer func() {
		if cause := recover(); cause != nil {
			t.died = fmt.Sprint("panic: ", cause)
			err = fmt.Errorf("the target broke off: %s", t.died)
		}
	}()
	target, err := url.ParseRequestURI(r.Target)
	if err != nil {
		return suite.Response{}, fmt.Errorf("reading the request target: %w", err)
	}
	request := (&http.Request{
		Method: r.Method, URL: target, RequestURI: r.Target, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody, ContentLength: int64(len(r.Body)),
	}).WithContext(ctx)
	if len(r.Body) > 0 {
		request.Body = io.NopCloser(bytes.NewReader(r.Body))
	}
	for _, field := range r.Header {
		if field.Name == "Transfer-Encoding" {
			request.Body = io.NopCloser(httputil.NewChunkedReader(bytes.NewReader(r.Body)))
		}
		if field.Name == "Host" {
			request.Host = field.Value
			continue
		}
		request.Header.Add(field.Name, field.Value)
	}
	answer := httptest.NewRecorder()
	t.endpoint.ServeHTTP(answer, request)
	return suite.Response{Status: answer.Code, Header: answer.Header(), Body: answer.Body.Bytes()}, nil
}

func (t *memoryTarget) Runs(nonce string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.runs[nonce]
}

func (t *memoryTarget) Path() string             { return "/api/inngest" }
func (t *memoryTarget) Host() string             { return "127.0.0.1:3000" }
func (t *memoryTarget) Now() time.Time           { return memoryNow }
func (t *memoryTarget) StandIn() *engine.StandIn { return t.standIn }
func (t *memoryTarget) Settle(context.Context)   {}
func (t *memoryTarget) Died() string             { return t.died }
func (t *memoryTarget) Stop()                    {}
