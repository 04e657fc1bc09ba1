package engine

import (
	"context"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// Captured is one reuse of a recorded signature while it is fresh. The MAC does not
// cover the method, path, query or direction, and the protocol has no nonces, so
// most of these work with every SDK.
type Captured struct {
	What     string `json:"what"`
	Works    bool   `json:"works"` // it works, and does not without the signature
	Observed string `json:"observed"`
	Forged   string `json:"forged,omitempty"` // the result with a wrong MAC; empty if the request ran, or had the same result as a forged call
}

// capture holds one recorded exchange of each kind.
type capture struct {
	keys     suite.Keyring
	t        string
	nonce    string
	call     suite.Request
	response suite.Response // to the call
	forged   string         // the result of the call with a wrong MAC
	url      string         // of the endpoint, for a sync
}

// reuse is one reuse of the captured exchanges.
type reuse struct {
	what  string
	needs []suite.Capability
	make  func(capture) rawRequest
}

// reuses are all reuses. The signatures are ones that Inngest or the target makes,
// except in the last three, which show that the MAC covers body and time without a
// separator; their body is a number.
var reuses = []reuse{
	{what: "the same call again", make: func(l capture) rawRequest { return l.again(suite.KindCall, "") }},
	{what: "another step and query", make: func(l capture) rawRequest {
		return l.again(suite.KindCall, "?fnId="+suite.EchoID+"&stepId=other&more=1")
	}},
	{what: "another path", make: func(l capture) rawRequest { return l.again(suite.KindCall, "/more?fnId="+suite.EchoID+"&stepId=step") }},
	{what: "another function", needs: []suite.Capability{suite.Events}, make: func(l capture) rawRequest { return l.again(suite.KindCall, "?fnId="+suite.AppID+"-send&stepId=step") }},
	{what: "an unknown function", make: func(l capture) rawRequest { return l.again(suite.KindCall, "?fnId="+suite.NobodyID+"&stepId=step") }},
	{what: "a trust probe", needs: []suite.Capability{suite.TrustProbe}, make: func(l capture) rawRequest {
		return rawCall(suite.KindProbe, l.call.Body, l.signature())
	}},
	{what: "its body as a JSON string: trust probe", needs: []suite.Capability{suite.TrustProbe}, make: func(l capture) rawRequest {
		return rawCall(suite.KindProbe, []byte(jsonOf(string(l.call.Body))), l.signature())
	}},
	{what: "another method: GET", make: func(l capture) rawRequest { return l.by(http.MethodGet, suite.KindIntrospect) }},
	{what: "another method: PATCH", make: func(l capture) rawRequest { return l.by(http.MethodPatch, suite.KindOtherMethod) }},
	{what: "an out-of-band sync", make: func(l capture) rawRequest { return l.by(http.MethodPut, suite.KindSync) }},
	{what: "an in-band sync", needs: []suite.Capability{suite.InBand}, make: func(l capture) rawRequest { return l.by(http.MethodPut, suite.KindInBandSync) }},
	{what: "an in-band sync's signature: trust probe", needs: []suite.Capability{suite.InBand, suite.TrustProbe}, make: func(l capture) rawRequest {
		body := suite.CanonicalOf([]byte(jsonOf(map[string]any{"url": l.url})))
		return rawCall(suite.KindProbe, body, signed(l.keys.Primary, body, l.t))
	}},
	{what: "a GET's signature: trust probe, no body", needs: []suite.Capability{suite.TrustProbe}, make: func(l capture) rawRequest {
		return rawCall(suite.KindProbe, nil, signed(l.keys.Primary, nil, l.t))
	}},
	{what: "a GET's signature: in-band sync, no body", needs: []suite.Capability{suite.InBand}, make: func(l capture) rawRequest {
		return rawRequest{suite.KindInBandSync, http.MethodPut, "", nil, signed(l.keys.Primary, nil, l.t)}
	}},
	{what: "a response's signature: trust probe", needs: []suite.Capability{suite.ResponseSignature, suite.TrustProbe}, make: func(l capture) rawRequest {
		return rawCall(suite.KindProbe, l.response.Body, l.response.Header.Get(reference.HeaderSignature))
	}},
	shift("a digit moved from body to t: leading zero", "10", "1", func(t string) string { return "0" + t }),
	shift("a digit moved from body to t: far in the future", "11", "1", func(t string) string { return "1" + t }),
	shift("a digit moved from t to body: long ago", "1", "11", func(t string) string { return t[1:] }),
}

// shift moves a digit between body and time. The signed message stays the same.
func shift(what, body, moved string, t func(string) string) reuse {
	return reuse{what: what, needs: []suite.Capability{suite.TrustProbe}, make: func(l capture) rawRequest {
		_, mac, _ := strings.Cut(signed(l.keys.Primary, []byte(body), l.t), "&s=")
		return rawCall(suite.KindProbe, []byte(moved), "t="+t(l.t)+"&s="+mac)
	}}
}

// signature is the signature of the captured call.
func (l capture) signature() string {
	for _, field := range l.call.Header {
		if field.Name == reference.HeaderSignature {
			return field.Value
		}
	}
	return ""
}

// again is the captured call; query replaces what follows the path.
func (l capture) again(kind suite.Kind, query string) rawRequest {
	again := rawCall(kind, l.call.Body, l.signature())
	if query != "" {
		again.query = query
	}
	return again
}

func (l capture) by(method string, kind suite.Kind) rawRequest {
	return rawRequest{kind, method, "", l.call.Body, l.signature()}
}

// captures records one call and tries every reuse of its signature, and of others
// made at the same time.
func captures(ctx context.Context, g, second *measurer) []Captured {
	scene, up := g.scene(ctx)
	if !up {
		return nil
	}
	l := capture{keys: scene.Keys, t: scene.Timestamp(), nonce: scene.Nonce, call: suite.Make(suite.Call{}, scene).Request, url: "http://" + scene.Host + scene.Path}
	l.response = g.deliver(ctx, scene, l.call, suite.KindCall).Received()
	forged := l.again(suite.KindCall, "")
	forged.signature = suite.Flip(forged.signature)
	l.forged = g.short(g.deliver(ctx, scene, forged.request(scene), suite.KindCall))
	var found []Captured
	for _, t := range reuses {
		found = append(found, t.try(ctx, g, l))
	}
	other := reuse{what: "another process with the same key", make: reuses[0].make}
	return append(found, other.try(ctx, second, l))
}

// try sends the reuse to a target. Unless it ran, it is compared with the same
// request with a wrong MAC.
func (t reuse) try(ctx context.Context, g *measurer, captured capture) Captured {
	found, l := Captured{What: t.what}, t.make(captured)
	scene, up := g.scene(ctx)
	scene.Nonce = captured.nonce
	switch {
	case !g.claims(t.needs...):
		found.Observed = "not tried: the target does not claim " + words(t.needs)
		return found
	case l.signature == "":
		found.Observed = "not tried: no signature was captured"
		return found
	case !up:
		found.Observed = "not tried: " + g.gone
		return found
	}
	o := g.deliver(ctx, scene, l.request(scene), l.kind)
	found.Observed, found.Works = g.short(o), worked(o)
	if o.Runs == 0 && o.Died == "" && found.Observed != captured.forged {
		l.signature = suite.Flip(l.signature)
		forged := g.deliver(ctx, scene, l.request(scene), l.kind)
		found.Forged, found.Works = g.short(forged), found.Works && !worked(forged)
	}
	return found
}

func words(needs []suite.Capability) string {
	var names []string
	for _, need := range needs {
		names = append(names, string(need))
	}
	return strings.Join(names, " and ")
}
