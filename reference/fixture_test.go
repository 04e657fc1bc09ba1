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

// house is an endpoint in memory, its environment, and a stand-in API.
type house struct {
	*reference.Endpoint
	env  map[string]string
	api  *api
	runs []reference.Call // what the function was called with
}

const output = "what-the-function-returned"

func newHouse(env map[string]string) *house {
	h := &house{env: env, api: &api{answer: always(200, `{"ok":true,"modified":true}`)}}
	echo := func(_ context.Context, call reference.Call) (any, error) {
		h.runs = append(h.runs, call)
		return map[string]string{"result": output}, nil
	}
	h.Endpoint = reference.NewEndpoint("app", map[string]reference.Function{"echo": echo}, environment(env))
	h.Now = func() time.Time { return now }
	h.Do = h.api.RoundTrip
	return h
}

// request is what is sent; its signature is made when it goes out.
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

// signature is how a request is signed.
type signature func(request) string

func unsigned(request) string { return "" }

func by(k reference.Key) signature {
	return func(r request) string { return signed(k, r.method, r.body, now) }
}

func byTheEmptyKey(r request) string { return emptyKeySigned(r.method, r.body, now) }

func late(r request) string {
	return signed(keyA, r.method, r.body, now.Add(-reference.MaxAge-time.Second))
}

func (h *house) ask(r request, sign signature) *httptest.ResponseRecorder {
	asked := httptest.NewRequest(r.method, r.target, strings.NewReader(r.body))
	for name, value := range r.header {
		asked.Header.Set(name, value)
	}
	if s := sign(r); s != "" {
		asked.Header.Set(reference.HeaderSignature, s)
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, asked)
	return answer
}

// The environments of an endpoint. Each call makes a new one.
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

// outcome is what a request came to.
type outcome func(h *house, answer *httptest.ResponseRecorder)

func runs(h *house, answer *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(answer).To(HaveHTTPStatus(200))
	Expect(answer.Body.String()).To(MatchJSON(`{"result":"` + output + `"}`))
	Expect(h.runs).To(HaveLen(1))
}

func probed(h *house, answer *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(answer).To(HaveHTTPStatus(200))
	Expect(h.runs).To(BeEmpty())
}

func refused(h *house, answer *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(answer).To(HaveHTTPStatus(500))
	Expect(answer).To(HaveHTTPHeaderWithValue(reference.HeaderSDK, reference.SDK))
	Expect(answer.Header()).NotTo(HaveKey(reference.HeaderSignature))
	Expect(h.runs).To(BeEmpty(), "the function ran")
	Expect(h.api.requests).To(BeEmpty(), "the API was asked")
	leaksNothing(h, answer)
}

// leaksNothing looks for keys, the environment and the function's output in the
// whole answer.
func leaksNothing(h *house, answer *httptest.ResponseRecorder) {
	GinkgoHelper()
	whole := fmt.Sprintf("%v %s", answer.Header(), answer.Body)
	secrets := append(secretsOf(keyA, keyB), "canary", "api.test", output)
	for _, value := range h.env {
		if len(value) > 1 {
			secrets = append(secrets, value)
		}
	}
	for _, secret := range secrets {
		Expect(whole).NotTo(ContainSubstring(secret))
	}
}

func inspected(succeeded string, more types.GomegaMatcher) outcome {
	return func(h *house, answer *httptest.ResponseRecorder) {
		GinkgoHelper()
		Expect(answer).To(HaveHTTPStatus(200))
		Expect(answer.Body.String()).To(ContainSubstring(`"authentication_succeeded":` + succeeded))
		Expect(answer.Body.String()).To(more)
		Expect(h.runs).To(BeEmpty())
	}
}

var (
	unprivileged = inspected("null", Not(ContainSubstring("canary")))
	rejected     = inspected("false", Not(ContainSubstring("canary")))
	privileged   = inspected("true", ContainSubstring(`"env":"canary-environment"`))
)

func registered(h *house, answer *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(answer).To(HaveHTTPStatus(200))
	Expect(answer.Body.String()).To(MatchJSON(`{"message":"Successfully synced.","modified":true}`))
	Expect(h.api.requests).To(HaveLen(1))
	Expect(h.api.requests[0].URL.String()).To(Equal("http://api.test/fn/register?deployId=d1"))
	leaksNothing(h, answer)
}

func listed(h *house, answer *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(answer).To(HaveHTTPStatus(200))
	Expect(answer).To(HaveHTTPHeaderWithValue(reference.HeaderSyncKind, "in_band"))
	Expect(answer.Body.String()).To(ContainSubstring(`"id":"app-echo"`))
	Expect(h.api.requests).To(BeEmpty())
}
