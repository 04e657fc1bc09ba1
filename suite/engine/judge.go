// Package engine runs the cases of package suite and judges what it observes.
//
// A [Lab] starts targets in a setup; a [Session] sends requests to one of them
// and gathers everything that each request caused; [Judge] runs cases and
// returns a verdict for each; [Measure] reports facts that no clause requires.
// The engine knows neither processes nor sockets: package runner provides labs.
package engine

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/countersign-dev/countersign/suite"
)

// Options are how a catalogue is judged.
type Options struct {
	Jobs  int            // targets alive at once; at least 1
	Seed  uint64         // nonces are drawn from it
	Watch func(Progress) // told after every case; may be nil
	// Profile scores the cases that are run only because others rest on them.
	Profile suite.Profile
	// VerdictsOnly leaves out what was seen and which reading was followed, for those
	// who want verdicts alone.
	VerdictsOnly bool
}

// Progress is how far a run has come.
type Progress struct {
	Setup       suite.Setup
	Case        string
	Done, Total int
}

// Judgement is what a run came to.
type Judgement struct {
	Results []Result // in the order of the cases; those that they rest on come last
	Void    string   // why the run proves nothing; empty where it does
	Setups  int      // distinct set-ups that were brought up
}

// Judge carries cases out in a lab and judges what it sees. Cases with equal
// set-ups share a target; a case that may make its target switch keys has one
// of its own. What is inconclusive, and a failure that might be a hiccup, is
// carried out once more, in a fresh target. There is no result where the error is
// ctx's, which ended first, or a [*StartError]: the target did not start in the
// plain set-up, so nothing can be judged.
func Judge(ctx context.Context, lab Lab, cases []suite.Case, o Options) (Judgement, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	cases = o.Profile.WithPrerequisites(cases)
	r := &run{lab: lab, options: o, total: len(cases), records: map[string]*record{}, stop: stop}
	r.findSyncForm(ctx, cases)
	if err := r.runCases(ctx, cases); err != nil {
		return Judgement{}, err
	}
	judged := Judgement{Results: r.verdicts(cases)}
	atFirst := judged.Results
	var again []suite.Case
	for _, result := range atFirst {
		if r.records[result.Case.ID].worthRepeating(result.Verdict) {
			again = append(again, result.Case)
		}
	}
	if len(again) > 0 {
		r.attempt++
		if err := r.runCases(ctx, again); err != nil {
			return Judgement{}, err
		}
		judged.Results = r.verdicts(cases)
		for i, result := range judged.Results {
			judged.Results[i] = merged(atFirst[i], result)
		}
	}
	block(judged.Results, r.records)
	judged.Setups = len(r.setups)
	if !r.identified && len(r.setups) > 0 {
		judged.Void = "no valid request was observed to run, so responses cannot be attributed to the target"
	}
	return judged, nil
}

func (r *run) verdicts(cases []suite.Case) []Result {
	var results []Result
	for _, c := range cases {
		r.records[c.ID].verdictsOnly = r.options.VerdictsOnly
		results = append(results, r.records[c.ID].judge())
	}
	return results
}

// run is the state of one call of Judge.
type run struct {
	lab     Lab
	options Options
	stop    context.CancelCauseFunc // ends the run without a result

	mu          sync.Mutex
	records     map[string]*record
	setups      map[suite.Setup]bool
	identified  bool
	done, total int
	stalls      int    // requests in a row that got no answer within their limit
	attempt     uint64 // 0, then 1 for what was inconclusive
	sync        syncForm
	warm        *lease // of the plain set-up, until the session that needs it takes it over
}

// plannedSession is what one target is brought up for.
type plannedSession struct {
	setup    suite.Setup
	cases    []suite.Case
	controls []suite.Case // cases of unfit set-ups whose twin is shown here
}

// runCases runs the sessions of the cases, a few at a time.
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
	for _, s := range r.warmFirst(ctx, r.plan(cases)) {
		queue <- s
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// plan groups cases into sessions, in the order of the cases.
func (r *run) plan(cases []suite.Case) []plannedSession {
	type target struct {
		setup       suite.Setup
		destructive bool
	}
	var sessions []plannedSession
	at := map[target]int{}
	shared := func(s suite.Setup, destructive bool) *plannedSession {
		if _, there := at[target{s, destructive}]; !there {
			at[target{s, destructive}] = len(sessions)
			sessions = append(sessions, plannedSession{setup: s})
		}
		return &sessions[at[target{s, destructive}]]
	}
	var alone []plannedSession
	for _, c := range cases {
		r.records[c.ID] = &record{c: c, stimulus: r.stimulus(c), lacks: r.lacks(c)}
		switch {
		case r.records[c.ID].lacks != "":
			r.step(c)
		case c.OwnsTarget():
			alone = append(alone, plannedSession{setup: c.Given, cases: []suite.Case{c}})
		default:
			group := shared(c.Given, c.Destructive)
			group.cases = append(group.cases, c)
		}
		if fit, unfit := c.Given.Control(); unfit && r.records[c.ID].lacks == "" {
			group := shared(fit, false)
			group.controls = append(group.controls, c)
		}
	}
	return append(sessions, alone...)
}

// runSession brings one target up and carries a session's cases out on it, the ones
// that script the stand-in API last. A target that dies is brought up again.
func (r *run) runSession(ctx context.Context, s plannedSession) {
	held := r.take(s.setup)
	defer held.release(ctx)
	for _, c := range s.controls {
		if held.ensureTarget(ctx, &record{}) {
			r.records[c.ID].controlSetup = held.send(ctx, suite.ControlOf(c, s.setup), "control/"+c.ID)
		}
	}
	for _, scripting := range []bool{false, true} {
		for _, c := range s.cases {
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

func (r *run) step(c suite.Case) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = min(r.done+1, r.total)
	if r.options.Watch != nil {
		r.options.Watch(Progress{c.Given, c.ID, r.done, r.total})
	}
}

// warmFirst puts the session whose target runs already before the others, so
// that no more targets are alive at once than there are workers.
func (r *run) warmFirst(ctx context.Context, sessions []plannedSession) []plannedSession {
	if r.warm == nil {
		return sessions
	}
	at := slices.IndexFunc(sessions, func(s plannedSession) bool { return s.setup == r.warm.setup })
	if at < 0 {
		r.take(r.warm.setup).release(ctx)
		return sessions
	}
	first := sessions[at]
	return slices.Insert(slices.Delete(sessions, at, at+1), 0, first)
}

// take gives the lease of a set-up that was started before, or a new one.
func (r *run) take(s suite.Setup) *lease {
	r.mu.Lock()
	defer r.mu.Unlock()
	if held := r.warm; held != nil && held.setup == s {
		r.warm = nil
		return held
	}
	return &lease{run: r, setup: s}
}

func (r *run) started(s suite.Setup) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.setups == nil {
		r.setups = map[suite.Setup]bool{}
	}
	r.setups[s] = true
}

// notStarted ends the run where the target does not start in the plain set-up: it
// would not in others, and every one takes up to the limit for a start.
func (r *run) notStarted(s suite.Setup, err *StartError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s == (suite.Setup{}) && !r.setups[s] {
		r.stop(err)
	}
}

// note: a run at the beacon, whose address only that process knows, shows who
// answers; without a beacon a probe or a signed GET that is trusted does. And a
// target that lets request after request wait is not waited for forever.
func (r *run) note(o *Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.identified = r.identified || o.Runs > 0 || !o.Beacon && o.ShowsTrust()
	switch {
	case o.NoResponse == "":
		r.stalls = 0
	case o.Took >= ExchangeLimit:
		r.stalls++
	}
}

func (r *run) stalled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stalls >= mostStalls
}

// nonce draws the nonce of a purpose: equal seeds give equal nonces.
func (r *run) nonce(purpose string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(purpose)) // a hash takes everything
	return suite.NewNonce(rand.New(rand.NewPCG(r.options.Seed, hash.Sum64()+r.attempt)))
}
