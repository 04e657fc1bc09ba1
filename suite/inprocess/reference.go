package inprocess

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/fakeapi"
)

// ReferenceClaims are the optional capabilities of the reference.
var ReferenceClaims = []suite.Capability{suite.TrustProbe, suite.ResponseSignature, suite.InBand, suite.Checkpoint, suite.Connect, suite.CodeKey, suite.CodeFallback, suite.CodeMode, suite.Events, suite.PlatformEnv}

// Reference is the reference endpoint with the functions of a target app. Every
// run of a function calls the beacon before the call is responded to.
func Reference(getenv func(string) string) *reference.Endpoint {
	return newReference(getenv, func(ctx context.Context, nonce string) {
		_ = fakeapi.CallBeacon(ctx, getenv(suite.EnvBeacon), nonce) // a function does not depend on the beacon
	})
}

// newReference is [Reference] with another way to report a run.
func newReference(getenv func(string) string, ran func(ctx context.Context, nonce string)) *reference.Endpoint {
	a := &app{ran: ran}
	a.endpoint = reference.NewEndpoint(suite.AppID, map[string]reference.Function{
		"echo": a.echo, "step": a.step, "send": a.send,
	}, fromCode(getenv))
	a.endpoint.Dial = fakeapi.DialGateway
	return a.endpoint
}

// fromCode makes configuration in code take precedence over the environment.
func fromCode(getenv func(string) string) func(string) string {
	code := map[string]string{
		reference.EnvSigningKey: suite.EnvCodeKey, reference.EnvFallback: suite.EnvCodeFallback, reference.EnvDev: suite.EnvCodeDev,
	}
	return func(name string) string {
		if inCode, known := code[name]; known {
			if value := getenv(inCode); value != "" {
				return value
			}
		}
		return getenv(name)
	}
}

// app holds the functions of a target app.
type app struct {
	endpoint *reference.Endpoint
	ran      func(ctx context.Context, nonce string)
}

// echo returns the nonce of its event.
func (a *app) echo(ctx context.Context, call reference.Call) (any, error) {
	var data struct {
		Nonce string `json:"nonce"`
	}
	err := json.Unmarshal(call.Event.Data, &data)
	if err != nil || data.Nonce == "" {
		a.ran(ctx, suite.NoNonce)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the event's data: %w", err)
	}
	if data.Nonce != "" {
		a.ran(ctx, data.Nonce)
	}
	return data, nil
}

// send sends one event.
func (a *app) send(ctx context.Context, call reference.Call) (any, error) {
	c := a.configured()
	event := reference.Event{Name: suite.AppID + "/sent", Data: call.Event.Data}
	err := c.Client(c).SendEvents(ctx, c.Mode.EventsAPI, a.endpoint.Getenv(reference.EnvEventKey), event)
	if err != nil {
		return nil, err
	}
	return a.echo(ctx, call)
}

// step makes one step and checkpoints it (SPEC 10.3.1).
func (a *app) step(ctx context.Context, call reference.Call) (any, error) {
	c := a.configured()
	checkpoint, err := json.Marshal(map[string]any{
		"run_id": call.Ctx.RunID, "steps": []any{map[string]any{"op": "StepRun", "id": "step", "data": true}},
	})
	if err != nil {
		return nil, fmt.Errorf("encoding a checkpoint: %w", err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	target := c.APIOrigin(c) + suite.CheckpointPath + "/" + url.PathEscape(call.Ctx.RunID) + "/async"
	// A failed checkpoint loses nothing: the response contains the step, too.
	_, _ = c.Client(c).Call(ctx, http.MethodPost, target, header, checkpoint)
	return a.echo(ctx, call)
}

func (a *app) configured() *reference.Context {
	return a.endpoint.Context(&http.Request{Method: http.MethodPost, URL: &url.URL{}})
}
