package launch

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// AttachOptions say what may be sent to an endpoint that is already running.
type AttachOptions struct {
	AllowSync   bool   // send PUT, which may make the endpoint sync with Inngest
	AllowRemote bool   // send to other machines
	Seed        uint64 // the unknown key and nonces are drawn from it
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
}

// Attach connects to an endpoint and finds out how its responses show acceptance.
// No request names a function that exists. The error is a [*page.Error].
func Attach(ctx context.Context, url string, keys AttachKeys, o AttachOptions) (*AttachLab, error) {
	if keys.Primary.IsZero() {
		return nil, page.Usage(keysHint, "the signing key of the endpoint is missing")
	}
	found, err := locate(ctx, url, o.AllowRemote)
	if err != nil {
		return nil, err
	}
	l := &AttachLab{place: found, options: o, keys: drawKeys(o.Seed)}
	l.keys.Primary = keys.Primary
	if !keys.Fallback.IsZero() { // otherwise the fallback key stays one that the endpoint does not know
		l.keys.Fallback, l.setup.Fallback = keys.Fallback, suite.Present
	}
	return l, l.detect(ctx)
}

// detect sends valid requests to find out which of them shows acceptance, and
// which capabilities the endpoint has. Whether it refuses anything is not tested.
func (l *AttachLab) detect(ctx context.Context) error {
	probed, err := l.send(ctx, suite.Probe{}, suite.ByProbe)
	if err != nil {
		return err
	}
	introspected, err := l.send(ctx, suite.Introspect{}, suite.ByIntrospection)
	if err != nil {
		return err
	}
	l.sight = suite.ByProbe // also where nothing was accepted: then the run is void
	shown := probed
	switch {
	case probed.Status == http.StatusOK:
		l.claims = append(l.claims, suite.TrustProbe)
	case authenticated(introspected):
		l.sight, shown = suite.ByIntrospection, introspected
	}
	if shown.Header.Get(reference.HeaderSignature) != "" {
		l.claims = append(l.claims, suite.ResponseSignature)
	}
	if !l.options.AllowSync {
		return nil
	}
	synced, err := l.send(ctx, suite.InBandSync{}, l.sight)
	if err == nil && synced.Header.Get(reference.HeaderSyncKind) == "in_band" {
		l.claims = append(l.claims, suite.InBand)
	}
	return err
}

func authenticated(r suite.Response) bool {
	var inspection struct {
		Succeeded bool `json:"authentication_succeeded"`
	}
	return r.Status == http.StatusOK && json.Unmarshal(r.Body, &inspection) == nil && inspection.Succeeded
}

// send sends one valid request. An endpoint that does not respond can't be judged;
// one that refuses can.
func (l *AttachLab) send(ctx context.Context, s suite.Stimulus, sight suite.Visibility) (suite.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	made := suite.Make(s, suite.Scene{
		Keys: l.keys, Now: time.Now(), Nonce: rand.Text(),
		Path: l.place.path, Host: l.place.host, Visibility: sight,
	})
	response, err := l.place.client.Do(ctx, made.Request)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		return response, err
	case err != nil:
		return response, page.Usage("look at the endpoint's log", "%s responds to a GET but not to a signed %s: %s",
			&l.place, made.Request.Method, engine.Redact(l.keys, err.Error()))
	}
	return response, nil
}

// Keys are the endpoint's own, an unknown one and, where it has no fallback, a
// second unknown one.
func (l *AttachLab) Keys() suite.Keyring { return l.keys }

// Visibility says how acceptance is observed.
func (l *AttachLab) Visibility() suite.Visibility { return l.sight }

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
	case c.Destructive:
		return "it may end the endpoint, which the runner cannot restart"
	case c.Sends(http.MethodPut) && !l.options.AllowSync:
		return "it sends a PUT, which requires --allow-sync"
	case slices.Contains(c.Needs, suite.TrustProbe) && l.sight != suite.ByProbe:
		return "the endpoint does not support trust probes"
	}
	if unseen := c.Unseen(l.sight); unseen != "" {
		return unseen
	}
	return suite.Unclaimed(c, l.claims)
}
