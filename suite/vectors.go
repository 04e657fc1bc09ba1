package suite

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// VectorScene is the scene of the published vectors, with a fixed clock, a fixed
// nonce, and keys that are public and must never be configured.
func VectorScene() Scene {
	return Scene{
		Keys: NewKeyring(rand.New(rand.NewPCG(8785, 2104))), Now: time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC),
		Nonce: "01C0VNTERS1GNVECT0RS000000", Path: "/api/inngest", Host: "app.countersign.example", Visibility: Full, ServerKind: ServerKindCloud,
	}
}

// Stance is whether a case requires that the signature of its request is accepted.
type Stance string

// The stances.
const (
	Accepts     Stance = "accept"
	Refuses     Stance = "refuse"
	Unspecified Stance = "unspecified" // both are allowed, and reported
	NoStance    Stance = ""            // the case tests something else
)

// Stance evaluates the case's expectation on two observations: the request is
// accepted, and the request is refused.
func (c Case) Stance() Stance {
	if c.Facets.Of != "" || c.When.Kind() == KindConnect {
		return NoStance // many requests, or none to the SDK
	}
	yes, no := c.sample(true), c.sample(false)
	if c.Then.Behaviour != nil {
		if c.Then.Behaviour(yes) == acceptedOrRefused(yes) && c.Then.Behaviour(no) == acceptedOrRefused(no) {
			return Unspecified
		}
		return NoStance
	}
	acceptable, refusable := c.Then.Holds(yes), c.Then.Holds(no)
	switch {
	case acceptable == refusable:
		return NoStance
	case acceptable:
		return Accepts
	case len(c.Faults()) > 0 || !c.AcceptsValid():
		return Refuses
	}
	return NoStance // a valid request that requires an error response
}

// sample is an observation in which a request was accepted or refused.
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

// Faults names what makes the request invalid in its set-up. A negative case has
// one fault, or a set-up that accepts nothing.
func (c Case) Faults() []string { return c.When.Fields().faults(c.Given) }

// Control is the request without its fault, and a set-up that accepts it: the
// case's own, unless that has no primary key.
func (c Case) Control() (Stimulus, Setup) {
	given := c.Given
	if control, controlled := c.Given.Control(); controlled && !c.Given.hasPrimary() {
		given = control
	}
	in := c.When.Fields().valid(given)
	switch c.When.Kind() {
	case KindProbe:
		return Probe(in), given
	case KindIntrospect:
		return Introspect(in), given
	case KindSync:
		return Sync(in), given
	case KindInBandSync:
		return InBandSync(in), given
	case KindOtherMethod:
		return OtherMethod(in), given
	case KindConnect:
		return Work(in), given
	}
	return Call(in), given
}
