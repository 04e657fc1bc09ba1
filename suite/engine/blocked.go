package engine

import (
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// blocker finds the results that are only a consequence of another failure: a
// prerequisite of their case did not pass. Only that prerequisite is reported as a
// violation.
type blocker struct {
	results map[string]*Result
	records map[string]*record
	found   map[string][]string // causes by id
}

// block replaces the verdicts of cases whose prerequisites did not pass.
func block(results []Result, records map[string]*record) {
	b := blocker{map[string]*Result{}, records, map[string][]string{}}
	for i := range results {
		b.results[results[i].Case.ID] = &results[i]
	}
	blocked := map[string]string{}
	for id := range b.results {
		causes := b.causes(id)
		if at := slices.IndexFunc(causes, func(cause string) bool { return b.silent(id, cause) }); at >= 0 {
			blocked[id] = causes[at]
		}
	}
	for id, cause := range blocked {
		r := b.results[id]
		r.Note = fmt.Sprintf("%s did not hold, and this rests on it", cause)
		r.Behaviour, r.Culprits = "", nil // they were not observed
		r.Verdict, r.Cause, r.causeFailed = Blocked, cause, b.results[cause].Verdict == Fail
	}
}

// causes are the prerequisites that did not pass or, for those that are blocked
// themselves, their causes, in the order of the prerequisites.
func (b blocker) causes(id string) []string {
	if causes, known := b.found[id]; known {
		return causes
	}
	var causes []string
	for _, on := range b.results[id].Case.Prerequisites() {
		r := b.results[on]
		if r == nil || r.Verdict == Pass || r.Verdict == Observed || r.Verdict == NotApplicable {
			continue
		}
		deeper := b.causes(on)
		causes = append(causes, deeper...)
		if !slices.ContainsFunc(deeper, func(cause string) bool { return b.silent(on, cause) }) { // it is not blocked
			causes = append(causes, on)
		}
	}
	b.found[id] = causes
	return causes
}

// silent reports whether a result means nothing once the cause failed. A failure
// with harm stays a failure, unless the cause did the same harm; a pass stays a
// pass, unless a target that sends nothing passes as well.
func (b blocker) silent(id, cause string) bool {
	r, t := b.results[id], b.records[id]
	switch r.Verdict {
	case Pass:
		return r.Case.Then.Silent
	case NotApplicable, Error:
		return false
	case Inconclusive, Observed:
		return true
	}
	on := b.records[cause]
	switch {
	case on == nil || on.main == nil:
		return len(t.harms()) == 0 && t.endedTarget() == "" && !t.acceptedForgery()
	case t.endedTarget() != "" || t.stopsServing() != "":
		return on.endedTarget() != ""
	case t.acceptedForgery():
		return on.acceptedForgery()
	}
	return !slices.ContainsFunc(t.harms(), func(says string) bool { return !slices.Contains(on.harms(), says) })
}

// harms lists the harm that the request did.
func (t *record) harms() []string {
	if t.main == nil {
		return nil
	}
	return t.c.Then.Harms(t.main.Observation)
}

// acceptedForgery reports whether a request that must be refused was accepted.
func (t *record) acceptedForgery() bool {
	return t.c.Then.Negative && t.main != nil && (t.main.Accepted() && t.c.When.Kind() != suite.KindSync || t.asCall != nil && t.asCall.Succeeded())
}
