package engine

import (
	"context"
	"slices"
	"sync"

	"github.com/countersign-dev/countersign/suite"
)

// plannedSession is a set-up with the cases that one target in it runs.
type plannedSession struct {
	setup    suite.Setup
	apart    bool // from the set-up's other cases: see [apart]
	cases    []suite.Case
	controls []suite.Case // cases of other set-ups whose control runs in this one
}

// mostBesides is how many sessions that need no worker run at a time: starting their
// targets takes time of the others, too.
const mostBesides = 4

// besides reports whether a session needs no worker of its own.
func (r *run) besides(s plannedSession) bool { return s.waits() && !r.options.OneTarget }

// waits reports whether a session waits for most of its time.
func (s plannedSession) waits() bool {
	return slices.ContainsFunc(s.cases, func(c suite.Case) bool { return waits(c) })
}

// apart reports whether a case must not have the target of the other cases: it needs one
// that was sent nothing valid yet, or sends secrets, after which it shows nothing that a
// target prints them.
func apart(c suite.Case) bool { return c.State.Cold || c.SendsSecrets() }

func waits(c suite.Case) bool {
	return c.State.Idle > 0 || c.When.Fields().APIConduct == suite.Withholds || c.When.Kind() == suite.KindConnect && (c.When.Fields().Scripts() || !c.AcceptsValid())
}

// runCases runs the sessions of the cases, a few at a time, and waits for the late
// effects of all of them.
func (r *run) runCases(ctx context.Context, cases []suite.Case) error {
	queue := make(chan plannedSession)
	var workers sync.WaitGroup
	for range max(1, r.options.Jobs) {
		workers.Go(func() {
			for s := range queue {
				if ctx.Err() == nil {
					r.runSession(ctx, s)
				}
			}
		})
	}
	sessions := r.warmFirst(ctx, r.plan(cases))
	free := make(chan struct{}, mostBesides)
	for _, s := range sessions {
		if r.besides(s) {
			workers.Go(func() {
				free <- struct{}{}
				defer func() { <-free }()
				if ctx.Err() == nil {
					r.runSession(ctx, s)
				}
			})
		}
	}
	for _, s := range sessions {
		if !r.besides(s) {
			queue <- s
		}
	}
	close(queue)
	workers.Wait()
	r.closing.Wait()
	return context.Cause(ctx)
}

// plan groups cases into sessions, in the order of the cases.
func (r *run) plan(cases []suite.Case) []plannedSession {
	type target struct {
		setup       suite.Setup
		destructive bool
		apart       bool
	}
	var sessions []plannedSession
	at := map[target]int{}
	shared := func(t target) *plannedSession {
		if _, there := at[t]; !there {
			at[t] = len(sessions)
			sessions = append(sessions, plannedSession{setup: t.setup, apart: t.apart})
		}
		return &sessions[at[t]]
	}
	var alone, destructive []plannedSession
	r.last = nil
	for _, c := range cases {
		r.records[c.ID] = &record{c: c, stimulus: r.stimulus(c), lacks: r.lacks(c)}
		switch {
		case r.records[c.ID].lacks != "":
			r.step(c)
		case c.State.Last:
			r.last = append(r.last, c)
			shared(target{setup: c.Given})
		case c.Destructive && !c.State.IsZero():
			destructive = append(destructive, plannedSession{setup: c.Given, cases: []suite.Case{c}})
		case c.OwnsTarget() || waits(c):
			alone = append(alone, plannedSession{setup: c.Given, cases: []suite.Case{c}})
		default:
			group := shared(target{c.Given, c.Destructive, apart(c)})
			group.cases = append(group.cases, c)
		}
		if control, controlled := c.Given.Control(); controlled && r.records[c.ID].lacks == "" {
			group := shared(target{setup: control})
			group.controls = append(group.controls, c)
		}
	}
	sessions = slices.Concat(alone, sessions, destructive) // what may take long first, so that it is not waited for in the end
	for i := range sessions {
		r.shuffle(sessions[i].cases)
	}
	return sessions
}

// runSession starts one target and runs the session's cases on it, those that
// script the stand-in API last. It restarts a target that exits.
func (r *run) runSession(ctx context.Context, s plannedSession) {
	cold, others := splitCold(s.cases)
	held := r.take(s, len(cold) > 0)
	defer held.release(ctx)
	defer held.runLast(ctx, r.last)
	if len(cold) > 0 {
		held.runCold(ctx, r.recordsOf(cold))
	}
	for _, c := range cold {
		r.step(c)
	}
	for _, c := range s.controls {
		if held.ensureTarget(ctx, &record{}) {
			r.records[c.ID].controlSetup = held.send(ctx, suite.ControlOf(c, s.setup), "control/"+c.ID)
		}
	}
	for _, scripting := range []bool{false, true} {
		for _, c := range others {
			if c.When.Fields().Scripts() != scripting {
				continue
			}
			if t := r.records[c.ID]; held.ensureTarget(ctx, t) {
				held.runCase(ctx, t)
			}
			r.step(c)
		}
	}
}

// splitCold parts the cases that come before the first valid request from the others.
func splitCold(cases []suite.Case) (cold, others []suite.Case) {
	for _, c := range cases {
		if c.State.Cold {
			cold = append(cold, c)
		} else {
			others = append(others, c)
		}
	}
	return cold, others
}

func (r *run) recordsOf(cases []suite.Case) []*record {
	var records []*record
	for _, c := range cases {
		records = append(records, r.records[c.ID])
	}
	return records
}

func (r *run) step(c suite.Case) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = min(r.done+1, r.total)
	if r.options.Watch != nil {
		r.options.Watch(Progress{c.Given, c.ID, r.done, r.total})
	}
}

// warmFirst moves the session whose target is already running to the front, so that
// there are never more running targets than workers.
func (r *run) warmFirst(ctx context.Context, sessions []plannedSession) []plannedSession {
	if r.warm == nil {
		return sessions
	}
	at := slices.IndexFunc(sessions, func(s plannedSession) bool { return s.setup == r.warm.setup && !s.apart })
	if at < 0 {
		r.take(plannedSession{setup: r.warm.setup}, false).release(ctx)
		return sessions
	}
	first := sessions[at]
	return slices.Insert(slices.Delete(sessions, at, at+1), 0, first)
}

// take returns the lease of a set-up whose target is already running, or a new one.
func (r *run) take(s plannedSession, cold bool) *lease {
	r.mu.Lock()
	defer r.mu.Unlock()
	if held := r.warm; held != nil && held.setup == s.setup && !s.apart {
		r.warm = nil
		return held
	}
	return &lease{run: r, setup: s.setup, cold: cold}
}
