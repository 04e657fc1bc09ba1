package launch

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

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
	probes, introspects := probed.Status == http.StatusOK, authenticated(introspected)
	if probes {
		l.claims = append(l.claims, suite.TrustProbe)
	}
	l.sight = suite.ByProbe // also where nothing was accepted: then the run is void
	shown := probed
	switch {
	case l.options.Function != "":
		l.sight = suite.ByCall
		if shown, err = l.call(ctx, probes, introspected); err != nil {
			return err
		}
	case !probes && introspects:
		l.sight, shown = suite.ByIntrospection, introspected
		l.refused = l.diagnose(suite.KindProbe, probed, introspected)
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

// call calls the function that may run. Where the key is known to be accepted, a
// failure is the function's or the endpoint's.
func (l *AttachLab) call(ctx context.Context, probes bool, introspected suite.Response) (suite.Response, error) {
	called, err := l.send(ctx, suite.Call{}, suite.ByCall)
	keyAccepted := probes || authenticated(introspected)
	if err != nil || !keyAccepted || called.Status == http.StatusOK || called.Status == http.StatusPartialContent {
		return called, err
	}
	d := l.diagnose(suite.KindCall, called, introspected)
	return called, page.CouldNotJudge(d.Remedy, "%s accepts the key, but not a valid call of the function %s: %s; likely cause: %s",
		&l.place, l.options.Function, d.Observed, d.Cause)
}

// diagnose finds the likeliest reason why a valid request was not accepted.
func (l *AttachLab) diagnose(kind suite.Kind, got, introspected suite.Response) *engine.Diagnosis {
	d := engine.Diagnose(suite.Observation{Kind: kind, Response: got}, suite.Observation{Kind: suite.KindIntrospect, Response: introspected})
	d.Observed = engine.Redact(l.keys, d.Observed)
	return &d
}

func authenticated(r suite.Response) bool {
	var inspection struct {
		Succeeded bool `json:"authentication_succeeded"`
	}
	return r.Status == http.StatusOK && json.Unmarshal(r.Body, &inspection) == nil && inspection.Succeeded
}

// send sends a valid request until the response is the endpoint's own. An endpoint
// that does not respond can't be judged; one that refuses can.
func (l *AttachLab) send(ctx context.Context, s suite.Stimulus, sight suite.Visibility) (suite.Response, error) {
	for attempt := 1; ; attempt++ {
		response, method, err := l.sendOnce(ctx, s, sight)
		switch {
		case ctx.Err() != nil:
			return response, ctx.Err()
		case err == nil && !isPassing(response.Status):
			return response, nil
		case attempt == detectAttempts && err != nil:
			return response, page.Usage("look at the endpoint's log", "%s responds to a GET but not to a signed %s: %s",
				&l.place, method, engine.Redact(l.keys, err.Error()))
		case attempt == detectAttempts:
			return response, nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(detectPause):
		}
	}
}

func (l *AttachLab) sendOnce(ctx context.Context, s suite.Stimulus, sight suite.Visibility) (suite.Response, string, error) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	made := suite.Make(s, suite.Scene{
		Keys: l.keys, Now: time.Now(), Nonce: rand.Text(),
		Path: l.place.path, Host: l.place.host, Visibility: sight, Function: l.options.Function,
	})
	response, err := l.place.do(ctx, made.Request)
	return response, made.Request.Method, err
}

// isPassing: limiters and gateways respond so in place of the endpoint, and may not
// the next time.
func isPassing(status int) bool {
	return status == http.StatusTooManyRequests || status >= http.StatusBadGateway
}
