package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/fakeapi"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/wire"
)

const embeddedPath = "/api/inngest"

// EmbeddedLab serves the reference in this process, over loopback.
type EmbeddedLab struct {
	options Options
	keys    suite.Keyring

	mu    sync.Mutex
	alive map[*embedded]bool
}

// Embedded makes a lab of the reference, or of what o.Break makes of it.
func Embedded(o Options) *EmbeddedLab {
	return &EmbeddedLab{options: o, keys: drawKeys(o.Seed), alive: map[*embedded]bool{}}
}

// Keys are drawn for this lab and configured nowhere else.
func (l *EmbeddedLab) Keys() suite.Keyring { return l.keys }

// Lacks names an optional capability that the reference does not have.
func (l *EmbeddedLab) Lacks(c suite.Case) string {
	return suite.Unclaimed(c, inprocess.ReferenceClaims)
}

// Visibility says that a beacon and a stand-in API are there.
func (l *EmbeddedLab) Visibility() suite.Visibility { return suite.Full }

// Start serves an endpoint in a set-up.
func (l *EmbeddedLab) Start(_ context.Context, s suite.Setup) (engine.Target, error) {
	api, err := fakeapi.Listen(l.keys)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		api.Close()
		return nil, fmt.Errorf("opening a port for the embedded endpoint: %w", err)
	}
	env := s.Environment(l.keys, api.Origin())
	if s.Mode == suite.Cloud {
		env["COUNTERSIGN_STAGE"] = "production" // for a broken endpoint that guesses its mode
	}
	endpoint := NewReference(func(name string) string { return env[name] }, api.BeaconURL())
	if l.options.Break != nil {
		l.options.Break(endpoint)
	}
	t := &embedded{lab: l, api: api, client: wire.Client{Address: listener.Addr().String(), KeepAlive: l.options.KeepAlive}}
	t.serve(listener, endpoint)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alive[t] = true
	return t, nil
}

// Close ends everything that is still served.
func (l *EmbeddedLab) Close() {
	l.mu.Lock()
	alive := l.alive
	l.alive = map[*embedded]bool{}
	l.mu.Unlock()
	for t := range alive {
		t.Stop()
	}
}

// NewReference is the reference as a target has to be: every call that runs
// tells a beacon before it is answered.
func NewReference(getenv func(string) string, beacon string) *reference.Endpoint {
	return inprocess.ReferenceEndpoint(getenv, func(ctx context.Context, nonce string) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), beaconLimit)
		defer cancel()
		_ = fakeapi.Tell(ctx, beacon, nonce) // a beacon that is gone must not fail the function
	})
}

// embedded is an endpoint served in this process.
type embedded struct {
	lab      *EmbeddedLab
	api      *fakeapi.API
	client   wire.Client
	server   *http.Server
	inFlight atomic.Int64
}

func (t *embedded) serve(listener net.Listener, endpoint http.Handler) {
	t.server = &http.Server{
		ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: probeLimit,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			t.inFlight.Add(1)
			defer t.inFlight.Add(-1)
			if r.URL.Path != embeddedPath {
				http.NotFound(w, r)
				return
			}
			endpoint.ServeHTTP(w, r)
		}),
	}
	go func() {
		if err := t.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			_ = t.server.Close() // its cases find nobody, and say so
		}
	}()
}

func (t *embedded) Send(ctx context.Context, r suite.Request) (suite.Response, error) {
	return t.client.Do(ctx, r)
}

func (t *embedded) Path() string             { return embeddedPath }
func (t *embedded) Host() string             { return t.client.Address }
func (t *embedded) Now() time.Time           { return time.Now() }
func (t *embedded) Runs(nonce string) int    { return t.api.Runs(nonce) }
func (t *embedded) StandIn() *engine.StandIn { return t.api.StandIn() }
func (t *embedded) Died() string             { return "" }

// Settle waits for the end of every handler: nothing runs after that.
func (t *embedded) Settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	for {
		_, busy := t.api.LastHeard()
		if t.inFlight.Load() == 0 && !busy || ctx.Err() != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func (t *embedded) Stop() {
	t.client.Close()
	_ = t.server.Close()
	t.api.Close()
	t.lab.mu.Lock()
	defer t.lab.mu.Unlock()
	delete(t.lab.alive, t)
}
