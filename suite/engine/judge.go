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
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

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
	r := &run{lab: lab, traits: TraitsOf(lab), options: o, total: len(cases), records: map[string]*record{}, first: map[string]*record{}, stop: stop}
	defer r.beside.Wait()
	r.prepare(ctx, cases)
	if err := r.runCases(ctx, cases, 0); err != nil {
		return r.until(ctx, cases), err
	}
	seen := r.observed(cases)
	settled := seen.settled(seen.records)
	results := seen.verdicts(settled)
	again := slices.DeleteFunc(worthRepeating(settled, results), func(c suite.Case) bool { return r.first[c.ID] != nil })
	if len(again) == 0 {
		return seen.conclude(settled, results), nil
	}
	for _, c := range again {
		r.first[c.ID] = r.records[c.ID]
	}
	if err := r.runCases(ctx, again, 1); err != nil {
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
