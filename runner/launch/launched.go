package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/fakeapi"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/wire"
)

// launched is a target in a process of its own.
type launched struct {
	lab     *Lab
	process *process // nil if it could not even be started
	secrets secrets  // in its output
	api     *fakeapi.API
	client  wire.Client
	home    string
	running *os.File // the note of it for other runs
	release func()   // gives the port back; nil before it has started
	owned   owned
	ending  sync.Once
	left    int // processes that it left running when it was stopped

	mu   sync.Mutex
	last time.Time // the end of the last exchange
}

// Send makes one exchange. If the connection breaks, the process may be exiting:
// Send waits a moment, so that [launched.Died] is right about it. A response that
// is not the target's is an error.
func (t *launched) Send(ctx context.Context, r suite.Request) (suite.Response, error) {
	response, err := t.client.Do(ctx, r)
	t.mu.Lock()
	t.last = time.Now()
	t.mu.Unlock()
	if (errors.Is(err, wire.ErrBrokeOff) || errors.Is(err, wire.ErrConnect)) && t.process.diesWithin(limits.Death) {
		return response, fmt.Errorf("%w: the target's process %s", err, t.process.how)
	}
	if err != nil {
		return response, err
	}
	if err := t.checkOwner(); err != nil {
		return suite.Response{}, err
	}
	if err := t.lab.checkName(r, response); err != nil {
		return suite.Response{}, err
	}
	return response, nil
}

func (t *launched) Path() string                      { return t.lab.target.Path }
func (t *launched) Host() string                      { return t.client.Address }
func (t *launched) Now() time.Time                    { return time.Now() }
func (t *launched) Runs(nonce string) int             { return t.api.Runs(nonce) }
func (t *launched) RunTimes(nonce string) []time.Time { return t.api.RunTimes(nonce) }
func (t *launched) StandIn() *engine.StandIn          { return t.api.StandIn() }

// Died returns how the process exited and its last output, or "" while it is
// running.
func (t *launched) Died() string {
	how := t.process.died()
	if how == "" {
		return ""
	}
	if said := lastLinesInOne(t.process.output.String()); said != "" {
		how += "; its last output: " + said
	}
	return engine.Redact(t.lab.keys, how)
}

// Printed are the secrets in the output of the process, as tokens.
func (t *launched) Printed() []string { return t.secrets.Found() }

// Settle waits until nothing was heard of the target for a while.
func (t *launched) Settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, limits.Settle)
	defer cancel()
	for t.process.died() == "" {
		left := limits.Quiet - t.quiet()
		if left <= 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-t.process.exited:
		case <-time.After(left):
		}
	}
}

// quiet is how long nothing was heard of the target.
func (t *launched) quiet() time.Duration {
	heard, busy := t.api.LastRequest()
	if busy {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if heard.Before(t.last) {
		heard = t.last
	}
	return time.Since(heard)
}

// Stop stops the process and everything that it started.
func (t *launched) Stop() {
	t.ending.Do(func() {
		t.client.Close()
		if t.process != nil {
			t.process.stop(t.lab.options.StopLimit)
			t.left = t.countLeft()
			killOrphans(t.mark())
			killAdopted()
		}
		t.unregister()
		t.api.Close()
		_ = os.RemoveAll(t.home) // what a surviving child still writes is left to the system
		if t.release != nil {
			t.release()
		}
		t.lab.forget(t)
	})
}
