// Package engine runs the cases of package suite and judges what it observes.
//
// A [Lab] starts targets in a set-up; a [Session] sends requests to one of them
// and collects everything that each request caused; [Judge] runs cases and
// returns a verdict for each; [Measure] reports facts that no clause requires.
// The engine starts no processes and opens no sockets: labs do, such as those of
// package inprocess and of runner/launch.
package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Options are the options of [Judge].
type Options struct {
	Jobs int // targets that are busy at once; at least 1. Those that only wait run besides
	// OneTarget: no target runs besides, because all have the same environment.
	OneTarget bool
	Seed      uint64         // nonces are derived from it
	Watch     func(Progress) // called after every case; may be nil
	// Profile scores the cases that are run only because others rest on them.
	Profile suite.Profile
	// Keep keeps every exchange of the run for [Judgement.Evidence].
	Keep bool
	// Meanwhile is called once, when all cases were run for the first time, with what is
	// to be thought of them so far, and while some are run once more; may be nil.
	Meanwhile func(Judgement)
	// VerdictsOnly leaves Observed and Behaviour out of the results, which is faster.
	VerdictsOnly bool
}

func (o Options) meanwhile(j Judgement) {
	if o.Meanwhile != nil {
		o.Meanwhile(j)
	}
}

// Progress is the progress of a run.
type Progress struct {
	Setup       suite.Setup
	Case        string
	Done, Total int
}

// Judgement is the result of a run.
type Judgement struct {
	Results []Result // in the order of the cases, then those of their prerequisites
	Void    string   // why the results cannot be trusted; empty if they can
	// Diagnosis is the likeliest reason if no valid request was observed to run; nil
	// if the results can be trusted.
	Diagnosis *Diagnosis
	// Incomplete says why not every case was run; empty if all were.
	Incomplete string
	Setups     int   // distinct set-ups that were started
	Processes  int   // times that a target was started, in any set-up
	Clock      Clock // of the target

	observed *observed // what was judged
}

// Judge runs cases in a lab and judges what it observes. Cases with equal set-ups
// share a target; a case after which its target may use another key has one of its
// own. Inconclusive cases, and failures that may be transient, are run once more
// in a new target. There is no result if the error is a [*StartError]: the target did
// not start in the zero set-up, so nothing can be judged. If the error is ctx's, which
// ended first, the result is incomplete: what was judged until then.
func Judge(ctx context.Context, lab Lab, cases []suite.Case, o Options) (Judgement, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	cases = o.Profile.WithPrerequisites(cases)
	r := &run{lab: lab, traits: TraitsOf(lab), options: o, total: len(cases), records: map[string]*record{}, stop: stop}
	r.prepare(ctx, cases)
	if err := r.runCases(ctx, cases); err != nil {
		return r.until(ctx, cases), err
	}
	seen := r.observed(cases)
	settled := seen.settled(seen.records)
	results := seen.verdicts(settled)
	again := worthRepeating(settled, results)
	if len(again) == 0 || o.Meanwhile != nil {
		judged := seen.conclude(settled, results)
		if len(again) == 0 || o.Jobs <= 1 {
			o.meanwhile(judged)
		} else {
			var beside sync.WaitGroup
			defer beside.Wait()
			beside.Go(func() { o.meanwhile(judged) })
		}
		if len(again) == 0 {
			return judged, nil
		}
	}
	r.attempt++
	r.first = map[string]*record{}
	for _, c := range again {
		r.first[c.ID] = r.records[c.ID]
	}
	if err := r.runCases(ctx, again); err != nil {
		return r.until(ctx, cases), err
	}
	return r.observed(cases).judge(), nil
}

// observed is what was observed of cases.
func (r *run) observed(cases []suite.Case) *observed {
	return &observed{
		cases: cases, records: r.records, first: r.first, visibility: r.lab.Visibility(), identified: r.identified, isSDK: r.isSDK,
		setups: len(r.setups), processes: r.processes, clock: r.traits.Clock(), verdictsOnly: r.options.VerdictsOnly,
		keys: r.lab.Keys(), sessions: r.sessions, traits: r.traits,
	}
}

// until is what was judged when ctx ended; it is empty if nothing was.
func (r *run) until(ctx context.Context, cases []suite.Case) Judgement {
	o := r.observed(cases)
	o.ended = context.Cause(ctx).Error()
	if started := (*StartError)(nil); errors.As(context.Cause(ctx), &started) {
		return Judgement{Incomplete: o.ended}
	}
	return o.judge()
}

// run is the state of one call of Judge.
type run struct {
	lab     Lab
	options Options
	stop    context.CancelCauseFunc // ends the run without a result
	traits  *Traits

	closing sync.WaitGroup // targets whose late effects are waited for

	mu          sync.Mutex
	records     map[string]*record // of the last attempt
	first       map[string]*record // of the first one, of cases that are run once more
	setups      map[suite.Setup]bool
	sessions    []*Session // of all targets, if they are kept
	processes   int
	identified  bool
	isSDK       bool // a response names an SDK, or shows that a signed GET was authenticated
	done, total int
	stalls      int    // consecutive requests without a response within their limit
	foreign     int    // targets in whose place another process responded
	foreignWhy  string // why the last of them was not
	attempt     uint64 // 0, then 1 for the cases that are run once more
	sync        syncForm
	warm        *lease       // of the zero set-up, until a session takes it over
	last        []suite.Case // whose requests are the last ones of every process
}

func (r *run) started(s suite.Setup, session *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.options.Keep {
		r.sessions = append(r.sessions, session)
	}
	if r.setups == nil {
		r.setups = map[suite.Setup]bool{}
	}
	r.setups[s] = true
	r.processes++
}

// notStarted ends the run if the target does not start in the zero set-up: it would
// not start in others either, and each attempt may take as long as the limit.
func (r *run) notStarted(s suite.Setup, err *StartError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s == (suite.Setup{}) && !r.setups[s] {
		r.stop(err)
	}
}

// note records whether the target is identified and whether it responds. A run
// identifies it, because only its process knows the beacon's address; without a
// beacon an accepted probe, signed GET or call of a function that exists does.
// Consecutive time-outs are counted, so that a run does not wait for a hanging target
// forever.
func (r *run) note(o *Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.identified = r.identified || o.Runs > 0 || !o.Beacon && (o.ShowsTrust() || r.lab.Visibility() == suite.ByCall && o.Kind == suite.KindCall && o.Accepted())
	r.isSDK = r.isSDK || o.Response.Header.Get(reference.HeaderSDK) != "" || o.Kind == suite.KindIntrospect && o.ShowsTrust()
	switch {
	case errors.Is(o.failure, ErrWrongTarget):
		r.stop(o.failure)
	case o.NoResponse == "":
		r.stalls = 0
	default:
		for _, attempt := range append(slices.Clone(o.Earlier), o) {
			if attempt.Took >= limits.Exchange {
				r.stalls++
			}
		}
	}
}

// noteForeign counts the targets in whose place another process responded.
func (r *run) noteForeign(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.foreign, r.foreignWhy = r.foreign+1, why
}

// unidentified returns why the run gives up: again and again another process responds.
func (r *run) unidentified() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.foreign < limits.Foreign {
		return ""
	}
	return fmt.Sprintf("the target was started %d times, and each time another process responded in the end; the last time: %s", r.foreign, r.foreignWhy)
}

func (r *run) stalled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stalls >= limits.Silent
}

// nonce derives the nonce for a purpose from the seed.
func (r *run) nonce(purpose string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(purpose)) // a hash never fails
	return suite.NewNonce(rand.New(rand.NewPCG(r.options.Seed, hash.Sum64()+r.attempt)))
}
