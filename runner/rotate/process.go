package rotate

import (
	"context"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// process is one process of the target, and when it did what. Only the
// goroutine that walks through the stages changes it.
type process struct {
	target                        engine.Target
	setup                         suite.Setup
	started, ready, left, stopped time.Duration // left: new connections go elsewhere
	died                          string
	over                          bool
}

// replace brings a process up for a stage, leads the traffic to it, and ends
// the one before when that has answered all that it was asked.
func (d *drill) replace(ctx context.Context, n int) error {
	p := &process{setup: stages[n].setup, started: d.since()}
	starting, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	target, err := d.lab.Start(starting, p.setup)
	if err != nil && ctx.Err() == nil {
		return &StageError{n, stages[n].name, err}
	}
	if err != nil {
		return ctx.Err()
	}
	p.target, p.ready = target, d.since()
	target.StandIn().Play(stages[n].script())
	old := d.current()
	underway := d.underway(old)
	d.mu.Lock()
	d.processes = append(d.processes, p)
	d.mu.Unlock()
	left := d.proxy.move(target.Host(), n)
	d.enter(n)
	for _, s := range underway {
		d.finish(ctx, s)
	}
	if old != nil {
		d.retireBehind(ctx, old, left, n)
	}
	return nil
}

// underway begins the requests that straddle a hand-over, if there is one.
func (d *drill) underway(old *process) []*straddler {
	var begun []*straddler
	for range straddlers {
		if old != nil {
			begun = append(begun, d.straddle())
		}
	}
	return begun
}

func (d *drill) retireBehind(ctx context.Context, old *process, left *route, n int) {
	old.left = d.begins[n]
	drained := left.drained(ctx)
	d.handovers = append(d.handovers, Handover{
		From: n - 1, To: n, StartedMS: ms(d.current().started), MovedMS: ms(d.begins[n]), DrainedMS: ms(d.since()),
		InFlight: left.inFlight, Drained: drained,
	})
	d.retire(ctx, old)
}

// retire waits for what a process still has to say, and stops it.
func (d *drill) retire(ctx context.Context, p *process) {
	settling, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	p.target.Settle(settling)
	p.died = p.target.Died()
	p.target.Stop()
	p.stopped, p.over = d.since(), true
}

// stopAll stops what is left where a drill breaks off.
func (d *drill) stopAll() {
	for _, p := range d.all() {
		if !p.over {
			p.target.Stop()
		}
	}
}

// current is the process that new connections go to; nil before there is one.
func (d *drill) current() *process {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.processes) == 0 {
		return nil
	}
	return d.processes[len(d.processes)-1]
}

func (d *drill) all() []*process {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]*process{}, d.processes...)
}
