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

// AttachOptions are how far the runner may go with an endpoint that it did not
// start itself.
type AttachOptions struct {
	AllowSync   bool   // send PUT: it may make the endpoint sync with Inngest
	AllowRemote bool   // send to other machines
	Seed        uint64 // the stranger's key and nonces are drawn from it
}

// AttachLab judges an endpoint that already runs, by its answers alone.
type AttachLab struct {
	place   place
	options AttachOptions
	keys    suite.Keyring
	setup   suite.Setup // the one that the endpoint is in
	sight   suite.Visibility
	claims  []suite.Capability
}

// Attach finds the endpoint and the way in which its acceptance shows. Only a
// function that exists nowhere is ever named to it. The error is a [*page.Error].
func Attach(ctx context.Context, url string, keys AttachKeys, o AttachOptions) (*AttachLab, error) {
	if keys.Primary.IsZero() {
		return nil, page.Usage(keysHint, "attaching to an endpoint needs its signing key")
	}
	found, err := locate(ctx, url, o.AllowRemote)
	if err != nil {
		return nil, err
	}
	l := &AttachLab{place: found, options: o, keys: drawKeys(o.Seed)}
	l.keys.Primary = keys.Primary
	if !keys.Fallback.IsZero() { // otherwise the deployId stays a drawn key, which the endpoint does not know
		l.keys.Fallback, l.setup.Fallback = keys.Fallback, suite.Present
	}
	return l, l.look(ctx)
}

// look sends authentic requests and sees which of them shows that it was
// accepted. Whether the endpoint refuses anything is for the judge to see.
func (l *AttachLab) look(ctx context.Context) error {
	probed, err := l.ask(ctx, suite.Probe{}, suite.ByProbe)
	if err != nil {
		return err
	}
	told, err := l.ask(ctx, suite.Introspect{}, suite.ByIntrospection)
	if err != nil {
		return err
	}
	l.sight = suite.ByProbe // also where nothing was accepted: then the run will be void
	shown := probed
	switch {
	case probed.Status == http.StatusOK:
		l.claims = append(l.claims, suite.TrustProbe)
	case authenticated(told):
		l.sight, shown = suite.ByIntrospection, told
	}
	if shown.Header.Get(reference.HeaderSignature) != "" {
		l.claims = append(l.claims, suite.ResponseSignature)
	}
	if !l.options.AllowSync {
		return nil
	}
	synced, err := l.ask(ctx, suite.InBandSync{}, l.sight)
	if err == nil && synced.Header.Get(reference.HeaderSyncKind) == "in_band" {
		l.claims = append(l.claims, suite.InBand)
	}
	return err
}

func authenticated(told suite.Response) bool {
	var inspection struct {
		Succeeded bool `json:"authentication_succeeded"`
	}
	return told.Status == http.StatusOK && json.Unmarshal(told.Body, &inspection) == nil && inspection.Succeeded
}

// ask makes one authentic request. A target that answers nothing is told apart
// from one that refuses: only the latter can be judged.
func (l *AttachLab) ask(ctx context.Context, s suite.Stimulus, sight suite.Visibility) (suite.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	made := suite.Make(s, suite.Scene{
		Keys: l.keys, Now: time.Now(), Nonce: rand.Text(),
		Path: l.place.path, Host: l.place.host, Visibility: sight,
	})
	answer, err := l.place.client.Do(ctx, made.Request)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		return answer, err
	case err != nil:
		return answer, page.Usage("look at the endpoint's own log", "%s answers a GET but not a signed %s: %s",
			&l.place, made.Request.Method, engine.Redact(l.keys, err.Error()))
	}
	return answer, nil
}

// Keys are the endpoint's own, a stranger's and, where it has no fallback, one
// that it does not know.
func (l *AttachLab) Keys() suite.Keyring { return l.keys }

// Visibility says how acceptance shows.
func (l *AttachLab) Visibility() suite.Visibility { return l.sight }

// Close has nothing to end.
func (l *AttachLab) Close() {}

// Lacks says what a case needs that an endpoint attached to does not give.
func (l *AttachLab) Lacks(c suite.Case) string {
	base := suite.Setup{}
	switch {
	case c.Given != base && c.Given != l.setup:
		return "it needs an endpoint in another set-up: " + c.Given.String()
	case c.Given != l.setup && c.SignsWith() == suite.Fallback:
		return "it needs an endpoint without a fallback key"
	case c.Destructive:
		return "it may end the endpoint, which is not the runner's to start again"
	case c.Sends(http.MethodPut) && !l.options.AllowSync:
		return "it sends a PUT, which --allow-sync allows"
	case slices.Contains(c.Needs, suite.TrustProbe) && l.sight != suite.ByProbe:
		return "the endpoint does not answer trust probes"
	}
	if unseen := c.Unseen(l.sight); unseen != "" {
		return unseen
	}
	return suite.Unclaimed(c, l.claims)
}
