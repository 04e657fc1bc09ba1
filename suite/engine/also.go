package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// sendAlso sends the further requests of a case. One that ends the target is a
// verdict of the case; a case that may end it sends the others to a new one.
func (l *lease) sendAlso(ctx context.Context, t *record) {
	for i, stimulus := range t.c.Also {
		if l.session.Died() != "" && (!t.c.Destructive || !l.ensureTarget(ctx, &record{})) {
			return
		}
		x := l.deliver(ctx, l.delivery(stimulus, fmt.Sprintf("%s/%d", t.c.ID, i), false), t.c.Then.Negative)
		t.also = append(t.also, alsoSent{stimulus, x})
	}
}

// chooseMain makes the worst of a case's requests the one that it is judged by: one
// that did harm, one that ended the target, one that misses the expectation, or one
// that did not get a response of the endpoint's own.
func (t *record) chooseMain() {
	sent := append([]alsoSent{{t.stimulus, t.main}}, t.also...)
	chosen, worst := 0, 0
	for i := range sent {
		if t.c.Then.Negative {
			sent[i].exchange = sent[i].exchange.worst()
		}
		if bad := t.badness(sent[i].exchange); bad > worst {
			chosen, worst = i, bad
		}
	}
	for i, s := range sent {
		if i != chosen && !t.c.Then.Holds(s.exchange.Observation) {
			t.culprits = append(t.culprits, suite.Describe(s.stimulus))
		}
	}
	t.stimulus, t.main, t.also, t.others = sent[chosen].stimulus, sent[chosen].exchange, nil, t.others+len(t.also)
}

func (t *record) badness(x *Exchange) int {
	switch {
	case len(t.c.Then.Harms(x.Observation)) > 0:
		return 4
	case x.Died != "":
		return 3
	case !t.c.Then.Holds(x.Observation):
		return 2
	case x.GaveUp != "":
		return 1
	}
	return 0
}

// findCulprits sends each kind of content by itself where a request that has many
// was not accepted, or else looks for a few that are not accepted together.
func (l *lease) findCulprits(ctx context.Context, t *record) {
	call, is := t.stimulus.(suite.Call)
	if kinds := call.Body.Kinds(); is && len(kinds) > 1 && t.c.Then.Accepts && !t.c.Then.Holds(t.main.Observation) {
		refuses := func(kinds ...suite.BodyForm) bool {
			if !l.ensureTarget(ctx, &record{}) {
				return false
			}
			call.Body = suite.Mixed(kinds...)
			return !t.c.Then.Holds(l.send(ctx, call, t.c.ID+"/"+string(call.Body)).Observation)
		}
		t.culprits = culpritsOf(kinds, refuses)
	}
}

// culpritsOf are the kinds that are refused by themselves or, where none is, as few
// as possible that are refused together.
func culpritsOf(kinds []suite.BodyForm, refuses func(...suite.BodyForm) bool) []string {
	var culprits []string
	for _, kind := range kinds {
		if refuses(kind) {
			culprits = append(culprits, string(kind))
		}
	}
	if len(culprits) > 0 {
		return culprits
	}
	few := slices.Clone(kinds)
	for _, kind := range kinds {
		without := slices.DeleteFunc(slices.Clone(few), func(k suite.BodyForm) bool { return k == kind })
		if len(without) > 0 && refuses(without...) {
			few = without
		}
	}
	return []string{string(suite.Mixed(few...)) + ", together"}
}

// blames names what of the request is to blame, or the other requests of the case
// that miss its expectation, too.
func (t *record) blames() string {
	switch {
	case len(t.culprits) == 0:
		return ""
	case t.others > 0:
		return "the same with " + strings.Join(t.culprits, "; ")
	}
	return "because of: " + strings.Join(t.culprits, "; ")
}
