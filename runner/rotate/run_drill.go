package rotate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// runDrill rotates the key of a target and reports what happened; if ctx ends first,
// what happened until then, marked as incomplete. The lab's targets have a beacon and a
// stand-in API. The error is a [*stageError] if a process did not start, or ctx's if it
// ended before any response.
func runDrill(ctx context.Context, lab engine.Lab, o drillOptions) (Rotation, error) {
	d := newDrill(lab, o)
	defer d.stopAll()
	incomplete := ""
	err := d.runStages(ctx)
	if err == nil {
		err = ctx.Err() // which may have ended while the last requests were waited for
	}
	if err != nil {
		if ctx.Err() == nil || len(d.exchanges) == 0 {
			return Rotation{}, err
		}
		incomplete = fmt.Sprintf("interrupted at stage %d, %s", d.stage, stages[d.stage].name)
	}
	d.end(ctx)
	return d.result(incomplete), nil
}

// end ends what still runs when the traffic has ended.
func (d *drill) end(ctx context.Context) {
	d.ended = d.since()
	d.current().left = d.ended
	for _, p := range d.processes {
		if p.stopped == 0 {
			d.retire(ctx, p)
		}
	}
}

func newDrill(lab engine.Lab, o drillOptions) *drill {
	if o.Per == 0 {
		o.Per = defaultPer
	}
	if o.Gap == 0 {
		o.Gap = defaultGap
	}
	if o.Watch == nil {
		o.Watch = func(string, ...any) {}
	}
	return &drill{
		lab: lab, options: o, began: time.Now(),
		random: rand.New(rand.NewPCG(o.Seed, uint64(len(stages)))),
	}
}

// runStages goes through the stages, with traffic from the first to the last.
func (d *drill) runStages(ctx context.Context) error {
	if err := d.replace(ctx, 0); err != nil {
		return err
	}
	defer d.traffic(ctx)()
	for n := range stages {
		if err := d.advance(ctx, n); err != nil {
			return err
		}
		d.awaitRequests(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		if d.isSilent(n) {
			return &stageError{n, stages[n].name, fmt.Errorf("%d requests in a row got no response within %s", limits.Silent, limits.Exchange)}
		}
	}
	return nil
}

// advance begins stage n. Its first process runs already.
func (d *drill) advance(ctx context.Context, n int) error {
	d.options.Watch("stage %d, %s: the target holds %s, the server has key %s", n, stages[n].name, stages[n].holds, letter(stages[n].server))
	switch {
	case n == 0:
		return nil
	case stages[n].setup == stages[n-1].setup:
		d.changeServerKey(n)
		return nil
	}
	return d.replace(ctx, n)
}

// changeServerKey does what the server does when its key is rotated: it signs
// with the new key, and its API refuses the old one. Requests that use the API
// end before, and begin again afterwards: of two attempts on both sides of that
// instant any server would refuse both.
func (d *drill) changeServerKey(n int) {
	d.usingAPI.Lock()
	defer d.usingAPI.Unlock()
	d.current().session.Play(stages[n].script())
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enter(n)
}

// enter begins a stage. The drill's lock is held.
func (d *drill) enter(n int) {
	d.stage, d.begins[n] = n, d.since()
	d.left, d.sent, d.enough = d.options.Per, 0, make(chan struct{})
}

// awaitRequests waits until a stage has had its requests. If they take too long the
// drill continues: those that ended are judged, and what was not observed is
// reported.
func (d *drill) awaitRequests(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, limits.Stage)
	defer cancel()
	d.mu.Lock()
	enough := d.enough
	d.mu.Unlock()
	select {
	case <-enough:
	case <-ctx.Done():
	}
}

// isSilent reports whether the last requests of a stage got no response in time.
func (d *drill) isSilent(stage int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	silent := 0
	for _, x := range d.exchanges {
		if x.Stage != stage {
			continue
		}
		if silent++; !x.observed.TimedOut {
			silent = 0
		}
	}
	return silent >= limits.Silent
}
