package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// evidence is how the target responded to valid requests.
type evidence struct {
	gathered          bool
	get, call, synced *engine.Exchange
	registration      *registration // nil if none was observed
	ownRuns           int           // runs with the call's nonce that the beacon received
}

// registration is what a target registers in a sync.
type registration struct {
	App       string
	Functions []string // their ids
	InBand    bool
}

// gather sends a valid GET, the syncs that there are until one shows the functions,
// and a valid call.
func (e *examination) gather(ctx context.Context) {
	if e.seen.gathered {
		return
	}
	e.seen.gathered = true
	e.seen.get = e.send(ctx, suite.Introspect{})
	for _, sync := range []suite.Stimulus{suite.Sync{}, suite.Sync{Unsigned: true}, suite.InBandSync{}} {
		x := e.send(ctx, sync)
		if e.seen.synced == nil {
			e.seen.synced = x
		}
		if e.seen.registration = registrationIn(x); e.seen.registration != nil {
			e.seen.synced = x
			break
		}
	}
	e.seen.call = e.send(ctx, suite.Call{})
	e.session.Settle(ctx)
	e.seen.ownRuns = e.process.Runs(e.seen.call.Nonce)
}

func (e *examination) send(ctx context.Context, s suite.Stimulus) *engine.Exchange {
	scene := e.session.Scene(suite.NewNonce(e.random))
	return e.session.Send(ctx, engine.Message{Made: suite.Make(s, scene), Kind: s.Kind(), Nonce: scene.Nonce, Signer: suite.SignedBy(s)})
}

// registrationIn finds what a sync has shown: what the stand-in API received, or an
// in-band response.
func registrationIn(x *engine.Exchange) *registration {
	for _, request := range x.APIRequests {
		if request.Registers() {
			return parseRegistration([]byte(request.Body), false)
		}
	}
	if _, inBand := x.Object()["functions"]; inBand {
		return parseRegistration(x.Response.Body, true)
	}
	return nil
}

func parseRegistration(body []byte, inBand bool) *registration {
	var sent struct { // names are matched in any case
		AppName   string
		App       string `json:"app_id"`
		Functions []struct{ ID string }
	}
	if json.Unmarshal(body, &sent) != nil {
		return nil
	}
	r := &registration{App: sent.AppName, InBand: inBand}
	if inBand {
		r.App = sent.App
	}
	for _, f := range sent.Functions {
		r.Functions = append(r.Functions, f.ID)
	}
	return r
}

func (e *examination) mode(ctx context.Context) Step {
	e.gather(ctx)
	switch mode, reported := e.seen.get.Object()["mode"].(string); {
	case !reported:
		return Step{State: Unknown, Observed: "its response to a signed GET names no mode: " + e.seen.get.Summary()}
	case mode == "dev":
		return Step{State: Failed, Observed: "it is in development mode, in which nothing is verified",
			Remedy: "name the variables that select cloud mode under `cloud` in target.yaml, and set no mode in code"}
	default:
		return Step{State: OK, Observed: mode}
	}
}

func (e *examination) appID(context.Context) Step {
	switch r := e.seen.registration; {
	case r == nil:
		return Step{State: Unknown, Observed: "no sync shows it"}
	case r.App == "":
		return Step{State: Unknown, Observed: "its registration names no app"}
	case r.App != suite.AppID:
		return Step{State: Failed, Observed: fmt.Sprintf("it registers the app %q", r.App),
			Remedy: fmt.Sprintf("the app id must be %s: what is called is the function %s", suite.AppID, suite.EchoID)}
	}
	return Step{State: OK, Observed: suite.AppID}
}

// echoID is the id of the function without the app's.
var echoID = strings.TrimPrefix(suite.EchoID, suite.AppID+"-")

func (e *examination) function(context.Context) Step {
	r, call := e.seen.registration, e.seen.call
	switch {
	case r != nil && !slices.Contains(r.Functions, suite.EchoID) && !slices.Contains(r.Functions, echoID):
		return Step{State: Failed, Observed: fmt.Sprintf("it registers %s, and no function %s", quoted(r.Functions), suite.EchoID),
			Remedy: fmt.Sprintf("add a function with the id %s for the event %s", echoID, suite.EchoEvent)}
	case call.Echoed():
		return Step{State: OK, Observed: suite.EchoID + " was called, and returned the nonce"}
	case call.Runs > 0:
		return e.failed(fmt.Sprintf("it ran, but its response does not hold the nonce of the event: %s; body: %.160s", call.Summary(), call.Response.Body),
			`return {"nonce": event.data.nonce}, without waiting for anything else`)
	}
	d := engine.Diagnose(call.Observation, e.seen.get.Observation)
	return e.failed(fmt.Sprintf("a valid call of %s: %s. Likely cause: %s", suite.EchoID, d.Observed, d.Cause), d.Remedy)
}

// failed is a failed step with the target's last output.
func (e *examination) failed(observed, remedy string) Step {
	return Step{State: Failed, Observed: observed, Remedy: remedy, Output: e.process.Output()}
}

func quoted(names []string) string {
	if len(names) == 0 {
		return "no function"
	}
	return strings.Join(names, ", ")
}

func (e *examination) beacon(context.Context) Step {
	call := e.seen.call
	switch {
	case e.seen.ownRuns == 1:
		return Step{State: OK, Observed: "it was called once, with the nonce"}
	case e.seen.ownRuns > 1:
		return e.failed(fmt.Sprintf("it was called %d times for one run", e.seen.ownRuns), "call it once, outside of steps, which may run again")
	case call.Runs > 0:
		return e.failed("it was called without the nonce", "the last part of its path is data.nonce of the event, percent-encoded")
	}
	return e.failed("the function ran, but the beacon was never called",
		"before it returns, the function has to POST to $"+suite.EnvBeacon+"/<percent-encoded nonce>; the variable is in the environment of the process that was started")
}

func (e *examination) sync(context.Context) Step {
	switch r := e.seen.registration; {
	case r == nil:
		return e.failed("no PUT made it register its functions: "+e.seen.synced.Summary(),
			"let the SDK send to INNGEST_API_BASE_URL; if it has another name for it, map that under `env` in target.yaml")
	case r.InBand:
		return Step{State: OK, Observed: "it responds to a sync in-band, with " + quoted(r.Functions)}
	default:
		return Step{State: OK, Observed: "it registers " + quoted(r.Functions)}
	}
}
