package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// worthRepeating reports whether a second run may change the verdict. An effect
// that must never be observed needs to be observed only once; the absence of a
// required effect may have a transient cause.
func (t *record) worthRepeating(v Verdict) bool {
	switch v {
	case Inconclusive:
		return true
	case Fail, Warn:
		return t.main != nil && !t.proven()
	}
	return false
}

// proven reports whether what was observed violates the requirement, whatever a
// second run shows. Where runs cannot be observed, a success status does not: it may
// come from an intermediary.
func (t *record) proven() bool {
	if t.endedTarget() != "" || t.harmful() || t.c.Then.Output && len(t.main.Printed) > 0 || t.main.Beacon && t.c.Then.Negative && t.main.Accepted() {
		return true
	}
	return slices.ContainsFunc(t.main.APIRequests, func(a suite.APIRequest) bool { return !a.HoldsNoKey() || a.Elsewhere && !a.HoldsNoHash() })
}

// merged combines the results of two runs of one case.
func merged(first, second Result) Result {
	failed := func(v Verdict) bool { return v == Fail || v == Warn }
	switch {
	case first.Verdict == Inconclusive && second.Verdict != Inconclusive:
		second.Note = strings.TrimPrefix(second.Note+"; judged twice, because at first "+first.Note, "; ")
	case failed(first.Verdict) && !failed(second.Verdict):
		note := fmt.Sprintf("the verdict was %s at first, and %s when it was run again: %s", first.Verdict, second.Verdict, second.Observed)
		first.Note = strings.TrimPrefix(first.Note+"; "+note, "; ")
		first.Verdict = Inconclusive
		return first
	}
	return second
}

// mostBroken is how many valid requests may be no longer served, and be served by a
// new process, before that counts.
const mostBroken = 2

// keepBroken leaves cases inconclusive where a target stopped serving valid requests,
// for several cases in a row, and only a new process served them again: it breaks.
func keepBroken(merged, first []Result) {
	var broken []int
	lost := map[string]bool{} // by nonce: two cases in a row may share a control
	for i, result := range first {
		if x := result.brokenOff(); x != nil && result.Verdict == Inconclusive && merged[i].Verdict != Inconclusive {
			broken = append(broken, i)
			lost[x.Nonce] = true
		}
	}
	if len(lost) < mostBroken {
		return
	}
	for _, i := range broken {
		if merged[i].Verdict == Pass || merged[i].Verdict == Observed {
			merged[i].Verdict = Inconclusive
			merged[i].Note = "the target stopped serving valid requests, and only a new process served them again: " + first[i].brokenOff().NoResponse
		}
	}
}

// brokenOff is a valid request that got no response; nil if there is none, or none
// within the time limit, which a busy machine may cause.
func (r Result) brokenOff() *Exchange {
	for _, step := range r.Steps {
		x := step.Exchange
		isValid := step.Part == controlBefore || step.Part == controlAfter || step.Part == theRequest && !r.Case.Then.Negative
		if isValid && x.NoResponse != "" && !x.TimedOut && x.Died == "" {
			return x
		}
	}
	return nil
}
