package inprocess

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// ReferenceEndpoint is the reference as a target has to be: an endpoint with the
// app that every target serves. ran is told the nonce of every call that runs,
// before the call is answered.
func ReferenceEndpoint(getenv func(string) string, ran func(ctx context.Context, nonce string)) *reference.Endpoint {
	a := &app{ran: ran}
	a.endpoint = reference.NewEndpoint(suite.AppID, map[string]reference.Function{
		"echo": a.echo, "step": a.step, "send": a.send,
	}, fromCode(getenv))
	return a.endpoint
}

// fromCode lets configuration that is passed in code win over the environment's.
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

type app struct {
	endpoint *reference.Endpoint
	ran      func(ctx context.Context, nonce string)
}

// echo returns the nonce of its event.
func (a *app) echo(ctx context.Context, call reference.Call) (any, error) {
	var data struct {
		Nonce string `json:"nonce"`
	}
	if err := json.Unmarshal(call.Event.Data, &data); err != nil || data.Nonce == "" {
		a.ran(ctx, suite.NoNonce)
	}
	if err := json.Unmarshal(call.Event.Data, &data); err != nil {
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
	target := c.APIOrigin(c) + "/v1/checkpoint/" + url.PathEscape(call.Ctx.RunID) + "/async"
	// A checkpoint that fails costs nothing: the answer carries the step, too.
	_, _ = c.Client(c).Call(ctx, http.MethodPost, target, header, checkpoint)
	return a.echo(ctx, call)
}

func (a *app) configured() *reference.Context {
	return a.endpoint.Context(&http.Request{Method: http.MethodPost, URL: &url.URL{}})
}
