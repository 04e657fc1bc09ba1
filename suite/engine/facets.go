package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// runFacets sends the request of a case with each group of its deviations.
func (l *lease) runFacets(ctx context.Context, t *record) {
	f := &facetSearch{l, t}
	for _, group := range t.c.Facets.Groups() {
		if f.judge(ctx, group); t.facets.letIn != "" || f.isOver() {
			break
		}
	}
	if t.facets.letIn == "" && (l.foreign || l.run.stalled()) {
		t.facets.open = "not all deviations could be tried, as the target no longer responded"
	}
	if t.main.Died != "" {
		l.release(ctx)
		return
	}
	if l.last == nil || l.last == t.main || !l.last.Accepted() {
		l.last = l.send(ctx, suite.ControlOf(t.c, l.setup), "after/"+t.c.ID)
	}
	t.after, l.control = l.last, suite.ControlOf(t.c, l.setup)
}

// isOver reports whether the target is there no more.
func (f *facetSearch) isOver() bool { return f.t.main.Died != "" || f.foreign || f.run.stalled() }

// facetSearch judges the groups of one case.
type facetSearch struct {
	*lease
	t *record
}

// judge sends a group, and names the deviation that lets it in. A group of several
// that is refused counts only if the valid request with it is accepted: otherwise it
// is divided.
func (f *facetSearch) judge(ctx context.Context, group []suite.Fields) {
	x := f.attack(ctx, group)
	concluded := x.Concluded() && x.GaveUp == ""
	switch {
	case f.isIn(x):
		f.name(ctx, group)
	case f.isOver():
	case concluded && len(group) == 1:
	case concluded && f.accepts(ctx, group):
	case len(group) == 1 && !f.accepts(ctx, group):
		f.t.facets.leftOut = append(f.t.facets.leftOut, group...)
	case len(group) == 1:
		f.t.facets.open = "a request with " + suite.Deviations(group) + " got no response: " + x.Summary()
	case f.t.facets.sent > limits.FacetRequests:
		f.t.facets.leftOut = append(f.t.facets.leftOut, group...)
	default:
		f.halve(ctx, group)
	}
}

// halve judges both halves of a group.
func (f *facetSearch) halve(ctx context.Context, group []suite.Fields) {
	for _, half := range [][]suite.Fields{group[:len(group)/2], group[len(group)/2:]} {
		if f.t.facets.letIn != "" || f.isOver() {
			return
		}
		if len(half) > 1 || f.accepts(ctx, half) {
			f.judge(ctx, half)
			continue
		}
		f.attackAlone(ctx, half)
	}
}

// attackAlone sends a deviation because of which the valid request is refused.
func (f *facetSearch) attackAlone(ctx context.Context, deviation []suite.Fields) {
	if x := f.attack(ctx, deviation); f.isIn(x) {
		f.name(ctx, deviation)
		return
	}
	f.t.facets.leftOut = append(f.t.facets.leftOut, deviation...)
}

// attack sends the request that must be refused with deviations.
func (f *facetSearch) attack(ctx context.Context, deviations []suite.Fields) *Exchange {
	f.t.facets.sent++
	f.t.stimulus = suite.With(f.t.c.When, deviations)
	purpose := fmt.Sprintf("%s %d", f.t.c.ID, f.t.facets.sent)
	f.t.main = f.deliver(ctx, f.delivery(f.t.stimulus, purpose, false), true)
	f.t.facets.attempts = append(f.t.facets.attempts, &facetAttempt{f.t.main, deviations})
	return f.t.main
}

// isIn reports whether a request that must be refused had an effect.
func (f *facetSearch) isIn(x *Exchange) bool {
	return len(f.t.c.Then.Harms(x.worst().Observation)) > 0
}

// accepts reports whether the valid request with deviations is accepted. It is sent
// once for all cases of a session.
func (f *facetSearch) accepts(ctx context.Context, deviations []suite.Fields) bool {
	valid := suite.With(suite.Valid(f.t.c.When, f.setup), withoutFaults(deviations, f.setup))
	if x, sent := f.validGroups[valid]; sent {
		return x.Accepted()
	}
	x := f.deliver(ctx, f.delivery(valid, fmt.Sprintf("valid/%s %d", f.t.c.ID, f.t.facets.sent), false), false)
	if f.validGroups == nil {
		f.validGroups = map[suite.Stimulus]*Exchange{}
	}
	f.validGroups[valid], f.last = x, x
	return x.Accepted()
}

func withoutFaults(deviations []suite.Fields, s suite.Setup) []suite.Fields {
	var valid []suite.Fields
	for _, deviation := range deviations {
		valid = append(valid, suite.Valid(suite.Call(deviation), s).Fields())
	}
	return valid
}

// name finds the deviations that let a request in: one, or several that do so only
// together. The shortest beginning of the group that is let in ends with one of them.
func (f *facetSearch) name(ctx context.Context, group []suite.Fields) {
	letIn := f.t.main
	isIn := func(deviations []suite.Fields) bool {
		x := f.attack(ctx, deviations)
		if f.isIn(x) {
			letIn = x
			return true
		}
		return false
	}
	var culprits []suite.Fields
	if len(group) == 1 {
		culprits = group
	}
	for rest := group; len(rest) > 0 && len(group) > 1 && !f.isOver(); {
		if isIn(culprits) {
			break
		}
		shortest, longest := 0, len(rest)
		for longest-shortest > 1 {
			middle := (shortest + longest) / 2
			if isIn(slices.Concat(culprits, rest[:middle])) {
				longest = middle
			} else {
				shortest = middle
			}
		}
		culprits, rest = append(culprits, rest[longest-1]), rest[:longest-1]
	}
	f.t.main = letIn
	f.t.stimulus = suite.With(f.t.c.When, f.deviationsOf(letIn))
	f.t.facets.letIn = f.said(letIn, culprits)
}

// deviationsOf are the deviations that an exchange was sent with.
func (f *facetSearch) deviationsOf(x *Exchange) []suite.Fields {
	at := slices.IndexFunc(f.t.facets.attempts, func(a *facetAttempt) bool { return a.exchange == x })
	return f.t.facets.attempts[at].deviations
}

// said says what was let in, and because of what.
func (f *facetSearch) said(x *Exchange, culprits []suite.Fields) string {
	did := "it was let in"
	if x.worst().Runs > 0 {
		did = "the function ran"
	}
	if len(culprits) == 0 {
		return did + ", and does so without any of the deviations, too"
	}
	return did + " " + suite.Deviations(culprits)
}

// hearLateFacets finds a request whose effect was heard only after its response.
func (t *record) hearLateFacets() {
	if t.facets.letIn != "" {
		return
	}
	for _, a := range t.facets.attempts {
		if x := a.exchange.worst(); len(t.c.Then.Harms(x.Observation)) > 0 {
			t.main, t.stimulus = x, suite.With(t.c.When, a.deviations)
			t.facets.letIn = "after its response, the function ran " + suite.Deviations(a.deviations)
			return
		}
	}
}

// note says which deviations could not be judged; it is empty if all were.
func (f *facetTrial) note() string {
	if len(f.leftOut) == 0 {
		return ""
	}
	const most = 6
	var names []string
	for _, deviation := range f.leftOut[:min(most, len(f.leftOut))] {
		names = append(names, deviation.Phrase())
	}
	if more := len(f.leftOut) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d others", more))
	}
	return fmt.Sprintf("whoever signed it, a request with one of these is refused: %s", strings.Join(names, "; "))
}
