package engine_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Where there is no beacon, what helps is another thing.
func TestDiagnosesOfAttachedEndpoints(t *testing.T) {
	sdk := http.Header{reference.HeaderSDK: {"js:v4.24.0"}}
	for name, test := range map[string]struct {
		kind   suite.Kind
		status int
		header http.Header
		body   string
		get    string
		cause  string
		remedy string
	}{
		"no probes":                      {suite.KindProbe, 410, sdk, "function not found", `{"authentication_succeeded":true}`, "the SDK has no trust probes", "--function"},
		"no probes, nor anything else":   {suite.KindProbe, 410, sdk, "function not found", "", "shows nothing else", "--function"},
		"an id that nobody knows":        {suite.KindCall, 410, sdk, "function not found", "", "unknown function id", "APP-FUNCTION"},
		"a function that fails":          {suite.KindCall, 400, sdk, "name: expected a string", "", "the function fails", "any event"},
		"a page that is always the same": {suite.KindProbe, 200, nil, "<html>", "", "a success whatever is sent", "URL"},
	} {
		call := suite.Observation{Kind: test.kind, Response: suite.Response{Status: test.status, Header: test.header, Body: []byte(test.body)}}
		get := suite.Observation{Kind: suite.KindIntrospect, Response: suite.Response{Status: 200, Body: []byte(test.get)}}
		if d := engine.Diagnose(call, get); !strings.Contains(d.Cause, test.cause) || !strings.Contains(d.Remedy, test.remedy) {
			t.Errorf("%s: %q, %q; want %q, %q", name, d.Cause, d.Remedy, test.cause, test.remedy)
		}
	}
}

func TestDiagnoses(t *testing.T) {
	const nonce = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	sdk := http.Header{reference.HeaderSDK: {"js:v4.24.0"}}
	type response struct {
		status int
		body   string
		header http.Header
	}
	for name, test := range map[string]struct {
		response
		get   string
		cause string
	}{
		"a beacon that is not called":    {response{200, `{"nonce":"` + nonce + `"}`, sdk}, "", "the beacon was never called"},
		"an id that nobody knows":        {response{500, `{"name":"Error","message":"Could not find function with ID \"countersign-echo\""}`, sdk}, "", "unknown function id"},
		"the same in other words":        {response{410, `{"message":"function not found: countersign-echo"}`, sdk}, "", "unknown function id"},
		"the same as a code":             {response{404, `{"code":"function_not_found"}`, nil}, "", "unknown function id"},
		"a parser that is missing":       {response{500, `{"message":"Missing body when executing, possibly due to missing request body middleware"}`, sdk}, "", "body not parsed"},
		"a body that is empty":           {response{500, `{"error":"unexpected end of JSON input"}`, sdk}, "", "body not parsed"},
		"a body that was written anew":   {response{401, `{"message":"Signature validation failed"}`, sdk}, `{"authentication_succeeded":true}`, "the body is lost or changed before it is verified"},
		"another key":                    {response{401, `{"message":"Invalid signature"}`, sdk}, `{"authentication_succeeded":false}`, "wrong key"},
		"another key, in few words":      {response{403, "", sdk}, "", "wrong key"},
		"no key":                         {response{500, `{"code":"signing_key_unspecified","message":"signing key is required"}`, sdk}, "", "holds no signing key"},
		"no key, as it says itself":      {response{401, `Signature validation failed`, sdk}, `{"has_signing_key":false}`, "holds no signing key"},
		"another clock":                  {response{401, `Signature has expired`, sdk}, "", "the clocks differ"},
		"a member that is missing":       {response{400, "error parsing run request: missing field `env` at line 1 column 12", nil}, "", "missing member of ctx"},
		"a key that is missing":          {response{500, `{"code":"unknown","message":"KeyError: 'step_id'"}`, sdk}, "", "missing member of ctx"},
		"another mode":                   {response{400, `{"code":"server_kind_mismatch","message":"sent from a cloud server, but the mode is dev"}`, sdk}, "", "dev mode"},
		"another mode, as it says":       {response{500, `boom`, sdk}, `{"mode":"dev"}`, "dev mode"},
		"a path that nobody serves":      {response{404, "404 page not found\n", nil}, "", "wrong path"},
		"a path that is not quite right": {response{308, "", http.Header{"Location": {"/api/inngest/"}}}, "", "wrong path: it redirects"},
		"a route without POST":           {response{405, "", nil}, "", "the route takes no POST"},
		"a function that fails":          {response{500, `{"message":"connect ECONNREFUSED"}`, sdk}, "", "the function fails"},
		"some other server":              {response{200, "<html>It works!</html>", nil}, "", "something else responds: it is a success"},
		"another server that is broken":  {response{500, "Internal Server Error", nil}, "", "something else responds: nothing in its response"},
		"an exception":                   {response{suite.HandlerThrew, "handler threw", nil}, "", "an exception left the SDK"},
		"nothing familiar":               {response{418, "inngest teapot", sdk}, "", "none that is known"},
	} {
		t.Run(name, func(t *testing.T) {
			call := suite.Observation{Kind: suite.KindCall, Nonce: nonce, Beacon: true, Response: suite.Response{Status: test.status, Header: test.header, Body: []byte(test.body)}}
			get := suite.Observation{Kind: suite.KindIntrospect, Response: suite.Response{Status: 200, Body: []byte(test.get)}}
			d := engine.Diagnose(call, get)
			if !strings.Contains(d.Cause, test.cause) || d.Remedy == "" {
				t.Errorf("the cause is %q; want %q", d.Cause, test.cause)
			}
			if !strings.Contains(d.Observed, strings.TrimSpace(test.body)) || test.status != suite.HandlerThrew && !strings.Contains(d.Observed, "status ") {
				t.Errorf("observed is %q", d.Observed)
			}
		})
	}
	silent := engine.Diagnose(suite.Observation{NoResponse: "the time limit"}, suite.Observation{})
	dead := engine.Diagnose(suite.Observation{NoResponse: "the connection ended", Died: "exited with status 1"}, suite.Observation{})
	if !strings.Contains(silent.Cause, "does not respond") || !strings.Contains(dead.Cause, "exited") || !strings.Contains(dead.Observed, "status 1") {
		t.Errorf("got %+v, %+v", silent, dead)
	}
	long := suite.Observation{Beacon: true, Response: suite.Response{Status: 500, Body: []byte(strings.Repeat("é ", 500))}}
	if got := engine.Diagnose(long, suite.Observation{}).Observed; len(got) > 300 || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes are shown: %s", len(got), got)
	}
}

// A void judgement says why.
func TestVoidHasADiagnosis(t *testing.T) {
	silent := func(_ context.Context, call reference.Call) (any, error) { return call.Event.Data, nil }
	for name, test := range map[string]struct {
		change func(*reference.Endpoint)
		cause  string
	}{
		"no beacon":     {func(e *reference.Endpoint) { e.Functions = map[string]reference.Function{"echo": silent} }, "the beacon was never called"},
		"another app":   {func(e *reference.Endpoint) { e.AppID = "mine" }, "unknown function id"},
		"a body parser": {func(e *reference.Endpoint) { e.ReadBody = dropsMembers }, "the body is lost or changed before it is verified"},
		"no key":        {func(e *reference.Endpoint) { e.Getenv = func(string) string { return "" } }, "no signing key"},
	} {
		t.Run(name, func(t *testing.T) {
			cases := slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool { return !suite.Smoke.Includes(c.Tier) })
			judged, err := engine.Judge(t.Context(), broken(test.change), cases, engine.Options{Jobs: 1, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			if d := judged.Diagnosis; judged.Void == "" || d == nil || !strings.Contains(d.Cause, test.cause) {
				t.Errorf("void %q, %+v; want %q", judged.Void, d, test.cause)
			}
		})
	}
}

func dropsMembers(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if len(body) == 0 {
		return nil, err
	}
	return []byte("{}"), err
}
