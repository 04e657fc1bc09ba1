package reference_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/countersign-dev/countersign/reference"
)

// fixture is an endpoint in memory, its environment, and a stand-in API.
type fixture struct {
	*reference.Endpoint
	env  map[string]string
	api  *api
	runs []reference.Call // what the function was called with
}

const output = "what-the-function-returned"

func newFixture(env map[string]string) *fixture {
	f := &fixture{env: env, api: &api{respond: always(200, `{"ok":true,"modified":true}`)}}
	echo := func(_ context.Context, call reference.Call) (any, error) {
		f.runs = append(f.runs, call)
		return map[string]string{"result": output}, nil
	}
	f.Endpoint = reference.NewEndpoint("app", map[string]reference.Function{"echo": echo}, environment(env))
	f.Now = func() time.Time { return now }
	f.Do = f.api.RoundTrip
	return f
}

// request is a request without its signature, which is made when it is sent.
type request struct {
	method, target, body string
	header               map[string]string
}

var (
	call       = request{method: post, target: "/api/inngest?fnId=app-echo&stepId=step", body: body}
	probe      = request{method: post, target: "/api/inngest?probe=trust", body: "{}"}
	inspection = request{method: get, target: "/api/inngest"}
	syncOut    = request{method: put, target: "/api/inngest?deployId=d1", body: "{}"}
	syncIn     = request{method: put, target: "/api/inngest", body: `{"url":"https://app.test/api/inngest"}`,
		header: map[string]string{reference.HeaderSyncKind: "in_band"}}
)

// signature makes the signature header of a request.
type signature func(request) string

func unsigned(request) string { return "" }

func signedBy(k reference.Key) signature {
	return func(r request) string { return signed(k, r.body, now) }
}

func signedByEmptyKey(r request) string { return emptyKeySigned(r.body, now) }

func expired(r request) string {
	return signed(keyA, r.body, now.Add(-reference.MaxAge-time.Second))
}

func (f *fixture) send(r request, sign signature) *httptest.ResponseRecorder {
	sent := httptest.NewRequest(r.method, r.target, strings.NewReader(r.body))
	for name, value := range r.header {
		sent.Header.Set(name, value)
	}
	if s := sign(r); s != "" {
		sent.Header.Set(reference.HeaderSignature, s)
	}
	response := httptest.NewRecorder()
	f.ServeHTTP(response, sent)
	return response
}

// inEnv returns a new environment of an endpoint.
func inEnv(mode string, primary, fallback reference.Key) map[string]string {
	return map[string]string{
		reference.EnvDev:         mode,
		reference.EnvSigningKey:  primary.Text(),
		reference.EnvFallback:    fallback.Text(),
		reference.EnvEnvironment: "canary-environment",
		reference.EnvEventKey:    "canary-event-key",
		reference.EnvAPIBaseURL:  "http://api.test",
		"PASSWORD":               "canary-password",
	}
}

func cloud() map[string]string         { return inEnv("0", keyA, keyB) }
func cloudKeyless() map[string]string  { return inEnv("0", noKey, noKey) }
func cloudFallback() map[string]string { return inEnv("0", noKey, keyB) }
func dev() map[string]string           { return inEnv("1", keyA, keyB) }
func devKeyless() map[string]string    { return inEnv("1", noKey, noKey) }

// outcome checks the response to a request and its effects.
type outcome func(f *fixture, response *httptest.ResponseRecorder)

func runs(f *fixture, response *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(response).To(HaveHTTPStatus(200))
	Expect(response.Body.String()).To(MatchJSON(`{"result":"` + output + `"}`))
	Expect(f.runs).To(HaveLen(1))
}

func probed(f *fixture, response *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(response).To(HaveHTTPStatus(200))
	Expect(f.runs).To(BeEmpty())
}

func refused(f *fixture, response *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(response).To(HaveHTTPStatus(500))
	Expect(response).To(HaveHTTPHeaderWithValue(reference.HeaderSDK, reference.SDK))
	Expect(response.Header()).NotTo(HaveKey(reference.HeaderSignature))
	Expect(f.runs).To(BeEmpty(), "the function ran")
	Expect(f.api.requests).To(BeEmpty(), "the API received a request")
	leaksNothing(f, response)
}

// leaksNothing checks that headers and body contain no key, nothing of the
// environment and no function output.
func leaksNothing(f *fixture, response *httptest.ResponseRecorder) {
	GinkgoHelper()
	content := fmt.Sprintf("%v %s", response.Header(), response.Body)
	secrets := append(secretsOf(keyA, keyB), "canary", "api.test", output)
	for _, value := range f.env {
		if len(value) > 1 {
			secrets = append(secrets, value)
		}
	}
	for _, secret := range secrets {
		Expect(content).NotTo(ContainSubstring(secret))
	}
}

func inspected(succeeded string, more types.GomegaMatcher) outcome {
	return func(f *fixture, response *httptest.ResponseRecorder) {
		GinkgoHelper()
		Expect(response).To(HaveHTTPStatus(200))
		Expect(response.Body.String()).To(ContainSubstring(`"authentication_succeeded":` + succeeded))
		Expect(response.Body.String()).To(more)
		Expect(f.runs).To(BeEmpty())
	}
}

var (
	unprivileged = inspected("null", Not(ContainSubstring("canary")))
	rejected     = inspected("false", Not(ContainSubstring("canary")))
	privileged   = inspected("true", ContainSubstring(`"env":"canary-environment"`))
)

func registered(f *fixture, response *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(response).To(HaveHTTPStatus(200))
	Expect(response.Body.String()).To(MatchJSON(`{"message":"Successfully synced.","modified":true}`))
	Expect(f.api.requests).To(HaveLen(1))
	Expect(f.api.requests[0].URL.String()).To(Equal("http://api.test/fn/register?deployId=d1"))
	leaksNothing(f, response)
}

func listed(f *fixture, response *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(response).To(HaveHTTPStatus(200))
	Expect(response).To(HaveHTTPHeaderWithValue(reference.HeaderSyncKind, "in_band"))
	Expect(response.Body.String()).To(ContainSubstring(`"id":"app-echo"`))
	Expect(f.api.requests).To(BeEmpty())
}
