package inprocess

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/fakeapi"
)

// Memory is a lab of the reference that uses no socket. Its clock does not move.
type Memory struct {
	KeysUsed suite.Keyring
	// Break replaces a part of the endpoint; nil leaves it as it is.
	Break func(*reference.Endpoint)
}

// Keys are the keys in the endpoints' environments.
func (m Memory) Keys() suite.Keyring { return m.KeysUsed }

// Lacks names an optional capability that the reference does not have.
func (m Memory) Lacks(c suite.Case) string { return suite.Unclaimed(c, ReferenceClaims) }

// Visibility is Full: there are a beacon and a stand-in API.
func (m Memory) Visibility() suite.Visibility { return suite.Full }

// memoryNow is the time in memory.
var memoryNow = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// The origin of the stand-in API in memory, and the one that it redirects to.
const (
	memoryOrigin    = "http://api.invalid"
	memoryElsewhere = "http://elsewhere.invalid"
	memoryGateway   = "ws://gateway.invalid" + suite.GatewayPath
)

// Start builds the endpoint of a setup.
func (m Memory) Start(_ context.Context, s suite.Setup) (engine.Target, error) {
	t := &memoryTarget{api: fakeapi.New(m.KeysUsed, s.ServerKind(), memoryOrigin)}
	t.api.StandIn().RedirectTo(memoryElsewhere)
	t.api.StandIn().GatewayAt(memoryGateway)
	env := environment(Options{Keys: m.KeysUsed, Cloud: stage}, s, t.api)
	t.endpoint = newReference(func(name string) string { return env[name] }, func(_ context.Context, nonce string) { t.api.CountRun(nonce) })
	t.now.Store(memoryNow.UnixNano())
	t.endpoint.Now = t.Now
	t.endpoint.Do = t.callAPI
	t.endpoint.Dial = t.dial
	t.endpoint.Log = t.log
	t.keys = m.KeysUsed
	if m.Break != nil {
		m.Break(t.endpoint)
	}
	return t, nil
}

// memoryTarget is an endpoint whose handler is called directly.
type memoryTarget struct {
	endpoint *reference.Endpoint
	api      *fakeapi.API
	died     atomic.Pointer[string] // what it panicked with; nil while it runs
	now      atomic.Int64           // in nanoseconds

	connections atomic.Int64

	keys    suite.Keyring
	logging sync.Mutex
	output  strings.Builder
}

// Printed are the secrets in what the endpoint logged.
func (t *memoryTarget) Printed() []string {
	t.logging.Lock()
	defer t.logging.Unlock()
	return engine.Secrets(t.keys, t.output.String())
}

func (t *memoryTarget) log(line string) {
	t.logging.Lock()
	defer t.logging.Unlock()
	t.output.WriteString(line + "\n")
}

// callAPI sends a request of the endpoint to the API.
func (t *memoryTarget) callAPI(r *http.Request) (response *http.Response, err error) {
	defer func() {
		if recover() != nil { // the stand-in closes the connection
			err = errors.New("the connection was closed before a response")
		}
	}()
	w := &recorder{header: http.Header{}}
	switch r.URL.Scheme + "://" + r.URL.Host {
	case memoryOrigin:
		t.api.ServeHTTP(w, r)
	case memoryElsewhere:
		t.api.StandIn().Elsewhere(w, r)
	default:
		return nil, fmt.Errorf("nothing listens at %s", r.URL.Host)
	}
	return &http.Response{StatusCode: cmp.Or(w.status, http.StatusOK), Header: w.header, Body: io.NopCloser(&w.body)}, nil
}

// Send calls the handler. A panic ends the target.
func (t *memoryTarget) Send(ctx context.Context, r suite.Request) (response suite.Response, err error) {
	if died := t.Died(); died != "" {
		return suite.Response{}, fmt.Errorf("the target has exited: %s", died)
	}
	defer func() {
		switch cause := recover(); cause {
		case nil:
		case http.ErrAbortHandler: // which closes the connection on purpose
			err = fmt.Errorf("sending %s: %w", r.Method, engine.ErrClosed)
		default:
			died := fmt.Sprint("panic: ", cause)
			t.died.Store(&died)
			err = fmt.Errorf("the target exited before its response: %s", died)
		}
	}()
	request, err := received(r)
	if err != nil {
		return suite.Response{}, err
	}
	request.RemoteAddr = t.peerOf(r)
	if hold := engine.HoldOf(ctx); hold != nil {
		request.Body = &heldBody{ReadCloser: request.Body, left: int(request.ContentLength) - 1, hold: func() { hold(ctx) }}
	}
	w := &recorder{header: http.Header{}}
	WithWorker(t.endpoint, t.endpoint).ServeHTTP(w, request.WithContext(ctx))
	return suite.Response{Status: cmp.Or(w.status, http.StatusOK), Header: w.header, Body: w.body.Bytes()}, nil
}

// peerOf is the address of the other end of a connection.
func (t *memoryTarget) peerOf(r suite.Request) string {
	const first = 40_000
	if r.Connection == "" {
		return fmt.Sprintf("127.0.0.1:%d", first+t.connections.Add(1)%first)
	}
	return fmt.Sprintf("127.0.0.1:%d", first-len(r.Connection))
}

// heldBody is a body whose last byte comes later.
type heldBody struct {
	io.ReadCloser
	left int // before the last byte
	hold func()
}

func (b *heldBody) Read(p []byte) (int, error) {
	if b.left <= 0 && b.hold != nil {
		b.hold()
		b.hold = nil
	}
	if b.hold != nil {
		p = p[:min(len(p), b.left)]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= n
	return n, err
}

// recorder keeps a response.
type recorder struct {
	status int // 0 until it is written
	header http.Header
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) { w.status = cmp.Or(w.status, status) }

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// received is a request as a server passes it to its handler.
func received(r suite.Request) (*http.Request, error) {
	target, err := url.ParseRequestURI(r.Target)
	if err != nil {
		return nil, fmt.Errorf("reading the request target: %w", err)
	}
	request := &http.Request{
		Method: r.Method, URL: target, RequestURI: r.Target, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody, ContentLength: int64(len(r.Body)),
	}
	if r.Version == "HTTP/1.0" {
		request.Proto, request.ProtoMinor = r.Version, 0
	}
	if len(r.Body) > 0 {
		request.Body = io.NopCloser(bytes.NewReader(r.Body))
	}
	for _, field := range r.Header {
		switch {
		case strings.EqualFold(field.Name, "Host"):
			request.Host = field.Value
			continue
		case strings.EqualFold(field.Name, "Transfer-Encoding"):
			request.Body = io.NopCloser(httputil.NewChunkedReader(bytes.NewReader(r.Body)))
			request.ContentLength, request.TransferEncoding = -1, []string{field.Value}
			continue
		}
		request.Header.Add(field.Name, field.Value)
	}
	return request, nil
}

func (t *memoryTarget) Path() string                      { return defaultPath }
func (t *memoryTarget) Host() string                      { return "127.0.0.1:3000" }
func (t *memoryTarget) Now() time.Time                    { return time.Unix(0, t.now.Load()).UTC() }
func (t *memoryTarget) Rest(d time.Duration)              { t.now.Add(int64(d)) }
func (t *memoryTarget) Runs(nonce string) int             { return t.api.Runs(nonce) }
func (t *memoryTarget) RunTimes(nonce string) []time.Time { return t.api.RunTimes(nonce) }
func (t *memoryTarget) StandIn() *engine.StandIn          { return t.api.StandIn() }
func (t *memoryTarget) Settle(context.Context)            {}
func (t *memoryTarget) Stop()                             {}

// Died returns what it panicked with, or "" while it runs.
func (t *memoryTarget) Died() string {
	if died := t.died.Load(); died != nil {
		return *died
	}
	return ""
}
