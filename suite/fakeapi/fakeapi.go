// Package fakeapi serves what a target sends requests to: a stand-in for Inngest's
// API, and the beacon.
//
// Every target has an [API] of its own. The beacon's address ends in a token
// that only this target's environment holds, so a run that is reported there
// shows which target ran the function.
package fakeapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

const (
	loopback   = "127.0.0.1"
	beaconPath = "/beacon/"
)

// API is the stand-in API and the beacon of one target.
type API struct {
	standIn *engine.StandIn
	servers []*http.Server
	origin  string
	token   string
	open    context.Context // until it is closed
	close   context.CancelFunc

	mu       sync.Mutex
	runs     map[string]int
	times    map[string][]time.Time // of the first runs of each nonce
	foreign  int
	inFlight int
	last     time.Time // the end of the last request
}

// New makes an API without a listener: its requests are passed to [API.ServeHTTP]. serverKind is "cloud" or "dev"; origin is the one by which the
// target knows it.
func New(keys suite.Keyring, serverKind, origin string) *API {
	a := &API{standIn: engine.NewStandIn(keys, serverKind), runs: map[string]int{}, times: map[string][]time.Time{}, token: rand.Text(), origin: origin}
	a.open, a.close = context.WithCancel(context.Background())
	return a
}

// elsewhere are the addresses of the other origin, the first that can be listened on: a
// host of another name, because some clients take another port for the same origin. It
// is an address, so that no target has to resolve a name.
var elsewhere = []string{"::1", "127.0.0.2", loopback}

// Listen makes an API and serves it on two free ports of loopback until
// [API.Close]: the API itself, and another origin, to which it can redirect.
func Listen(keys suite.Keyring, serverKind string) (*API, error) {
	a := New(keys, serverKind, "")
	at, err := a.serve(a.ServeHTTP, loopback)
	if err != nil {
		return nil, fmt.Errorf("opening a port for the stand-in API: %w", err)
	}
	other, err := a.serve(a.standIn.Elsewhere, elsewhere...)
	if err != nil {
		a.Close()
		return nil, fmt.Errorf("opening a second port beside the stand-in API: %w", err)
	}
	a.origin = "http://" + at
	a.standIn.RedirectTo("http://" + other)
	a.standIn.Withhold(limits.Withheld)
	a.standIn.GatewayAt("ws://" + at + suite.GatewayPath)
	return a, nil
}

// serve serves a handler on a free port of the first host that has one: "[::1]:4711".
func (a *API) serve(handler http.HandlerFunc, hosts ...string) (at string, err error) {
	var listener net.Listener
	for _, host := range hosts {
		if listener, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err == nil {
			break
		}
	}
	if err != nil {
		return "", err
	}
	server := &http.Server{
		Handler: a.tracked(handler), ErrorLog: log.New(io.Discard, "", 0), MaxHeaderBytes: limits.APIHead,
		ReadHeaderTimeout: limits.RequestHead, ReadTimeout: limits.APIExchange, WriteTimeout: limits.APIExchange,
	}
	a.servers = append(a.servers, server)
	go func() {
		if err := server.Serve(netutil.LimitListener(listener, limits.APIConnections)); !errors.Is(err, http.ErrServerClosed) {
			_ = server.Close() // later requests fail, and their cases report that
		}
	}()
	return listener.Addr().String(), nil
}

// Origin is where the API is: "http://127.0.0.1:4711".
func (a *API) Origin() string { return a.origin }

// BeaconURL is the value of COUNTERSIGN_BEACON in the target's environment.
func (a *API) BeaconURL() string { return a.origin + beaconPath + a.token }

// StandIn is the stand-in API behind the listener.
func (a *API) StandIn() *engine.StandIn { return a.standIn }

// Runs is the number of runs with a nonce that were reported to the beacon.
func (a *API) Runs(nonce string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.runs[nonce]
}

// RunTimes are when the beacon heard of the first runs with a nonce.
func (a *API) RunTimes(nonce string) []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.times[nonce])
}

// CountRun counts a run as the beacon does, without a request.
func (a *API) CountRun(nonce string) {
	a.update(func() {
		if _, known := a.runs[nonce]; known || len(a.runs) < limits.Nonces {
			a.runs[nonce]++
			if len(a.times[nonce]) < limits.RunTimes {
				a.times[nonce] = append(a.times[nonce], time.Now())
			}
			return
		}
		a.standIn.Overflow(fmt.Sprintf("the beacon received more than %d different nonces", limits.Nonces))
	})
}

// Foreign is the number of requests to the beacon without its token.
func (a *API) Foreign() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.foreign
}

// LastRequest returns when the last request ended, and whether one is in flight.
func (a *API) LastRequest() (ended time.Time, busy bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last, a.inFlight > 0
}

// Close stops listening and closes all connections.
func (a *API) Close() {
	a.close()
	for _, server := range a.servers {
		_ = server.Close()
	}
}

// tracked records when requests begin and end.
func (a *API) tracked(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == suite.GatewayPath { // a connection, which may stay
			a.gateway(w, r)
			return
		}
		a.update(func() { a.inFlight++ })
		defer a.update(func() { a.inFlight--; a.last = time.Now() })
		handler(w, r)
	}
}

// ServeHTTP responds to one request to the API or the beacon.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path, isBeacon := strings.CutPrefix(r.URL.EscapedPath(), beaconPath); isBeacon {
		w.WriteHeader(a.beacon(r.Method, path))
		return
	}
	a.standIn.ServeHTTP(w, r)
}

func (a *API) update(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

// beacon counts a run and returns the status to respond with.
func (a *API) beacon(method, path string) int {
	token, escaped, _ := strings.Cut(path, "/")
	nonce, err := url.PathUnescape(escaped)
	switch {
	case token != a.token:
		a.update(func() { a.foreign++ })
		return http.StatusNotFound
	case method != http.MethodPost:
		return http.StatusMethodNotAllowed
	case err != nil || nonce == "" || len(nonce) > limits.Nonce:
		return http.StatusBadRequest
	}
	a.CountRun(nonce)
	return http.StatusNoContent
}

// CallBeacon reports a run to the beacon, as the contract of a target app requires.
// The function must continue if that fails. A request that is cancelled does not
// cancel the call.
func CallBeacon(ctx context.Context, beacon, nonce string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limits.Beacon)
	defer cancel()
	if nonce == "" {
		nonce = suite.NoNonce
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, beacon+"/"+url.PathEscape(nonce), nil)
	if err != nil {
		return fmt.Errorf("calling the beacon: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("calling the beacon: %w", err)
	}
	return response.Body.Close()
}
