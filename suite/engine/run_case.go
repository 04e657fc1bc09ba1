package engine

import (
	"context"

	"github.com/countersign-dev/countersign/suite"
)

// runCase sends the requests of one case: control, request, control.
func (l *lease) runCase(ctx context.Context, t *record) {
	defer func() { t.interrupted = ctx.Err() != nil }()
	control := suite.ControlOf(t.c, l.setup)
	if t.c.Then.Negative {
		t.before = l.before(ctx, control, t.c)
	}
	t.function = l.session.function()
	if t.c.Facets.Of != "" {
		l.runFacets(ctx, t)
		return
	}
	l.preceding = l.precede(ctx, t)
	t.main = l.sendInState(ctx, t)
	l.sendAlso(ctx, t)
	if t.c.State.Beside == suite.Nobody {
		l.findCulprits(ctx, t)
		l.compareShape(ctx, t)
	}
	l.preceding = nil
	if l.run.alsoAsCall(t.c) && t.main.Died == "" {
		t.asCall = l.deliver(ctx, l.delivery(t.c.When, "call/"+t.c.ID, true), true)
	}
	if t.c.Then.Negative && t.main.Died == "" {
		t.after = l.send(ctx, control, "after/"+t.c.ID)
		l.control, l.last = control, t.after
	}
	spoilt := !t.c.State.IsZero() && t.after != nil && !t.after.Accepted()
	if t.stopsServing() != "" || spoilt { // the following cases need a new target
		l.release(ctx)
	}
}

// sendInState sends the request of a case, with others at the same time if it is
// about that.
func (l *lease) sendInState(ctx context.Context, t *record) *Exchange {
	if t.c.State.Beside != suite.Nobody {
		return l.sendBeside(ctx, t)
	}
	return l.sendMain(ctx, t)
}

// alsoAsCall reports whether a probe that is sent in place of a call that must be
// refused is sent as a call, too. Otherwise a target that verifies only probes
// would pass.
func (r *run) alsoAsCall(c suite.Case) bool {
	v := r.lab.Visibility()
	return v != suite.Full && v != suite.ByCall && c.When.Kind() == suite.KindCall && c.Then.Negative && c.Level != suite.May && !c.Destructive
}
