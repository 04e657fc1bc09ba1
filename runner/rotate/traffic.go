package rotate

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/wire"
)

// exchange is one request of the traffic and what is known of it so far.
type exchange struct {
	Request
	nonce string
	asked []suite.APIRequest // of the API, on its account
}

// traffic sends round after round of requests, until stop is called; stop waits
// for the ones on their way.
func (d *drill) traffic(ctx context.Context) (stop func()) {
	sending, cancel := context.WithCancel(ctx)
	queue := make(chan Kind)
	var working sync.WaitGroup
	working.Go(func() { d.drive(sending, queue) })
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

// drive gives the workers something to do, at a bounded rate.
func (d *drill) drive(ctx context.Context, queue chan<- Kind) {
	defer close(queue)
	for n := 0; ; n++ {
		kind := mix[n%len(mix)]
		select {
		case <-ctx.Done():
			return
		case queue <- kind:
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
		return trickle
	}
	return d.options.Gap
}

// send makes one request with the key that the server signs with at this moment.
func (d *drill) send(ctx context.Context, kind Kind) {
	if kind.asksAPI() {
		d.asking.RLock()
		defer d.asking.RUnlock()
	}
	if kind == Sync {
		d.syncing.Lock()
		defer d.syncing.Unlock()
	}
	x, made := d.make(kind)
	marks := d.marks()
	if conn, err := d.connect(ctx); err != nil {
		x.NoAnswer = "the proxy could not be reached: " + err.Error()
	} else {
		from := conn.LocalAddr()
		d.talk(ctx, conn, wire.Bytes(made), x)
		x.Stage = max(x.Stage, d.proxy.stageOf(from))
	}
	if ctx.Err() != nil {
		return // broken off by the user: this says nothing about the target
	}
	x.asked = d.askedSince(marks, x)
	d.note(x)
}

// make draws a request for the stage that the drill is at.
func (d *drill) make(kind Kind) (*exchange, suite.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, server := stages[d.stage], stages[d.stage].server
	if kind == OldKey && now.server == keyA {
		kind = Call // there is no old key yet
	}
	target := d.processes[len(d.processes)-1].target
	x := &exchange{nonce: fmt.Sprintf("01%08X%016X", d.random.Uint32(), d.random.Uint64())}
	x.Stage, x.Kind, x.Key, x.AtMS = d.stage, kind, kind.signer(server), ms(d.since())
	d.sent++
	made := suite.Make(kind.stimulus(server), suite.Scene{
		Keys: d.lab.Keys(), Now: target.Now(), Nonce: x.nonce, Path: target.Path(), Host: d.proxy.address(), Visibility: d.lab.Visibility(),
	})
	return x, made.Request
}

// note keeps a request that has come to an end.
func (d *drill) note(x *exchange) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests = append(d.requests, x)
	if x.Stage != d.stage {
		return
	}
	if d.left--; d.left == 0 {
		close(d.enough)
	}
}
