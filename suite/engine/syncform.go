package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

const noOutOfBand = "the target responds to a signed PUT in-band and to an unsigned one not at all, so it has no out-of-band sync (R25)"

// findSyncForm tries both forms.
func (r *run) findSyncForm(ctx context.Context, held *lease, cases []suite.Case) {
	if !slices.ContainsFunc(cases, func(c suite.Case) bool { return r.dependsOnForm(c) && r.lab.Lacks(c) == "" }) || !held.ensureTarget(ctx, &record{}) {
		return
	}
	registers := func(s suite.Sync) (registered, inBand bool) {
		x := held.send(ctx, s, fmt.Sprintf("sync form, unsigned %t", s.Unsigned))
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

// dependsOnForm reports whether a case observes the effects of a valid out-of-band
// sync.
func (r *run) dependsOnForm(c suite.Case) bool {
	return c.When.Kind() == suite.KindSync && !c.StandsAlone() && !c.When.Fields().Unsigned && c.When.Fields().Key == ""
}

// lacks returns why a case is not applicable to this target, or "" if it is.
func (r *run) lacks(c suite.Case) string {
	if lacks := r.lab.Lacks(c); lacks != "" {
		return lacks
	}
	if r.sync == syncInBand && r.dependsOnForm(c) {
		return noOutOfBand
	}
	return ""
}

// stimulus is the request of a case in the form that this target needs.
func (r *run) stimulus(c suite.Case) suite.Stimulus {
	if r.sync == syncUnsigned && r.dependsOnForm(c) {
		return unsigned(c.When)
	}
	return c.When
}

// unsigned is a sync without a signature; what is no sync stays as it is.
func unsigned(s suite.Stimulus) suite.Stimulus {
	sync, is := s.(suite.Sync)
	if !is {
		return s
	}
	sync.Unsigned = true
	return sync
}
