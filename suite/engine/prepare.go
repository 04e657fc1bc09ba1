package engine

import (
	"context"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// prepare finds out what cases have to allow for, with a target in the plain
// set-up, which is kept for the session that needs it first.
func (r *run) prepare(ctx context.Context, cases []suite.Case) {
	if !slices.ContainsFunc(cases, func(c suite.Case) bool { return c.Given == suite.Setup{} && r.lab.Lacks(c) == "" }) {
		return
	}
	held := &lease{run: r}
	if !held.ensureTarget(ctx, &record{}) {
		return
	}
	r.warm = held
	r.traits.MeasureClock(ctx, held.callAt)
	if held.ensureTarget(ctx, &record{}) { // how it refuses, should an intermediary respond in the same way
		held.deliver(ctx, held.delivery(suite.Call{Unsigned: true}, "how it refuses", false), true)
	}
	r.findSyncForm(ctx, held, cases)
}

// callAt sends a plain call that is signed by our clock plus a difference.
func (l *lease) callAt(ctx context.Context, by time.Duration) *Exchange {
	if !l.ensureTarget(ctx, &record{}) {
		return nil
	}
	return l.send(ctx, suite.Call{Age: -by}, "clock by "+by.String())
}
