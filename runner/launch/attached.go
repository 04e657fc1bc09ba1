package launch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/wire"
)

// attached is an endpoint that is already running.
type attached struct {
	lab *AttachLab

	mu   sync.Mutex
	died string
}

// Start returns the endpoint; it has only one set-up. Where it has exited, Start
// waits a while for somebody to restart it.
func (l *AttachLab) Start(ctx context.Context, _ suite.Setup) (engine.Target, error) {
	limited, cancel := context.WithTimeout(ctx, limits.Return)
	defer cancel()
	const pause = 100 * time.Millisecond
	for !l.place.listens(limited) {
		select {
		case <-limited.Done():
			if ctx.Err() != nil {
				return nil, fmt.Errorf("attaching to %s: %w", &l.place, ctx.Err())
			}
			return nil, &engine.StartError{Reason: fmt.Sprintf("%s no longer responds", &l.place)}
		case <-time.After(pause):
		}
	}
	return &attached{lab: l}, nil
}

// listens reports whether anything accepts connections there.
func (p *place) listens(ctx context.Context) bool {
	_, err := p.do(ctx, p.plain("GET"))
	return !errors.Is(err, wire.ErrConnect)
}

// Send makes one exchange. If the connection breaks, it checks whether the
// endpoint has exited, so that the request that ended it is known.
func (t *attached) Send(ctx context.Context, r suite.Request) (suite.Response, error) {
	response, err := t.lab.place.do(ctx, r)
	if errors.Is(err, wire.ErrBrokeOff) || errors.Is(err, wire.ErrConnect) {
		time.Sleep(limits.Death)
		if !t.lab.place.listens(ctx) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.died = fmt.Sprintf("nothing listens at %s anymore", t.lab.place.host)
		}
	}
	return response, err
}

// Died returns why the endpoint exited, or "" while it is running.
func (t *attached) Died() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.died
}

// Wait waits until the limit allows one more request. If ctx ends, sending fails.
func (t *attached) Wait(ctx context.Context) { _ = t.lab.place.limit.wait(ctx) }

func (t *attached) Function() string         { return t.lab.options.Function }
func (t *attached) Path() string             { return t.lab.place.path }
func (t *attached) Host() string             { return t.lab.place.host }
func (t *attached) Now() time.Time           { return time.Now() }
func (t *attached) Runs(string) int          { return 0 }
func (t *attached) StandIn() *engine.StandIn { return nil }
func (t *attached) Settle(context.Context)   {}
func (t *attached) Stop()                    {}
