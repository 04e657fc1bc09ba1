package engine

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

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

// harmless reports whether a request had no effect that can be observed.
func (t *record) harmless() bool {
	return len(t.c.Then.Harms(t.main.Observation)) == 0 && !t.main.hasEffect() && len(t.main.APIRequests) == 0 && !t.isServed(t.main)
}

// unserved reports whether neither the request nor a valid one in its unusual
// shape is served (R31).
func (t *record) unserved() bool {
	return t.sameShape != nil && t.before.Accepted() && !t.sameShape.hasEffect() && !t.isServed(t.sameShape) &&
		t.harmless() && (t.asCall == nil || !t.asCall.Succeeded() || !t.isServed(t.asCall))
}

// isServed reports whether a request was accepted, as the control before it was.
// Where only responses are observed, one of another form is not the same service:
// an intermediary's page, or what the endpoint responds to another method.
func (t *record) isServed(x *Exchange) bool {
	if x.Beacon || t.before == nil {
		return x.Accepted()
	}
	return x.Succeeded() && formOf(x) == formOf(t.before)
}

// formOf describes the form of a response: whose it is, and the names in its body.
func formOf(x *Exchange) string {
	form := "without an SDK, "
	if x.Response.Header.Get(reference.HeaderSDK) != "" {
		form = "of an SDK, "
	}
	var members map[string]any
	if json.Unmarshal(x.Response.Body, &members) != nil {
		return form + "no object"
	}
	names, err := json.Marshal(slices.Sorted(maps.Keys(members)))
	if err != nil {
		return form
	}
	return form + string(names)
}
