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
		Nonce: "01C0VNTERS1GNVECT0RS000000", Path: "/api/inngest", Host: "app.countersign.example", Sight: Inside,
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
	yes, no := c.plainly(true), c.plainly(false)
	if c.Then.follow != nil {
		if c.Then.follow(yes) == takenOrNot(yes) && c.Then.follow(no) == takenOrNot(no) {
			return Leaves
		}
		return Silent
	}
	likesYes, err := c.Then.Holds(yes)
	likesNo, errNo := c.Then.Holds(no)
	_, unfit := c.Given.sibling()
	switch {
	case err != nil || errNo != nil || likesYes == likesNo:
		return Silent
	case likesYes:
		return Accepts
	case len(c.Faults()) > 0 || unfit:
		return Refuses
	}
	return Silent // an error that is owed to an authentic request
}

// plainly is an outcome in which a request was accepted, or refused.
func (c Case) plainly(accepted bool) Outcome {
	o := Outcome{kind: c.When.kind(), beacon: true, nonce: "nonce", Got: Response{Status: http.StatusInternalServerError, Header: http.Header{}}}
	if accepted {
		o.Got.Status = http.StatusOK
		o.Got.Body = []byte(`{"authentication_succeeded":true,"app_id":"app","functions":[{}]}`)
		if o.kind == KindCall {
			o.Runs = 1
		}
	}
	return o
}

// Faults names what makes the request unacceptable in its set-up; a negative
// case has one, or a set-up that accepts nothing.
func (c Case) Faults() []string { return c.When.parts().faults(c.Given) }

// Twin is the request without its fault, and a set-up that accepts it: the
// case's own unless that holds no primary key.
func (c Case) Twin() (Stimulus, Setup) {
	fit := c.Given
	if healthy, unfit := c.Given.sibling(); unfit && !c.Given.hasPrimary() {
		fit = healthy
	}
	in := c.When.parts().twin(fit)
	switch c.When.kind() {
	case KindProbe:
		return Probe(in), fit
	case KindIntrospect:
		return Introspect(in), fit
	case KindSync:
		return Sync(in), fit
	case KindInBandSync:
		return InBandSync(in), fit
	case KindAsk:
		return Ask(in), fit
	}
	return Call(in), fit
}
