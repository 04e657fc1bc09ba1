package suite

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// VectorScene is the world in which the published vectors are made: everything
// stands still, the clock, the nonce, and keys that are public and configured
// nowhere.
func VectorScene() Scene {
	return Scene{
		Keys: NewKeyring(rand.New(rand.NewPCG(8785, 2104))), Now: time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC),
		Nonce: "01C0VNTERS1GNVECT0RS000000", Path: "/api/inngest", Host: "app.countersign.example", Visibility: Full, ServerKind: ServerKindCloud,
	}
}

// Stance is what a case says about the signature of its own request.
type Stance string

// The stances.
const (
	Accepts Stance = "accept"
	Refuses Stance = "refuse"
	Leaves  Stance = "unspecified" // either way is fine; which one is reported
	Silent  Stance = ""            // the case is about something else
)

// Stance asks the case's expectation what it thinks of two outcomes, a plain
// acceptance and a plain refusal.
func (c Case) Stance() Stance {
	yes, no := c.sample(true), c.sample(false)
	if c.Then.Behaviour != nil {
		if c.Then.Behaviour(yes) == takenOrNot(yes) && c.Then.Behaviour(no) == takenOrNot(no) {
			return Leaves
		}
		return Silent
	}
	likesYes, likesNo := c.Then.Holds(yes), c.Then.Holds(no)
	_, unfit := c.Given.Control()
	switch {
	case likesYes == likesNo:
		return Silent
	case likesYes:
		return Accepts
	case len(c.Faults()) > 0 || unfit:
		return Refuses
	}
	return Silent // an error that is owed to an authentic request
}

// sample is an outcome in which a request was accepted, or refused.
func (c Case) sample(accepted bool) Observation {
	o := Observation{Kind: c.When.Kind(), Beacon: true, Nonce: "nonce", Response: Response{Status: http.StatusInternalServerError, Header: http.Header{}}}
	if accepted {
		o.Response.Status = http.StatusOK
		o.Response.Body = []byte(`{"authentication_succeeded":true,"app_id":"app","functions":[{}]}`)
		if o.Kind == KindCall {
			o.Runs = 1
		}
	}
	return o
}

// Faults names what makes the request unacceptable in its set-up; a negative
// case has one, or a set-up that accepts nothing.
func (c Case) Faults() []string { return c.When.Fields().faults(c.Given) }

// Control is the request without its fault, and a set-up that accepts it: the
// case's own unless that holds no primary key.
func (c Case) Control() (Stimulus, Setup) {
	fit := c.Given
	if healthy, unfit := c.Given.Control(); unfit && !c.Given.hasPrimary() {
		fit = healthy
	}
	in := c.When.Fields().valid(fit)
	switch c.When.Kind() {
	case KindProbe:
		return Probe(in), fit
	case KindIntrospect:
		return Introspect(in), fit
	case KindSync:
		return Sync(in), fit
	case KindInBandSync:
		return InBandSync(in), fit
	case KindOtherMethod:
		return OtherMethod(in), fit
	}
	return Call(in), fit
}
