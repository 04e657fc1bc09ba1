package launch

import (
	"context"
	"net/http"
	"slices"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// AttachOptions say what may be sent to an endpoint that is already running.
type AttachOptions struct {
	AllowSync   bool   // send PUT, which may make the endpoint sync with Inngest
	AllowRemote bool   // send to other machines
	Seed        uint64 // the unknown key and nonces are drawn from it
	Rate        int    // requests per second at most; 0: no limit
	// Function is the id of a function that may run: then acceptance shows in the
	// responses to calls of it. If it is empty no request names a function that exists.
	Function string
	// Before is called when the endpoint's URL is known to be good, before the first
	// request is sent. It may be nil; an error of it ends the attempt.
	Before func() error
}

// AttachLab is a lab of an endpoint that is already running: only its responses
// are observed.
type AttachLab struct {
	place   place
	options AttachOptions
	keys    suite.Keyring
	setup   suite.Setup // of the endpoint
	sight   suite.Visibility
	claims  []suite.Capability
	accepts bool              // a valid request was accepted
	refused *engine.Diagnosis // of a valid trust probe, where a signed GET was accepted
	traits  engine.Traits
}

// Attach connects to an endpoint and finds out how its responses show acceptance.
// The error is a [*page.Error].
func Attach(ctx context.Context, url string, keys AttachKeys, o AttachOptions) (*AttachLab, error) {
	if keys.Primary.IsZero() {
		return nil, page.Usage(keysHint, "the signing key of the endpoint is missing")
	}
	found, err := locate(ctx, url, o)
	if err != nil {
		return nil, err
	}
	if o.Before != nil {
		if err := o.Before(); err != nil {
			return nil, err
		}
	}
	if err := found.reach(ctx); err != nil {
		return nil, err
	}
	l := &AttachLab{place: found, options: o, keys: drawKeys(o.Seed)}
	l.keys.Primary = keys.Primary
	if !keys.Fallback.IsZero() { // otherwise the fallback key stays one that the endpoint does not know
		l.keys.Fallback, l.setup.Fallback = keys.Fallback, suite.Present
	}
	return l, l.detect(ctx)
}

// Keys are the endpoint's own, an unknown one and, where it has no fallback, a
// second unknown one.
func (l *AttachLab) Keys() suite.Keyring { return l.keys }

// Traits are what was found out about the endpoint so far.
func (l *AttachLab) Traits() *engine.Traits { return &l.traits }

// Visibility says how acceptance is observed.
func (l *AttachLab) Visibility() suite.Visibility { return l.sight }

// Traffic is what was sent so far.
func (l *AttachLab) Traffic() Traffic { return l.place.traffic.sum() }

// ProbeRefused says why a valid trust probe was not accepted, where a signed GET was;
// nil where it was.
func (l *AttachLab) ProbeRefused() *engine.Diagnosis { return l.refused }

// Accepts reports whether the endpoint was seen to accept a valid request, before any
// case was judged.
func (l *AttachLab) Accepts() bool { return l.accepts }

// Close does nothing: the endpoint is not ours.
func (l *AttachLab) Close() {}

// Lacks says why a case does not apply to an endpoint that is already running.
func (l *AttachLab) Lacks(c suite.Case) string {
	base := suite.Setup{}
	switch {
	case c.Given != base && c.Given != l.setup:
		return "it needs another set-up: " + c.Given.String()
	case c.Given != l.setup && c.SignsWith() == suite.Fallback:
		return "it needs an endpoint without a fallback key"
	case c.State.Cold, c.State.Idle > 0:
		return "it needs a process that nobody else sends requests to"
	case c.State.Beside != suite.Nobody:
		return "it sends many requests at the same time, which may be too much for an endpoint in use"
	case c.Destructive:
		return "it may end the endpoint, which the runner cannot restart"
	case c.Sends(http.MethodPut) && !l.options.AllowSync:
		return "it sends a PUT, which requires --allow-sync"
	case slices.Contains(c.Needs, suite.TrustProbe) && !slices.Contains(l.claims, suite.TrustProbe):
		return "the endpoint does not support trust probes"
	}
	if unseen := c.Unseen(l.sight); unseen != "" {
		return unseen
	}
	return suite.Unclaimed(c, l.claims)
}
