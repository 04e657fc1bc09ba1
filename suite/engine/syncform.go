package engine

import (
	"context"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// syncForm is which PUT a target takes for an out-of-band sync (R25). Where a
// signed one gets the functions in-band, that is no defect, and nothing that
// cases of syncs look for can be seen by it.
type syncForm int

const (
	syncSigned   syncForm = iota // as the server polls
	syncUnsigned                 // as a person starts a sync on the server's page
	syncInBand                   // neither: there is no out-of-band sync
)

const noOutOfBand = "the target responds to a signed PUT in-band and to an unsigned one not at all, so it has no out-of-band sync (R25)"

// findSyncForm tries both forms on a target in the plain set-up, which is kept
// for the session that needs it first.
func (r *run) findSyncForm(ctx context.Context, cases []suite.Case) {
	if !slices.ContainsFunc(cases, func(c suite.Case) bool { return r.dependsOnForm(c) && r.lab.Lacks(c) == "" }) {
		return
	}
	held := &lease{run: r}
	if !held.ensureTarget(ctx, &record{}) {
		return
	}
	r.warm = held
	registers := func(s suite.Sync) (registered, inBand bool) {
		x := held.send(ctx, s, "sync form")
		_, inBand = x.Object()["functions"].([]any)
		return slices.ContainsFunc(x.APIRequests, suite.APIRequest.Registers), inBand
	}
	if registered, inBand := registers(suite.Sync{}); registered || !inBand {
		return
	}
	r.sync = syncInBand
	if registered, _ := registers(suite.Sync{Unsigned: true}); registered {
		r.sync = syncUnsigned
	}
}

// dependsOnForm: a case sends a valid out-of-band sync and looks at what it does.
func (r *run) dependsOnForm(c suite.Case) bool {
	return c.When.Kind() == suite.KindSync && !c.StandsAlone() && !c.When.Fields().Unsigned && c.When.Fields().Key == ""
}

// lacks says why a case does not apply to this target.
func (r *run) lacks(c suite.Case) string {
	if lacks := r.lab.Lacks(c); lacks != "" {
		return lacks
	}
	if r.sync == syncInBand && r.dependsOnForm(c) {
		return noOutOfBand
	}
	return ""
}

// stimulus is what a case sends to this target.
func (r *run) stimulus(c suite.Case) suite.Stimulus {
	if s, is := c.When.(suite.Sync); is && r.sync == syncUnsigned && r.dependsOnForm(c) {
		s.Unsigned = true
		return s
	}
	return c.When
}
