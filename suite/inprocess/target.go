package inprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/fakeapi"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/wire"
)

// target is one handler, served over loopback.
type target struct {
	lab     *Lab
	handler http.Handler
	api     *fakeapi.API
	client  *wire.Client
	server  *http.Server

	mu       sync.Mutex
	inFlight int
	last     time.Time // the end of the last request
	panicked string    // what the handler panicked with last; empty once it was reported
}

// listen serves a handler on a free port.
func listen(lab *Lab, handler http.Handler, api *fakeapi.API) (*target, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening a port for the endpoint: %w", err)
	}
	client := &wire.Client{Address: listener.Addr().String(), KeepAlive: lab.options.KeepAlive}
	t := &target{lab: lab, handler: handler, api: api, client: client}
	if lab.options.Listen != nil {
		listener = lab.options.Listen(listener)
	}
	t.server = &http.Server{Handler: t, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: limits.RequestHead}
	go func() {
		if err := t.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			_ = t.server.Close() // later requests fail, and their cases report that
		}
	}()
	return t, nil
}

// ServeHTTP passes requests to the endpoint's path on to the handler.
func (t *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.update(func() { t.inFlight++ })
	defer t.update(func() { t.inFlight--; t.last = time.Now() })
	worker := r.URL.Path == suite.WorkerPath && slices.Contains(t.lab.options.Claims, suite.Connect)
	if !t.lab.options.Anywhere && r.URL.Path != t.Path() && !worker {
		http.NotFound(w, r)
		return
	}
	defer func() {
		if cause := recover(); cause != nil {
			if cause != http.ErrAbortHandler { // which closes the connection on purpose
				t.update(func() { t.panicked = fmt.Sprint(cause) })
			}
			panic(http.ErrAbortHandler) // closes the connection, as the server does for every panic
		}
	}()
	t.handler.ServeHTTP(w, r)
}

// Send makes one request. If there is no response because the handler panicked, the
// error says so.
func (t *target) Send(ctx context.Context, r suite.Request) (suite.Response, error) {
	response, err := t.client.Do(ctx, r)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil && t.panicked != "" {
		err = fmt.Errorf("%s: the handler panicked: %s", err, t.panicked) // nobody in between closed the connection
	}
	t.panicked = ""
	return response, err
}

func (t *target) Path() string                      { return t.lab.options.Path }
func (t *target) Host() string                      { return t.client.Address }
func (t *target) Now() time.Time                    { return time.Now() }
func (t *target) Runs(nonce string) int             { return t.api.Runs(nonce) }
func (t *target) RunTimes(nonce string) []time.Time { return t.api.RunTimes(nonce) }
func (t *target) StandIn() *engine.StandIn          { return t.api.StandIn() }

// Died is empty: a server in Go survives a handler that panics.
func (t *target) Died() string { return "" }

// Settle waits until no request is in flight, to the endpoint or to the API, and
// none has been for as long as the lab's Quiet.
func (t *target) Settle(ctx context.Context) {
	const step = time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, limits.Settle)
	defer cancel()
	for !t.idle() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(step):
		}
	}
}

func (t *target) idle() bool {
	last, busy := t.api.LastRequest()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last.After(last) {
		last = t.last
	}
	return !busy && t.inFlight == 0 && time.Since(last) >= t.lab.options.Quiet
}

// Stop closes the handler, where it can be closed, and the ports of the endpoint and of
// the API.
func (t *target) Stop() {
	if handler, ends := t.handler.(io.Closer); ends {
		_ = handler.Close() // there is nothing to be done about an error
	}
	t.client.Close()
	_ = t.server.Close()
	t.api.Close()
	t.lab.forget(t)
}

func (t *target) update(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
}
