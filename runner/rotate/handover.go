package rotate

import (
	"context"
	"sync"

	"github.com/countersign-dev/countersign/suite/wire"
)

// replace starts a process for a stage, sends the traffic to it, and ends the
// process before when that has responded to all of its requests.
func (d *drill) replace(ctx context.Context, n int) error {
	p, err := d.startProcess(ctx, n)
	if err != nil {
		return err
	}
	old := d.current()
	if old == nil {
		d.host = p.session.Scene("").Host
		d.takeOver(p, n)
		return nil
	}
	var held []heldCall
	for range heldPerMove {
		held = append(held, d.hold(ctx))
	}
	handover := d.takeOver(p, n)
	for _, call := range held {
		call.complete()
	}
	<-old.idle // each request has a limit, so this has one
	handover.DrainedMS = ms(d.since())
	d.mu.Lock()
	handover.Drained = old.noResponse == 0
	d.mu.Unlock()
	d.handovers = append(d.handovers, handover)
	d.retire(ctx, old)
	return nil
}

// takeOver makes a process the current one and begins its stage, in one instant.
func (d *drill) takeOver(p *process, n int) Handover {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := Handover{From: n - 1, To: n, StartedMS: ms(p.started)}
	d.enter(n)
	if last := len(d.processes) - 1; last >= 0 {
		h.InFlight = d.processes[last].supersede(d.begins[n])
	}
	h.MovedMS = ms(d.begins[n])
	d.processes = append(d.processes, p)
	return h
}

// heldCall is an authentic call of which the last byte is not sent yet.
type heldCall struct{ release, ended chan struct{} }

// hold begins a call to the current process. It returns when all but the last
// byte is sent, or the call has ended because that was not possible.
func (d *drill) hold(ctx context.Context) heldCall {
	call := heldCall{make(chan struct{}), make(chan struct{})}
	waiting := make(chan struct{})
	reached := sync.OnceFunc(func() { close(waiting) })
	ctx = wire.WithTrace(ctx, wire.Trace{BeforeLastByte: func(sending context.Context) {
		reached()
		select {
		case <-call.release:
		case <-sending.Done():
		}
	}})
	go func() {
		defer close(call.ended)
		x, message := d.draw(kindCall)
		d.exchange(ctx, x, message)
	}()
	select {
	case <-waiting:
	case <-call.ended:
	}
	return call
}

// complete sends the last byte and waits for the response.
func (c heldCall) complete() {
	close(c.release)
	<-c.ended
}
