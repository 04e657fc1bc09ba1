// Package gallery has correct serve endpoints that are peculiar: none of them may
// be accused of anything.
//
// An [Endpoint] is the reference with one peculiarity, which a text names. Like a
// broken endpoint of package zoo it tests the suite: every one must conform, and
// fuzzing it must find nothing.
package gallery

import (
	"cmp"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// Endpoint is a correct endpoint with one peculiarity. Its function fields are
// called once for each target: what they return may keep state.
type Endpoint struct {
	Name     string // words, dashed, permanent
	Part     Part
	Peculiar string // what is peculiar, as a sentence
	// Without are optional capabilities of the reference that it does not have.
	Without []string

	// Change changes the endpoint itself; nil leaves it as it is.
	Change func(*reference.Endpoint)
	// Wrap is what stands in front of the endpoint; nil is nothing.
	Wrap func(http.Handler) http.Handler
	// Path is the path that Wrap leaves; empty is the one that was requested.
	Path string
	// Listen changes the connections of its server; nil leaves them as they are.
	Listen func(net.Listener) net.Listener
}

// Part is the part of an endpoint, or of what stands in front of it, that is
// peculiar.
type Part string

// The parts.
const (
	Limits    Part = "limits"
	Network   Part = "network"
	Replays   Part = "replays"
	Clocks    Part = "clocks"
	Strict    Part = "strictness"
	Responses Part = "responses"
	Proxies   Part = "proxies"
	Hosting   Part = "hosting"
	OwnDoing  Part = "own requests"
	Readings  Part = "readings"
)

// Handler makes the peculiar endpoint of a reference endpoint, which is served at
// a path and nowhere else.
func (e Endpoint) Handler(endpoint *reference.Endpoint, path string) http.Handler {
	ended, do := new(atomic.Bool), endpoint.Do
	endpoint.Do = func(r *http.Request) (*http.Response, error) {
		if ended.Load() {
			return nil, http.ErrServerClosed
		}
		return do(r)
	}
	if e.Change != nil {
		e.Change(endpoint)
	}
	at := cmp.Or(e.Path, path)
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.TrimSuffix(r.URL.Path, "/") != at {
			http.NotFound(w, r)
			return
		}
		endpoint.ServeHTTP(w, r)
	})
	if e.Wrap != nil {
		handler = e.Wrap(handler)
	}
	return mortal{inprocess.WithWorker(endpoint, handler), ended} // nothing stands in front of what starts it
}

// mortal is an endpoint that sends nothing any more once it is closed: the port that it
// would send to may be another one's by then.
type mortal struct {
	http.Handler
	ended *atomic.Bool
}

func (m mortal) Close() error {
	m.ended.Store(true)
	return nil
}
