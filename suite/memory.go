package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// Memory is a lab whose targets are endpoints in this process, on a clock that
// stands still: the reference and the zoo are judged in it.
type Memory struct {
	Ring Keyring
	// Break replaces a part of a correct endpoint; nil leaves it whole.
	Break func(*reference.Endpoint)
}

// Keys are the lab's keys.
func (m Memory) Keys() Keyring { return m.Ring }

// Lacks says that everything can be judged here but what no endpoint of ours offers.
func (m Memory) Lacks(c Case) string { return Unclaimed(c, ReferenceClaims) }

// Sees says that a beacon and a stand-in are there.
func (m Memory) Sees() Sight { return Inside }

// ReferenceClaims are the optional capabilities of the reference.
var ReferenceClaims = []Capability{TrustProbe, ResponseSignature, InBand}

// memoryNow is the instant at which the clock in memory stands still.
var memoryNow = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// memoryOrigin is what stands in a target's environment for the stand-in API.
const memoryOrigin = "http://api.invalid"

// Start builds an endpoint in the set-up.
func (m Memory) Start(_ context.Context, s Setup) (Target, error) {
	t := &memoryTarget{standIn: NewStandIn(m.Ring), runs: map[string]int{}}
	env := s.Environment(m.Ring, memoryOrigin)
	if s.Mode == Cloud {
		env["COUNTERSIGN_STAGE"] = "production" // how an SDK that guesses its mode is told
	}
	t.endpoint = reference.NewEndpoint(appID, map[string]reference.Function{"echo": t.echo}, func(name string) string { return env[name] })
	t.endpoint.Now = func() time.Time { return memoryNow }
	t.endpoint.Do = t.askAPI
	if m.Break != nil {
		m.Break(t.endpoint)
	}
	return t, nil
}

type memoryTarget struct {
	endpoint *reference.Endpoint
	standIn  *StandIn

	mu   sync.Mutex
	runs map[string]int
	died string
}

func (t *memoryTarget) echo(_ context.Context, call reference.Call) (any, error) {
	var data struct {
		Nonce string `json:"nonce"`
	}
	if err := json.Unmarshal(call.Event.Data, &data); err != nil {
		return nil, fmt.Errorf("reading the event's data: %w", err)
	}
	t.mu.Lock()
	t.runs[data.Nonce]++
	t.mu.Unlock()
	return data, nil
}

func (t *memoryTarget) askAPI(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme+"://"+r.URL.Host != memoryOrigin {
		return nil, fmt.Errorf("nothing listens at %s", r.URL.Host)
	}
	answer := httptest.NewRecorder()
	t.standIn.ServeHTTP(answer, r)
	return answer.Result(), nil
}

func (t *memoryTarget) Send(ctx context.Context, r Request) (got Response, err error) {
	if t.died != "" {
		return Response{}, fmt.Errorf("the target is gone: %s", t.died)
	}
	defer func() {
		if cause := recover(); cause != nil {
			t.died = fmt.Sprint("panic: ", cause)
			err = fmt.Errorf("the target broke off: %s", t.died)
		}
	}()
	target, err := url.ParseRequestURI(r.Target)
	if err != nil {
		return Response{}, fmt.Errorf("reading the request target: %w", err)
	}
	request := (&http.Request{
		Method: r.Method, URL: target, RequestURI: r.Target, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody, ContentLength: int64(len(r.Body)),
	}).WithContext(ctx)
	if len(r.Body) > 0 {
		request.Body = readCloser{bytes.NewReader(r.Body)}
	}
	for _, field := range r.Header {
		if field.Name == "Host" {
			request.Host = field.Value
			continue
		}
		request.Header.Add(field.Name, field.Value)
	}
	answer := httptest.NewRecorder()
	t.endpoint.ServeHTTP(answer, request)
	return Response{answer.Code, answer.Header(), answer.Body.Bytes()}, nil
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

func (t *memoryTarget) Runs(nonce string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.runs[nonce]
}

func (t *memoryTarget) Path() string           { return "/api/inngest" }
func (t *memoryTarget) Host() string           { return "127.0.0.1:3000" }
func (t *memoryTarget) Now() time.Time         { return memoryNow }
func (t *memoryTarget) StandIn() *StandIn      { return t.standIn }
func (t *memoryTarget) Settle(context.Context) {}
func (t *memoryTarget) Died() string           { return t.died }
func (t *memoryTarget) Stop()                  {}
