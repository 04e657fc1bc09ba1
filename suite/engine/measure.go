package engine

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// Measurements are facts about a target that are told and never scored. There
// are no secrets in them.
type Measurements struct {
	NotMeasured string     `json:"notMeasured,omitempty"` // why all the rest is empty
	Requests    int        `json:"requests"`              // how many requests it took
	Windows     []Window   `json:"windows,omitempty"`
	Bodies      []Body     `json:"bodies,omitempty"`
	Malleable   Malleable  `json:"malleable,omitzero"`
	Captured    []Captured `json:"captured,omitempty"`
}

// Measure measures one target: the replay window, the bodies that its MAC may
// cover, and what a captured signature opens. It brings up two targets, with and
// without a fallback key. The error is ctx's; what cannot be measured is said in
// the measurements.
func Measure(ctx context.Context, lab Lab, tier suite.Tier, seed uint64) (Measurements, error) {
	if lab.Visibility() != suite.Full {
		return Measurements{NotMeasured: "function runs cannot be observed here"}, nil
	}
	r := &run{lab: lab, options: Options{Seed: seed}}
	main := &measurer{lease: &lease{run: r}, tier: tier}
	second := &measurer{lease: &lease{run: r, setup: suite.Setup{Fallback: suite.Present}}, tier: tier}
	defer main.end()
	defer second.end()
	var starting sync.WaitGroup
	defer starting.Wait() // before it is ended
	starting.Go(func() { second.lease.ensureTarget(ctx, &record{}) })
	if lacks := main.notMeasurable(ctx); lacks != "" {
		return Measurements{NotMeasured: lacks}, ctx.Err()
	}
	starting.Wait()
	m := Measurements{Windows: windows(ctx, main, second)}
	m.Captured = captures(ctx, main, second)
	m.Malleable = malleable(ctx, main)
	m.Bodies = bodyClasses(ctx, main)
	m.Requests = main.requests + second.requests
	return m, ctx.Err()
}

// measurer is a target while it is measured.
type measurer struct {
	lease    *lease
	tier     suite.Tier
	drawn    int // nonces
	requests int
	silent   int    // requests without an answer
	gone     string // why nothing more is sent
}

const noResponse = "no response"

// notMeasurable says why a target cannot be measured; empty where it can.
func (g *measurer) notMeasurable(ctx context.Context) string {
	scene, up := g.scene(ctx)
	if !up {
		return g.gone
	}
	if o := g.deliver(ctx, scene, suite.Make(suite.Call{}, scene).Request, suite.KindCall); !o.Accepted() {
		return "a valid call was not accepted: " + g.short(o)
	}
	return ""
}

// scene makes sure that the target is up and gives it a new nonce.
func (g *measurer) scene(ctx context.Context) (suite.Scene, bool) {
	start := &record{}
	if g.gone == "" && !g.lease.ensureTarget(ctx, start) {
		g.gone = "the target did not start"
		if start.err != nil {
			g.gone = Redact(g.lease.run.lab.Keys(), start.err.Error())
		}
	}
	if g.gone == "" && g.silent >= mostSilent {
		g.gone = "too many requests got no response"
	}
	if g.gone != "" || ctx.Err() != nil {
		return suite.Scene{}, false
	}
	g.drawn++
	return g.lease.session.Scene(g.lease.run.nonce(fmt.Sprintf("measure/%s/%d", g.lease.setup, g.drawn))), true
}

// deliver sends a request. The runs observed are those that this request caused,
// whatever else has the same nonce.
func (g *measurer) deliver(ctx context.Context, scene suite.Scene, r suite.Request, kind suite.Kind) *Exchange {
	x := g.lease.session.Send(ctx, Message{Made: suite.Made{Request: r}, Kind: kind, Nonce: scene.Nonce})
	g.requests++
	if x.NoResponse != "" && x.Died == "" {
		g.silent++
	}
	return x
}

// unsent is the exchange where the target is gone.
func (g *measurer) unsent(kind suite.Kind) *Exchange {
	return &Exchange{Observation: suite.Observation{Kind: kind, NoResponse: g.gone}}
}

// end stops the target. Nothing late is waited for: runs were counted at once.
func (g *measurer) end() {
	if g.lease.session != nil {
		g.lease.session.Stop()
	}
}

// claims reports whether the target claims all of the capabilities.
func (g *measurer) claims(needs ...suite.Capability) bool {
	return g.lease.run.lab.Lacks(suite.Case{When: suite.Call{}, Needs: needs}) == ""
}

// worked: the request had the effect that its kind asks for.
func worked(o *Exchange) bool {
	switch o.Kind {
	case suite.KindCall:
		return o.Runs > 0
	case suite.KindIntrospect:
		return o.ShowsTrust()
	}
	return o.Accepted()
}

// short says in a few words what came of a request.
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

// rawRequest is a request put together by hand: its parts need not fit each other.
type rawRequest struct {
	kind      suite.Kind // how it would show that it was taken as authentic
	method    string
	behind    string // what follows the path
	body      []byte
	signature string // the header's value
}

func (l rawRequest) request(scene suite.Scene) suite.Request {
	fields := append([]suite.Field{{Name: "Host", Value: scene.Host}}, suite.RecordedFields(l.kind, scene)...)
	if len(l.body) > 0 {
		fields = append(fields, suite.Field{Name: "Content-Type", Value: "application/json"})
	}
	fields = append(fields, suite.Field{Name: reference.HeaderSignature, Value: l.signature})
	return suite.Request{Method: l.method, Target: scene.Path + l.behind, Header: fields, Body: l.body}
}

// rawCall is a call or a trust probe with a body.
func rawCall(kind suite.Kind, body []byte, signature string) rawRequest {
	behind := "?fnId=" + suite.EchoID + "&stepId=step"
	if kind == suite.KindProbe {
		behind += "&probe=trust"
	}
	return rawRequest{kind, http.MethodPost, behind, body, signature}
}

// signed is the header's value for a message and a time as it is written.
func signed(key reference.Key, message []byte, t string) string {
	mac := key.MAC(message, t)
	return "t=" + t + "&s=" + hex.EncodeToString(mac[:])
}
