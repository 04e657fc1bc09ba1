package rotate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite/engine"
)

// Options are how a drill is held. The zero value is fit for use.
type Options struct {
	Seed  uint64                           // nonces are drawn from it
	Per   int                              // requests that a stage has at least; 0: 72
	Gap   time.Duration                    // between two requests; 0: 10 ms
	Watch func(format string, args ...any) // told what begins; may be nil
}

// drill is the state of one call of Drill.
type drill struct {
	lab     engine.Lab
	options Options
	proxy   *proxy
	began   time.Time

	ended     time.Duration // of the traffic
	handovers []Handover

	asking  sync.RWMutex // see [drill.turn]
	syncing sync.Mutex   // one sync at a time, so that it is known whose registration is heard

	mu        sync.Mutex
	random    *rand.Rand
	stage     int
	begins    [len(stages)]time.Duration
	processes []*process
	requests  []*exchange
	left      int           // requests that the stage still needs
	sent      int           // requests of the stage
	enough    chan struct{} // closed when the stage needs no more
}

// Drill rotates the key of a target and tells what happened. The lab's targets
// listen on loopback and have a beacon and a stand-in API, as those of
// [github.com/countersign-dev/countersign/runner/launch] do. The error is a
// [*StageError] if a process did not start, or ctx's if it ended first.
func Drill(ctx context.Context, lab engine.Lab, o Options) (Result, error) {
	if o.Per == 0 {
		o.Per = usualPer
	}
	if o.Gap == 0 {
		o.Gap = usualGap
	}
	if o.Watch == nil {
		o.Watch = func(string, ...any) {}
	}
	proxy, err := newProxy()
	if err != nil {
		return Result{}, err
	}
	d := &drill{
		lab: lab, options: o, proxy: proxy, began: time.Now(),
		random: rand.New(rand.NewPCG(o.Seed, uint64(len(stages)))),
	}
	defer proxy.close() // after the processes, so that no connection is left to wait for
	defer d.stopAll()
	if err := d.walk(ctx); err != nil {
		return Result{}, err
	}
	return d.result(), nil
}

// walk goes through the stages, with traffic from the first to the last.
func (d *drill) walk(ctx context.Context) error {
	if err := d.replace(ctx, 0); err != nil {
		return err
	}
	stop := d.traffic(ctx)
	defer stop()
	for n := range stages {
		if err := d.advance(ctx, n); err != nil {
			return err
		}
		d.hold(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	stop()
	d.ended = d.since()
	d.current().left = d.ended
	d.retire(ctx, d.current())
	return ctx.Err()
}

func (d *drill) advance(ctx context.Context, n int) error {
	d.options.Watch("stage %d, %s: the target holds %s, the server has key %s", n, stages[n].name, stages[n].holds, letter(stages[n].server))
	switch {
	case n == 0:
		return nil // its process is there already
	case stages[n].setup == stages[n-1].setup:
		d.turn(n)
		return nil
	}
	return d.replace(ctx, n)
}

// turn is what the server does when a key is rotated: it signs with the other
// one, and its API refuses the one before. What is asked of the API ends first,
// and begins again afterwards: of two attempts on both sides of that instant
// any server would refuse both.
func (d *drill) turn(n int) {
	d.asking.Lock()
	defer d.asking.Unlock()
	d.current().target.StandIn().Play(stages[n].script())
	d.enter(n)
}

// enter begins a stage.
func (d *drill) enter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stage, d.begins[n] = n, d.since()
	d.left, d.sent, d.enough = d.options.Per, 0, make(chan struct{})
}

// hold waits until a stage has had its requests. Where they take too long, what
// came to an end has to do: the rest shows as unanswered.
func (d *drill) hold(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stageLimit)
	defer cancel()
	d.mu.Lock()
	enough := d.enough
	d.mu.Unlock()
	select {
	case <-enough:
	case <-ctx.Done():
	}
}

func (d *drill) since() time.Duration { return time.Since(d.began) }

// StageError says at which stage the target's process did not start.
type StageError struct {
	Stage int
	Name  string
	Err   error
}

func (e *StageError) Error() string {
	return fmt.Sprintf("stage %d, %s: %v", e.Stage, e.Name, e.Err)
}

// Unwrap gives what went wrong.
func (e *StageError) Unwrap() error { return e.Err }

// Output is the last lines of the process, if there are any.
func (e *StageError) Output() string {
	var unborn *engine.StartError
	if errors.As(e.Err, &unborn) {
		return unborn.Output
	}
	return ""
}
