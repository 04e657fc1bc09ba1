// Package fakeapi listens on loopback for everything that one target sends out:
// what it asks Inngest's API, and what it tells the beacon. Every process has a
// listener of its own, and the beacon's address holds a token that only that
// process is told, so a run that is heard there shows which process ran.
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
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

const (
	beaconPath = "/beacon/"
	// headLimit and exchangeLimit bound what one request of a target may take.
	headLimit     = 10 * time.Second
	exchangeLimit = 30 * time.Second
	// patience is how long an answer is withheld before its connection is cut.
	patience = 2 * time.Second
)

// API is the stand-in API and the beacon of one target.
type API struct {
	standIn *engine.StandIn
	servers []*http.Server
	origin  string
	token   string

	mu       sync.Mutex
	runs     map[string]int
	foreign  int
	inFlight int
	last     time.Time // the end of what was heard last
}

// Listen opens two free ports on loopback and serves there until [API.Close]:
// the API itself, and an origin to which a target should never send a key.
func Listen(keys suite.Keyring) (*API, error) {
	a := &API{standIn: engine.NewStandIn(keys), runs: map[string]int{}, token: rand.Text()}
	port, err := a.serve(a.answer)
	if err != nil {
		return nil, fmt.Errorf("opening a port for the stand-in API: %w", err)
	}
	elsewhere, err := a.serve(a.standIn.Elsewhere)
	if err != nil {
		a.Close()
		return nil, fmt.Errorf("opening a second port beside the stand-in API: %w", err)
	}
	a.origin = "http://" + loopback + ":" + port
	a.standIn.RedirectTo("http://localhost:" + elsewhere) // another port alone is the same host to some clients
	a.standIn.Withhold(patience)
	return a, nil
}

const loopback = "127.0.0.1"

// serve opens a port and answers there.
func (a *API) serve(answer http.HandlerFunc) (port string, err error) {
	listener, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		return "", err
	}
	server := &http.Server{
		Handler: a.noting(answer), ErrorLog: log.New(io.Discard, "", 0),
		ReadHeaderTimeout: headLimit, ReadTimeout: exchangeLimit, WriteTimeout: exchangeLimit,
	}
	a.servers = append(a.servers, server)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			_ = server.Close() // the target finds nobody, and its cases say so
		}
	}()
	_, port, err = net.SplitHostPort(listener.Addr().String())
	return port, err
}

// Origin is where the API is: "http://127.0.0.1:4711".
func (a *API) Origin() string { return a.origin }

// BeaconURL is what a target is given as COUNTERSIGN_BEACON.
func (a *API) BeaconURL() string { return a.origin + beaconPath + a.token }

// StandIn is the stand-in API behind the listener.
func (a *API) StandIn() *engine.StandIn { return a.standIn }

// Runs is how often the beacon has heard a nonce.
func (a *API) Runs(nonce string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.runs[nonce]
}

// Foreign is how many requests came to the beacon without its token.
func (a *API) Foreign() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.foreign
}

// LastHeard is when the last request ended, and whether one is going on.
func (a *API) LastHeard() (at time.Time, busy bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last, a.inFlight > 0
}

// Close stops listening and breaks off what is going on.
func (a *API) Close() {
	for _, server := range a.servers {
		_ = server.Close()
	}
}

// noting keeps track of what goes on.
func (a *API) noting(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a.note(func() { a.inFlight++ })
		defer a.note(func() { a.inFlight--; a.last = time.Now() })
		answer(w, r)
	}
}

// answer takes one request to the API or the beacon.
func (a *API) answer(w http.ResponseWriter, r *http.Request) {
	if path, isBeacon := strings.CutPrefix(r.URL.EscapedPath(), beaconPath); isBeacon {
		w.WriteHeader(a.heard(r.Method, path))
		return
	}
	a.standIn.ServeHTTP(w, r)
}

func (a *API) note(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

// heard counts a run and gives the status to answer.
func (a *API) heard(method, path string) int {
	token, escaped, _ := strings.Cut(path, "/")
	nonce, err := url.PathUnescape(escaped)
	switch {
	case token != a.token:
		a.note(func() { a.foreign++ })
		return http.StatusNotFound
	case method != http.MethodPost:
		return http.StatusMethodNotAllowed
	case err != nil || nonce == "":
		return http.StatusBadRequest
	}
	a.note(func() { a.runs[nonce]++ })
	return http.StatusNoContent
}

// Tell tells a beacon of a run, as a target has to. It is what targets written
// in Go use; an error changes nothing about the run.
func Tell(ctx context.Context, beacon, nonce string) error {
	if nonce == "" {
		nonce = "-"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, beacon+"/"+url.PathEscape(nonce), nil)
	if err != nil {
		return fmt.Errorf("telling the beacon: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("telling the beacon: %w", err)
	}
	return response.Body.Close()
}
