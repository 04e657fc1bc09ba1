package launch

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// detect sends valid requests to find out by which clock they have to be signed,
// which of them shows acceptance, and which capabilities the endpoint has. Whether
// it refuses anything is not tested.
func (l *AttachLab) detect(ctx context.Context) error {
	d := detector{lab: l, random: rand.New(rand.NewPCG(l.options.Seed, 1)), sessions: map[suite.Visibility]*engine.Session{}}
	l.traits.MeasureClock(ctx, d.at)
	probed, err := d.send(ctx, suite.Probe{}, suite.ByProbe)
	if err != nil {
		return err
	}
	if probed.NoResponse != "" {
		return page.CouldNotJudge("look at the endpoint's log", "%s accepts connections but does not respond to a signed POST: %s", &l.place, probed.NoResponse)
	}
	introspected, err := d.send(ctx, suite.Introspect{}, suite.ByIntrospection)
	if err != nil {
		return err
	}
	probes, introspects := probed.Response.Status == http.StatusOK, introspected.ShowsTrust()
	if probes {
		l.claims = append(l.claims, suite.TrustProbe)
	}
	l.accepts = probes || introspects
	sight, shown := suite.ByProbe, probed // also where nothing was accepted: then the run is void
	switch {
	case l.options.Function != "":
		sight = suite.ByCall
		if shown, err = d.call(ctx, probes, introspected); err != nil {
			return err
		}
		l.accepts = l.accepts || shown.Accepted()
	case !probes && introspects:
		sight, shown = suite.ByIntrospection, introspected
		l.refused = l.diagnose(probed, introspected)
	}
	l.sight = sight
	if shown.Response.Header.Get(reference.HeaderSignature) != "" {
		l.claims = append(l.claims, suite.ResponseSignature)
	}
	return d.detectInBand(ctx)
}

// detectInBand sends a sync, where that is allowed.
func (d detector) detectInBand(ctx context.Context) error {
	if !d.lab.options.AllowSync {
		return nil
	}
	synced, err := d.send(ctx, suite.InBandSync{}, d.lab.sight)
	if err == nil && synced.Response.Header.Get(reference.HeaderSyncKind) == "in_band" {
		d.lab.claims = append(d.lab.claims, suite.InBand)
	}
	return err
}

// detector sends valid requests before it is known how acceptance shows.
type detector struct {
	lab      *AttachLab
	random   *rand.Rand
	sessions map[suite.Visibility]*engine.Session
}

// at sends a request that is signed by our clock plus a difference: a probe, or an
// introspection where that is not accepted.
func (d detector) at(ctx context.Context, by time.Duration) *engine.Exchange {
	probed, err := d.send(ctx, suite.Probe{Age: -by}, suite.ByProbe)
	if err != nil || probed.Accepted() {
		return probed
	}
	introspected, err := d.send(ctx, suite.Introspect{Age: -by}, suite.ByIntrospection)
	if err != nil || !introspected.ShowsTrust() && introspected.GaveUp == "" && introspected.NoResponse == "" {
		return probed
	}
	return introspected
}

// send sends a valid request until the response is the endpoint's own.
func (d detector) send(ctx context.Context, s suite.Stimulus, sight suite.Visibility) (*engine.Exchange, error) {
	session := d.sessions[sight]
	if session == nil {
		var err error
		d.lab.sight = sight
		if session, err = d.lab.traits.OpenSession(ctx, d.lab, d.lab.setup); err != nil {
			return nil, err
		}
		d.sessions[sight] = session
	}
	x := session.Deliver(ctx, engine.Delivery{Make: func(int) engine.Message { return session.Message(s, suite.NewNonce(d.random)) }})
	return x, ctx.Err()
}

// call calls the function that may run. Where the key is known to be accepted, a
// failure is the function's or the endpoint's.
func (d detector) call(ctx context.Context, probes bool, introspected *engine.Exchange) (*engine.Exchange, error) {
	called, err := d.send(ctx, suite.Call{}, suite.ByCall)
	if err != nil || !probes && !introspected.ShowsTrust() || called.Accepted() {
		return called, err
	}
	why := d.lab.diagnose(called, introspected)
	failed := page.CouldNotJudge(why.Remedy, "%s accepts the key, but not a valid call of the function %s: %s", &d.lab.place, d.lab.options.Function, why.Observed)
	failed.Cause = why.Cause
	return called, failed
}

// diagnose finds the likeliest reason why a valid request was not accepted.
func (l *AttachLab) diagnose(x, introspected *engine.Exchange) *engine.Diagnosis {
	d := engine.Diagnose(x.Observation, introspected.Observation)
	return &d
}
