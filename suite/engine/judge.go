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
	// VerdictsOnly leaves Observed and Behaviour out of the results, which is faster.
	VerdictsOnly bool
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
		return r.incomplete(ctx, cases), err
	}
	judged := Judgement{Results: r.verdicts(cases)}
	first := judged.Results
	var repeated []suite.Case
	for _, result := range first {
		if r.records[result.Case.ID].worthRepeating(result.Verdict) {
			repeated = append(repeated, result.Case)
		}
	}
	if len(repeated) > 0 {
		r.attempt++
		if err := r.runCases(ctx, repeated); err != nil {
			return r.incomplete(ctx, cases), err
		}
		judged.Results = r.verdicts(cases)
		for i, result := range judged.Results {
			judged.Results[i] = merged(first[i], result)
		}
		if r.lab.Visibility() == suite.Full { // otherwise both were judged by the same process
			keepBroken(judged.Results, first)
		}
	}
	r.allowRepeats(judged.Results)
	block(judged.Results, r.records)
	judged.Setups, judged.Processes, judged.Clock = len(r.setups), r.processes, r.traits.Clock()
	if judged.Void = r.void(); judged.Void != "" {
		judged.Diagnosis = diagnose(judged.Results)
	}
	return judged, nil
}

// incomplete is what was judged when ctx ended; it is empty if nothing was.
func (r *run) incomplete(ctx context.Context, cases []suite.Case) Judgement {
	judged := Judgement{Incomplete: context.Cause(ctx).Error()}
	if started := (*StartError)(nil); errors.As(context.Cause(ctx), &started) || !r.identified {
		return judged
	}
	for _, c := range cases {
		t := r.records[c.ID]
		if t == nil {
			t = &record{c: c}
		}
		if t.lacks == "" && (t.main == nil || t.interrupted) {
			judged.Results = append(judged.Results, Result{Case: c, Risk: c.Risk, Expected: c.Then.Requirement, Verdict: Inconclusive, Note: "the run ended before it was judged"})
			continue
		}
		result := t.judge()
		if failed := result.Verdict == Fail || result.Verdict == Warn; failed && t.worthRepeating(result.Verdict) {
			result.Verdict, result.Note = Inconclusive, "it failed, and the run ended before it was run again"
		}
		judged.Results = append(judged.Results, result)
	}
	block(judged.Results, r.records)
	judged.Setups, judged.Clock = len(r.setups), r.traits.Clock()
	return judged
}

// void returns why the responses cannot be attributed to the target, or "" if they
// can.
func (r *run) void() string {
	switch {
	case len(r.setups) == 0:
	case !r.identified:
		return "no valid request was observed to run, so responses cannot be attributed to the target"
	case r.lab.Visibility() != suite.Full && !r.isSDK && r.acceptsEverything():
		return "every request succeeds, forged or not, and no response is an SDK's, so responses cannot be attributed to the target"
	}
	return ""
}

// acceptsEverything reports whether all of the core cases succeeded.
func (r *run) acceptsEverything() bool {
	for _, id := range suite.Core {
		if t := r.records[id]; t == nil || t.main == nil || !t.main.Succeeded() {
			return false
		}
	}
	return true
}

func (r *run) verdicts(cases []suite.Case) []Result {
	var results []Result
	for _, c := range cases {
		r.records[c.ID].settleLast()
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
	traits  *Traits

	closing sync.WaitGroup // targets whose late effects are waited for

	mu          sync.Mutex
	records     map[string]*record
	setups      map[suite.Setup]bool
	processes   int
	identified  bool
	isSDK       bool // a response names an SDK, or shows that a signed GET was authenticated
	done, total int
	stalls      int    // consecutive requests without a response within their limit
	foreign     int    // targets in whose place somebody else responded
	stranger    string // why the last of them was not
	attempt     uint64 // 0, then 1 for the cases that are run once more
	sync        syncForm
	warm        *lease       // of the zero set-up, until a session takes it over
	last        []suite.Case // whose requests are the last ones of every process
}

func (r *run) started(s suite.Setup) {
	r.mu.Lock()
	defer r.mu.Unlock()
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
			if attempt.Took >= ExchangeLimit {
				r.stalls++
			}
		}
	}
}

// noteForeign counts the targets in whose place somebody else responded.
func (r *run) noteForeign(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.foreign, r.stranger = r.foreign+1, why
}

// unidentified returns why the run gives up: again and again somebody else responds.
func (r *run) unidentified() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.foreign < mostForeign {
		return ""
	}
	return fmt.Sprintf("the target was started %d times, and each time somebody else responded in the end; the last time: %s", r.foreign, r.stranger)
}

func (r *run) stalled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stalls >= mostStalls
}

// nonce derives the nonce for a purpose from the seed.
func (r *run) nonce(purpose string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(purpose)) // a hash never fails
	return suite.NewNonce(rand.New(rand.NewPCG(r.options.Seed, hash.Sum64()+r.attempt)))
}
