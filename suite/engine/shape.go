package engine

import (
	"context"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// compareShape sends a valid request in the unusual shape of a case, where the
// response to the case's request is no refusal, though nothing shows that it was
// taken as authentic. Something in front of the endpoint may have responded.
func (l *lease) compareShape(ctx context.Context, t *record) {
	if !t.c.Then.Negative || !t.before.Accepted() || t.main.Died != "" || t.c.Then.Holds(t.main.Observation) || !t.harmless() {
		return
	}
	if valid, unusual := suite.SameShape(t.c, l.setup); unusual {
		t.sameShape = l.send(ctx, valid, "the shape of "+t.c.ID)
	}
}

// harmless: a request had no effect that can be seen.
func (t *record) harmless() bool {
	return len(t.c.Then.Harms(t.main.Observation)) == 0 && !t.main.hasEffect() && len(t.main.APIRequests) == 0 && !t.servedByEndpoint(t.main)
}

// unserved reports whether neither the request nor a valid one in its unusual
// shape is served (R31).
func (t *record) unserved() bool {
	return t.sameShape != nil && t.before.Accepted() && !t.sameShape.hasEffect() && !t.servedByEndpoint(t.sameShape) && t.harmless()
}

// servedByEndpoint reports whether an exchange was accepted, and not by something
// that responds without the fields that the endpoint's own responses have.
func (t *record) servedByEndpoint(x *Exchange) bool {
	own := t.before != nil && t.before.Response.Header.Get(reference.HeaderSDK) != ""
	return x.Accepted() && (x.Beacon || !own || x.Response.Header.Get(reference.HeaderSDK) != "")
}
