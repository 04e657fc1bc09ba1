package inprocess

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/fakeapi"
)

// Options are the options of [New]. Handler and Keys are required.
type Options struct {
	// Handler makes the endpoint of one setup from its environment. A variable
	// that is not set is not in the map. A panic, or nil, means that the endpoint
	// does not start in this setup. A handler that is an [io.Closer] is closed when its
	// target is stopped.
	Handler func(env map[string]string) http.Handler
	Keys    suite.Keyring
	// Path is where the endpoint is served; empty is /api/inngest.
	Path string
	// Claims are the optional capabilities of the endpoint.
	Claims []suite.Capability
	// Names maps a variable to the names by which the endpoint knows it. A
	// variable that is not in it keeps its name.
	Names map[string][]string
	// Cloud holds the variables that select cloud mode.
	Cloud map[string]string
	// Quiet is how long an endpoint must have been idle before its session ends.
	// The zero value is right for endpoints that run nothing after they responded.
	Quiet time.Duration
	// Anywhere passes requests to every path on to the handler. Otherwise those to
	// other paths than Path are not found.
	Anywhere bool
	// Listen changes the connections of an endpoint's server; nil leaves them as
	// they are.
	Listen func(net.Listener) net.Listener
	// KeepAlive reuses connections, see [wire.Client].
	KeepAlive bool
}

// defaultPath is the path of an endpoint unless Options.Path is set.
const defaultPath = "/api/inngest"

// Lab serves a handler in this process, over loopback.
type Lab struct {
	options Options

	traits engine.Traits

	mu    sync.Mutex
	alive map[*target]bool
}

// New makes a lab of a handler.
func New(o Options) *Lab {
	o.Path = cmp.Or(o.Path, defaultPath)
	return &Lab{options: o, alive: map[*target]bool{}}
}

// NewReference makes a lab of the reference, changed by modify unless that is nil. The lab sets o.Handler, o.Claims and o.Cloud.
func NewReference(o Options, modify func(*reference.Endpoint)) *Lab {
	o.Claims, o.Cloud = ReferenceClaims, stage
	o.Handler = func(env map[string]string) http.Handler {
		endpoint := Reference(func(name string) string { return env[name] })
		if modify != nil {
			modify(endpoint)
		}
		return WithWorker(endpoint, endpoint)
	}
	return New(o)
}

// stage selects cloud mode in variants of the reference that infer the mode.
var stage = map[string]string{"COUNTERSIGN_STAGE": "production"}

// Traits are what was found out about the endpoint so far.
func (l *Lab) Traits() *engine.Traits { return &l.traits }

// Keys are the keys in the endpoints' environments.
func (l *Lab) Keys() suite.Keyring { return l.options.Keys }

// Lacks names an optional capability that the endpoint does not claim.
func (l *Lab) Lacks(c suite.Case) string { return suite.Unclaimed(c, l.options.Claims) }

// Visibility is Full: there are a beacon and a stand-in API.
func (l *Lab) Visibility() suite.Visibility { return suite.Full }

// Start serves the endpoint of a setup.
func (l *Lab) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	api, err := fakeapi.Listen(l.options.Keys, s.ServerKind())
	if err != nil {
		return nil, err
	}
	handler, err := l.build(ctx, environment(l.options, s, api))
	if err != nil {
		api.Close()
		return nil, err
	}
	t, err := listen(l, handler, api)
	if err != nil {
		api.Close()
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alive[t] = true
	return t, nil
}

// build calls the handler function in a goroutine of its own, so that one that
// panics, calls t.FailNow or does not return is an endpoint that did not start.
func (l *Lab) build(ctx context.Context, env map[string]string) (http.Handler, error) {
	type result struct {
		handler http.Handler
		reason  string
	}
	built := make(chan result, 1)
	go func() {
		r := result{reason: "the handler function did not return: it called t.FailNow or runtime.Goexit"}
		defer func() {
			if cause := recover(); cause != nil {
				r.reason = fmt.Sprint("the handler function panicked: ", cause)
			}
			built <- r
		}()
		r.handler = l.options.Handler(env)
		r.reason = "the handler function returned nil"
	}()
	select {
	case r := <-built:
		if r.handler == nil {
			return nil, &engine.StartError{Reason: engine.Redact(l.options.Keys, r.reason), Exited: true}
		}
		return r.handler, nil
	case <-ctx.Done():
		return nil, &engine.StartError{Reason: "the handler function had not returned when its time was over"}
	}
}

// environment is the environment of an endpoint in a setup.
func environment(o Options, s suite.Setup, api *fakeapi.API) map[string]string {
	env := s.Platform.Variables() // first: what is said on purpose counts more
	if env == nil {
		env = map[string]string{}
	}
	env[suite.EnvBeacon] = api.BeaconURL()
	if s.Mode == suite.Cloud {
		maps.Copy(env, o.Cloud)
	}
	stated := s.Environment(o.Keys, api.Origin())
	for name, value := range stated {
		if _, renamed := o.Names[name]; !renamed {
			env[name] = value
		}
	}
	for name, names := range o.Names { // last, so that the endpoint's own names win
		if value, set := stated[name]; set {
			for _, own := range names {
				env[own] = value
			}
		}
	}
	return env
}

// Close stops all endpoints.
func (l *Lab) Close() {
	l.mu.Lock()
	alive := l.alive
	l.alive = map[*target]bool{}
	l.mu.Unlock()
	for t := range alive {
		t.Stop()
	}
}

func (l *Lab) forget(t *target) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.alive, t)
}
