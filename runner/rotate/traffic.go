package rotate

import (
	"context"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// The traffic. A stage that has had plenty, and waits for a process to start,
// continues at a lower rate: the traffic never stops.
const (
	workers     = 2
	defaultPer  = 72                    // minimum number of requests per stage
	defaultGap  = 10 * time.Millisecond // between two requests
	plenty      = 3                     // times that minimum
	slowGap     = 250 * time.Millisecond
	heldPerMove = 2 // calls that are kept in flight when a process takes over
)

// exchange is one request of the traffic, and what its session observed of it.
type exchange struct {
	RequestRecord
	process  *process
	observed *engine.Exchange
}

// traffic sends round after round of requests until stop is called; stop waits
// for those in flight.
func (d *drill) traffic(ctx context.Context) (stop func()) {
	sending, cancel := context.WithCancel(ctx)
	queue := make(chan kind)
	var working sync.WaitGroup
	working.Go(func() { d.enqueue(sending, queue) })
	for range workers {
		working.Go(func() {
			for kind := range queue {
				d.send(ctx, kind)
			}
		})
	}
	return func() {
		cancel()
		working.Wait()
	}
}

// enqueue gives the workers requests to send, at a bounded rate.
func (d *drill) enqueue(ctx context.Context, queue chan<- kind) {
	defer close(queue)
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case queue <- mix[n%len(mix)]:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(d.gap()):
		}
	}
}

func (d *drill) gap() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sent > plenty*d.options.Per {
		return slowGap
	}
	return d.options.Gap
}

// send sends one request of a kind.
func (d *drill) send(ctx context.Context, kind kind) {
	if kind.usesAPI() {
		d.usingAPI.RLock()
		defer d.usingAPI.RUnlock()
	}
	if kind == kindSync {
		d.syncing.Lock()
		defer d.syncing.Unlock()
	}
	x, message := d.draw(kind)
	d.exchange(ctx, x, message)
}

// draw makes a request to the current process, as the server sends it at this
// stage, and counts it as in flight.
func (d *drill) draw(kind kind) (*exchange, engine.Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	server := stages[d.stage].server
	if kind == kindOldKey && server == keyA {
		kind = kindCall // there is no old key yet
	}
	p := d.processes[len(d.processes)-1]
	p.inFlight++
	d.sent++
	x := &exchange{process: p, RequestRecord: RequestRecord{Stage: d.stage, Kind: kind, Key: kind.signer(server), AtMS: ms(d.since())}}
	stimulus, scene := kind.stimulus(server), p.session.Scene(suite.NewNonce(d.random))
	scene.Host = d.host
	return x, engine.Message{
		Made: suite.Make(stimulus, scene), Kind: stimulus.Kind(), Nonce: scene.Nonce, Signer: suite.SignedBy(stimulus),
	}
}

// exchange sends a request through the session of its process, and keeps it.
func (d *drill) exchange(ctx context.Context, x *exchange, message engine.Message) {
	x.observed = x.process.session.Send(ctx, message)
	d.mu.Lock()
	defer d.mu.Unlock()
	x.TookMS = ms(d.since()) - x.AtMS
	x.process.release(x.observed.NoResponse == "")
	if ctx.Err() != nil {
		return // the user ended the drill: this shows nothing about the target
	}
	d.exchanges = append(d.exchanges, x)
	if x.Stage != d.stage {
		return
	}
	if d.left--; d.left == 0 {
		close(d.enough)
	}
}
