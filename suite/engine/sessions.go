package engine

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/countersign-dev/countersign/suite"
)

// plannedSession is a set-up with the records of the cases that one target in it runs.
type plannedSession struct {
	setup    suite.Setup
	attempt  uint64 // 0, then 1 for the cases that are run once more
	apart    bool   // from the set-up's other cases, on a target of their own
	cases    []*record
	controls []*record    // of cases of other set-ups whose control runs in this one
	last     []suite.Case // whose requests are the last ones of every process
}

// mostBesides is how many sessions that need no worker run at a time: starting their
// targets takes time of the others, too.
const mostBesides = 4

// besides reports whether a session needs no worker of its own.
func (r *run) besides(s plannedSession) bool { return s.waits() && !r.options.OneTarget }

// waits reports whether a session waits for most of its time.
func (s plannedSession) waits() bool { return s.has(waits) }

// has reports whether one of its cases is such.
func (s plannedSession) has(such func(suite.Case) bool) bool {
	return slices.ContainsFunc(s.cases, func(t *record) bool { return such(t.c) })
}

// apart reports whether a case must not have the target of the other cases: it needs one
// that was sent nothing valid yet, or sends secrets, after which it shows nothing that a
// target prints them.
func apart(c suite.Case) bool { return c.State.Cold || c.SendsSecrets() }

// waits reports whether a case waits for most of its time: for the target, which tries
// again after a while what the API rejected, or until nothing more comes.
func waits(c suite.Case) bool {
	in := c.When.Fields()
	retries := in.Scripts() && (c.When.Kind() == suite.KindConnect || in.Function == suite.StepID)
	return c.State.Idle > 0 || in.APIConduct == suite.Withholds || retries || c.When.Kind() == suite.KindConnect && !c.AcceptsValid()
}

// runCases runs the sessions of the cases, a few at a time, and waits for the late
// effects of all of them. A case that fails is run once more when its session is settled:
// at once if the session needs no worker, else after all sessions were begun.
func (r *run) runCases(ctx context.Context, cases []suite.Case, attempt uint64) error {
	sessions := r.warmFirst(ctx, r.plan(cases, attempt))
	queue, again := make(chan plannedSession), make(chan plannedSession, len(sessions))
	var workers, unsettled sync.WaitGroup
	unsettled.Add(len(sessions))
	for range max(1, r.options.Jobs) {
		workers.Go(func() {
			for s := range queue {
				held := r.runSession(ctx, s)
				workers.Go(func() {
					defer unsettled.Done()
					again <- r.secondRun(ctx, s, held)
				})
			}
			for s := range again {
				r.runEarly(ctx, s)
			}
		})
	}
	workers.Go(func() {
		free := make(chan struct{}, mostBesides)
		for _, s := range sessions {
			if !r.besides(s) {
				continue
			}
			free <- struct{}{}
			workers.Go(func() {
				defer unsettled.Done()
				defer func() { <-free }()
				r.runEarly(ctx, r.secondRun(ctx, s, r.runSession(ctx, s)))
			})
		}
	})
	for _, s := range sessions {
		if !r.besides(s) {
			queue <- s
		}
	}
	close(queue)
	disturbing := slices.ContainsFunc(sessions, func(s plannedSession) bool {
		return s.has(func(c suite.Case) bool { return c.Destructive })
	})
	r.meanwhile(ctx, r.options.Jobs > 1 && !disturbing)
	unsettled.Wait()
	close(again)
	workers.Wait()
	r.closing.Wait()
	r.meanwhile(ctx, true)
	return context.Cause(ctx)
}

// secondRun is the session that runs those cases of one once more that failed, if any. A
// case whose control is in another set-up cannot be judged yet, and a destructive one
// disturbs others.
func (r *run) secondRun(ctx context.Context, s plannedSession, held *lease) plannedSession {
	held.closing.Wait()
	second := plannedSession{setup: s.setup, attempt: s.attempt + 1, apart: true}
	if _, controlled := s.setup.Control(); s.attempt > 0 || controlled || ctx.Err() != nil {
		return second
	}
	for _, t := range s.cases {
		first := t.settled()
		first.verdictsOnly = true
		if !t.c.Destructive && first.worthRepeating(first.verdict().Verdict) {
			second.cases = append(second.cases, r.newRecord(t.c))
		}
	}
	r.shuffle(second.cases)
	return second
}

// runEarly runs cases for the second time, while others may still be run for the first.
func (r *run) runEarly(ctx context.Context, s plannedSession) {
	r.runSession(ctx, s)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range s.cases {
		r.first[t.c.ID], r.records[t.c.ID] = r.records[t.c.ID], t
	}
}

// What some cases cost in addition, in cases of a shared target.
const (
	ownTarget  = 10 // a target of its own: such a case is mostly about what that sends to the API
	nextStarts = 10 // the time in which a worker would start again
)

// cost is about how long a session takes, in cases of a shared target.
func (s plannedSession) cost() int {
	cost := len(s.cases)
	if s.apart {
		cost += ownTarget
	}
	if s.waits() && s.setup.Worker {
		cost += nextStarts
	}
	return cost
}

// plan groups cases into sessions: those that take long first, so that none is waited
// for in the end.
func (r *run) plan(cases []suite.Case, attempt uint64) []plannedSession {
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
			sessions = append(sessions, plannedSession{setup: t.setup, attempt: attempt, apart: t.apart})
		}
		return &sessions[at[t]]
	}
	var alone, destructive []plannedSession
	own := func(t *record) plannedSession {
		return plannedSession{setup: t.c.Given, attempt: attempt, apart: true, cases: []*record{t}}
	}
	var last []suite.Case
	for _, c := range cases {
		t := r.newRecord(c)
		r.records[c.ID] = t
		switch {
		case t.lacks != "":
			r.step(c, attempt)
		case c.State.Last:
			last = append(last, c)
			shared(target{setup: c.Given})
		case c.Destructive && !c.State.IsZero():
			destructive = append(destructive, own(t))
		case c.OwnsTarget() || waits(c):
			alone = append(alone, own(t))
		default:
			group := shared(target{c.Given, c.Destructive, apart(c)})
			group.cases = append(group.cases, t)
		}
		if control, controlled := c.Given.Control(); controlled && t.lacks == "" {
			group := shared(target{setup: control})
			group.controls = append(group.controls, t)
		}
	}
	sessions = append(sessions, alone...)
	slices.SortStableFunc(sessions, func(a, b plannedSession) int { return cmp.Compare(b.cost(), a.cost()) })
	sessions = append(sessions, destructive...)
	for i := range sessions {
		sessions[i].last = last
		r.shuffle(sessions[i].cases)
	}
	return sessions
}

func (r *run) newRecord(c suite.Case) *record {
	return &record{c: c, stimulus: r.stimulus(c), lacks: r.lacks(c)}
}

// runSession starts one target and runs the session's cases on it, those that
// script the stand-in API last. It restarts a target that exits.
func (r *run) runSession(ctx context.Context, s plannedSession) *lease {
	held := r.take(s)
	defer held.release(ctx)
	if ctx.Err() != nil {
		return held
	}
	cold, others := splitCold(s.cases)
	defer held.runLast(ctx, s.last)
	if len(s.cases)+len(s.controls) == 0 && len(s.last) > 0 {
		held.ensureTarget(ctx, &record{}) // which no other case starts
	}
	if len(cold) > 0 {
		held.runCold(ctx, cold)
		held.cold = false
	}
	for _, t := range cold {
		r.step(t.c, s.attempt)
	}
	for _, t := range s.controls {
		if held.ensureTarget(ctx, &record{}) {
			t.controlSetup = held.send(ctx, suite.ControlOf(t.c, s.setup), "control/"+t.c.ID)
		}
	}
	for _, scripting := range []bool{false, true} {
		for _, t := range others {
			if t.c.When.Fields().Scripts() != scripting {
				continue
			}
			if held.ensureTarget(ctx, t) {
				held.runCase(ctx, t)
			}
			r.step(t.c, s.attempt)
		}
	}
	return held
}

// splitCold parts the cases that come before the first valid request from the others.
func splitCold(cases []*record) (cold, others []*record) {
	for _, t := range cases {
		if t.c.State.Cold {
			cold = append(cold, t)
		} else {
			others = append(others, t)
		}
	}
	return cold, others
}

// step reports that a case was run, for the first time or again.
func (r *run) step(c suite.Case, attempt uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if attempt == 0 {
		r.done = min(r.done+1, r.total)
	}
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
		r.take(plannedSession{setup: r.warm.setup}).release(ctx)
		return sessions
	}
	first := sessions[at]
	return slices.Insert(slices.Delete(sessions, at, at+1), 0, first)
}

// take returns the lease of a set-up whose target is already running, or a new one.
func (r *run) take(s plannedSession) *lease {
	r.mu.Lock()
	defer r.mu.Unlock()
	if held := r.warm; held != nil && held.setup == s.setup && !s.apart {
		r.warm = nil
		return held
	}
	return &lease{run: r, setup: s.setup, attempt: s.attempt, cold: s.has(func(c suite.Case) bool { return c.State.Cold })}
}
