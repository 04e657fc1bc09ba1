package rotate

import (
	"context"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// process is one process of the target, used through a session of its own: a
// request goes to one process, which is where its effects are observed.
type process struct {
	session                       *engine.Session
	setup                         suite.Setup
	started, ready, left, stopped time.Duration // left: new requests go to another process
	died                          string

	// Guarded by the drill's lock.
	inFlight   int
	superseded bool
	noResponse int           // requests that ended without one after it was superseded
	idle       chan struct{} // closed when it is superseded and no request is in flight
}

// startProcess starts a process for a stage.
func (d *drill) startProcess(ctx context.Context, n int) (*process, error) {
	p := &process{setup: stages[n].setup, started: d.since(), idle: make(chan struct{})}
	session, err := engine.OpenSession(ctx, d.lab, p.setup)
	switch {
	case ctx.Err() != nil && err != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, &stageError{n, stages[n].name, err}
	}
	p.session, p.ready = session, d.since()
	session.Play(stages[n].script())
	return p, nil
}

// retire waits for late effects of a process, and stops it. It waits, for a moment, also
// when ctx has ended: what ran late decides how a request is judged.
func (d *drill) retire(ctx context.Context, p *process) {
	p.session.Settle(context.WithoutCancel(ctx))
	p.died = p.session.Died()
	p.session.Stop()
	p.stopped = d.since()
}

// stopAll stops what still runs where a drill ends early.
func (d *drill) stopAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.processes {
		if p.stopped == 0 {
			p.session.Stop()
		}
	}
}

// current is the process that new requests go to; nil before there is one.
func (d *drill) current() *process {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.processes) == 0 {
		return nil
	}
	return d.processes[len(d.processes)-1]
}

// supersede notes that new requests go to another process, and how many are in
// flight. The drill's lock is held.
func (p *process) supersede(at time.Duration) (inFlight int) {
	p.superseded, p.left = true, at
	p.closeIfIdle()
	return p.inFlight
}

func (p *process) closeIfIdle() {
	if p.superseded && p.inFlight == 0 {
		close(p.idle)
	}
}

// release notes the end of a request. The drill's lock is held.
func (p *process) release(responded bool) {
	p.inFlight--
	if p.superseded && !responded {
		p.noResponse++
	}
	p.closeIfIdle()
}
