package engine

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// measurer is a target while it is measured.
type measurer struct {
	lease    *lease
	tier     suite.Tier
	nonces   int // that were used
	requests int
	silent   int    // requests without a response
	gone     string // why nothing more is sent
}

// callAt sends a call that is signed by our clock plus a difference.
func (g *measurer) callAt(ctx context.Context, by time.Duration) *Exchange {
	scene, up := g.scene(ctx)
	if !up {
		return nil
	}
	return g.deliver(ctx, scene, suite.Make(suite.Call{Age: -by}, scene).Request, suite.KindCall)
}

// scene starts the target if needed, and returns a scene with a new nonce.
func (g *measurer) scene(ctx context.Context) (suite.Scene, bool) {
	start := &record{}
	if g.gone == "" && !g.lease.ensureTarget(ctx, start) {
		g.gone = "the target did not start"
		if start.err != nil {
			g.gone = Redact(g.lease.run.lab.Keys(), start.err.Error())
		}
	}
	if g.gone == "" && g.silent >= limits.SilentMeasurements {
		g.gone = "too many requests got no response"
	}
	if g.gone != "" || ctx.Err() != nil {
		return suite.Scene{}, false
	}
	g.nonces++
	return g.lease.session.Scene(g.lease.nonce(fmt.Sprintf("measure/%s/%d", g.lease.setup, g.nonces))), true
}

// deliver sends a request, again if what responded may be an intermediary and
// nothing ran. Only the runs that this request caused are counted, even if others
// had the same nonce.
func (g *measurer) deliver(ctx context.Context, scene suite.Scene, r suite.Request, kind suite.Kind) *Exchange {
	session := g.lease.session
	x := session.Send(ctx, Message{Made: suite.Made{Request: r}, Kind: kind, Nonce: scene.Nonce})
	for n := 0; n < limits.MeasuredAgain && !x.hasEffect() && session.traits.mayPass(x); n++ {
		session.backOff(ctx, n, x)
		x = session.Send(ctx, Message{Made: suite.Made{Request: r}, Kind: kind, Nonce: scene.Nonce})
	}
	g.requests++
	if x.NoResponse != "" && x.Died == "" {
		g.silent++
	}
	return x
}

// unsent is the exchange of a request that was not sent because the target is gone.
func (g *measurer) unsent(kind suite.Kind) *Exchange {
	return &Exchange{Observation: suite.Observation{Kind: kind, NoResponse: g.gone}}
}

// end stops the target without waiting for late effects: runs were counted when
// the responses arrived.
func (g *measurer) end() {
	if g.lease.session != nil {
		g.lease.session.Stop()
	}
}

// claims reports whether the target claims all of the capabilities.
func (g *measurer) claims(needs ...suite.Capability) bool {
	return g.lease.run.lab.Lacks(suite.Case{When: suite.Call{}, Needs: needs}) == ""
}

// worked reports whether the request had the effect of its kind.
func worked(o *Exchange) bool {
	switch o.Kind {
	case suite.KindCall:
		return o.Runs > 0
	case suite.KindIntrospect:
		return o.ShowsTrust()
	}
	return o.Accepted()
}

// short describes the result of a request in a few words.
func (g *measurer) short(o *Exchange) string {
	switch {
	case o.Died != "":
		how := o.Died
		return "died: " + how[:max(0, strings.IndexAny(how+"\n", ",\n"))]
	case o.NoResponse != "":
		return noResponse
	case o.Runs > 0:
		return "ran"
	case o.Kind == suite.KindIntrospect && o.Succeeded() && !o.ShowsTrust():
		return fmt.Sprintf("%d, not trusted", o.Response.Status)
	case o.Response.Status == suite.HandlerThrew:
		return "an unhandled exception left the SDK"
	}
	return fmt.Sprint(o.Response.Status)
}

// rawRequest is a request whose signature need not match its other parts.
type rawRequest struct {
	kind      suite.Kind // decides how acceptance shows
	method    string
	query     string // what follows the path
	body      []byte
	signature string // the value of the header
}

func (q rawRequest) request(scene suite.Scene) suite.Request {
	fields := append([]suite.Field{{Name: "Host", Value: scene.Host}}, suite.RecordedFields(q.kind, scene)...)
	if len(q.body) > 0 {
		fields = append(fields, suite.Field{Name: "Content-Type", Value: "application/json"})
	}
	fields = append(fields, suite.Field{Name: reference.HeaderSignature, Value: q.signature})
	return suite.Request{Method: q.method, Target: scene.Path + q.query, Header: fields, Body: q.body}
}

// rawCall is a call or a trust probe with a body.
func rawCall(kind suite.Kind, body []byte, signature string) rawRequest {
	query := "?fnId=" + suite.EchoID + "&stepId=step"
	if kind == suite.KindProbe {
		query += "&probe=trust"
	}
	return rawRequest{kind, http.MethodPost, query, body, signature}
}

// signed is the value of the signature header for a message and the text of a time.
func signed(key reference.Key, message []byte, t string) string {
	mac := key.MAC(message, t)
	return "t=" + t + "&s=" + hex.EncodeToString(mac[:])
}

const noResponse = "no response"
