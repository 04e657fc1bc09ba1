package reference_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	h.Client = func(c *reference.Context) *reference.Client {
		client := reference.NewClient(c.Keys, c.Getenv(reference.EnvEnvironment))
		client.Do = h.api.RoundTrip
		return client
	}
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
	Expect(answer).To(HaveHTTPBody(MatchJSON(`{"result":"` + output + `"}`)))
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
		Expect(answer).To(HaveHTTPBody(ContainSubstring(`"authentication_succeeded":` + succeeded)))
		Expect(answer).To(HaveHTTPBody(more))
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
	Expect(answer).To(HaveHTTPBody(MatchJSON(`{"message":"Successfully synced.","modified":true}`)))
	Expect(h.api.requests).To(HaveLen(1))
	Expect(h.api.requests[0].URL.String()).To(Equal("http://api.test/fn/register?deployId=d1"))
	leaksNothing(h, answer)
}

func listed(h *house, answer *httptest.ResponseRecorder) {
	GinkgoHelper()
	Expect(answer).To(HaveHTTPStatus(200))
	Expect(answer).To(HaveHTTPHeaderWithValue(reference.HeaderSyncKind, "in_band"))
	Expect(answer).To(HaveHTTPBody(ContainSubstring(`"id":"app-echo"`)))
	Expect(h.api.requests).To(BeEmpty())
}

// This is the table of what an SDK owes each request, in both modes.
var _ = Describe("An endpoint", func() {
	owes := func(env func() map[string]string, r request, sign signature, then outcome) {
		h := newHouse(env())
		then(h, h.ask(r, sign))
	}

	DescribeTable("in cloud mode", owes,
		Entry("runs a call signed with the primary key", cloud, call, by(keyA), runs),
		Entry("runs a call signed with the fallback key", cloud, call, by(keyB), runs),
		Entry("refuses an unsigned call", cloud, call, unsigned, refused),
		Entry("refuses a call signed by a stranger", cloud, call, by(stranger), refused),
		Entry("refuses a call signed too long ago", cloud, call, late, refused),
		Entry("refuses a call signed with the empty key", cloud, call, byTheEmptyKey, refused),

		Entry("answers a signed probe", cloud, probe, by(keyA), probed),
		Entry("refuses an unsigned probe", cloud, probe, unsigned, refused),
		Entry("refuses a probe signed by a stranger", cloud, probe, by(stranger), refused),
		Entry("refuses a probe signed with the empty key", cloud, probe, byTheEmptyKey, refused),

		Entry("tells everything to a signed inspection", cloud, inspection, by(keyA), privileged),
		Entry("tells everything to an inspection signed with the fallback", cloud, inspection, by(keyB), privileged),
		Entry("tells little to an unsigned inspection", cloud, inspection, unsigned, unprivileged),
		Entry("tells little to a stranger's inspection", cloud, inspection, by(stranger), rejected),
		Entry("tells little to an inspection signed too long ago", cloud, inspection, late, rejected),
		Entry("tells little to the empty key", cloud, inspection, byTheEmptyKey, rejected),

		Entry("registers at a signed ping", cloud, syncOut, by(keyA), registered),
		Entry("registers at an unsigned ping", cloud, syncOut, unsigned, registered),
		Entry("refuses a stranger's ping", cloud, syncOut, by(stranger), refused),

		Entry("lists its functions in a signed in-band sync", cloud, syncIn, by(keyA), listed),
		Entry("refuses an unsigned in-band sync", cloud, syncIn, unsigned, refused),
		Entry("refuses a stranger's in-band sync", cloud, syncIn, by(stranger), refused),
		Entry("refuses an in-band sync signed with the empty key", cloud, syncIn, byTheEmptyKey, refused),
	)

	DescribeTable("in cloud mode without a key", owes,
		Entry("refuses an unsigned call", cloudKeyless, call, unsigned, refused),
		Entry("refuses a call signed with the empty key", cloudKeyless, call, byTheEmptyKey, refused),
		Entry("refuses a call signed by a stranger", cloudKeyless, call, by(stranger), refused),
		Entry("refuses a probe signed with the empty key", cloudKeyless, probe, byTheEmptyKey, refused),
		Entry("refuses an in-band sync signed with the empty key", cloudKeyless, syncIn, byTheEmptyKey, refused),
		Entry("refuses an unsigned ping: it could not sign in", cloudKeyless, syncOut, unsigned, refused),
		Entry("refuses a ping signed with the empty key", cloudKeyless, syncOut, byTheEmptyKey, refused),
		Entry("tells little to anyone", cloudKeyless, inspection, unsigned, unprivileged),
		Entry("tells little to the empty key", cloudKeyless, inspection, byTheEmptyKey, rejected),
	)

	DescribeTable("in cloud mode with only a fallback key", owes,
		Entry("runs a call signed with it", cloudFallback, call, by(keyB), runs),
		Entry("refuses a call signed with the empty key", cloudFallback, call, byTheEmptyKey, refused),
		Entry("refuses an unsigned call", cloudFallback, call, unsigned, refused),
		Entry("tells little to the empty key", cloudFallback, inspection, byTheEmptyKey, rejected),
		Entry("registers with it", cloudFallback, syncOut, unsigned, registered),
	)

	DescribeTable("in dev mode with keys", owes,
		Entry("runs an unsigned call", dev, call, unsigned, runs),
		Entry("runs a signed call", dev, call, by(keyA), runs),
		Entry("refuses a call whose signature is wrong", dev, call, by(stranger), refused),
		Entry("answers an unsigned probe", dev, probe, unsigned, probed),
		Entry("refuses a probe whose signature is wrong", dev, probe, by(stranger), refused),
		Entry("tells little to an unsigned inspection", dev, inspection, unsigned, unprivileged),
		Entry("tells little to a stranger's inspection", dev, inspection, by(stranger), rejected),
		Entry("registers at an unsigned ping", dev, syncOut, unsigned, registered),
		Entry("lists its functions in an unsigned in-band sync", dev, syncIn, unsigned, listed),
		Entry("refuses an in-band sync whose signature is wrong", dev, syncIn, by(stranger), refused),
	)

	DescribeTable("in dev mode without a key", owes,
		Entry("runs an unsigned call", devKeyless, call, unsigned, runs),
		Entry("runs a call whatever its signature", devKeyless, call, by(stranger), runs),
		Entry("answers an unsigned probe", devKeyless, probe, unsigned, probed),
		Entry("tells little to an unsigned inspection", devKeyless, inspection, unsigned, unprivileged),
		Entry("registers at an unsigned ping", devKeyless, syncOut, unsigned, registered),
		Entry("lists its functions in an unsigned in-band sync", devKeyless, syncIn, unsigned, listed),
	)

	DescribeTable("answers 405 to any other method, signed or not, and does nothing",
		func(method string) {
			for _, env := range []func() map[string]string{cloud, dev} {
				h := newHouse(env())
				r := request{method: method, target: call.target, body: call.body}
				for _, s := range []signature{unsigned, func(request) string { return signed(keyA, post, call.body, now) }} {
					answer := h.ask(r, s)
					Expect(answer).To(HaveHTTPStatus(405))
					Expect(answer).To(HaveHTTPHeaderWithValue("Allow", "GET, POST, PUT"))
					Expect(h.runs).To(BeEmpty())
					Expect(h.api.requests).To(BeEmpty())
					leaksNothing(h, answer)
				}
			}
		},
		Entry(nil, "HEAD"), Entry(nil, "OPTIONS"), Entry(nil, "DELETE"), Entry(nil, "PATCH"), Entry(nil, "BREW"),
	)

	DescribeTable("stays in cloud mode, whatever a request says",
		func(name, value string) {
			r := call
			r.header = map[string]string{name: value}
			h := newHouse(cloud())
			refused(h, h.ask(r, unsigned))
		},
		Entry("of its server", reference.HeaderServerKind, "dev"),
		Entry("of the server it expects", reference.HeaderExpectedServerKind, "dev"),
		Entry("of its mode", "X-Inngest-Dev", "1"),
	)

	It("reads its environment on every request: keys may change under it", func() {
		h := newHouse(inEnv("0", keyA, noKey))
		runs(h, h.ask(call, by(keyA)))
		h.env[reference.EnvSigningKey], h.runs = keyB.Text(), nil
		refused(h, h.ask(call, by(keyA)))
		runs(h, h.ask(call, by(keyB)))
	})
	It("refuses two signature headers, even where they are equal", func() {
		h := newHouse(cloud())
		asked := httptest.NewRequest(call.method, call.target, strings.NewReader(call.body))
		asked.Header[reference.HeaderSignature] = []string{by(keyA)(call), by(keyA)(call)}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, asked)
		refused(h, answer)
	})
	It("looks at a signature header that came without a value", func() {
		h := newHouse(cloud())
		asked := httptest.NewRequest(syncOut.method, syncOut.target, strings.NewReader(syncOut.body))
		asked.Header[reference.HeaderSignature] = []string{""}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, asked)
		refused(h, answer)
	})
	It("takes a key that is malformed for no key", func() {
		h := newHouse(cloud())
		h.env[reference.EnvSigningKey] = "signkey-prod-this is none"
		refused(h, h.ask(call, byTheEmptyKey))
		runs(h, h.ask(call, by(keyB)))
	})
	DescribeTable("refuses every call that differs from the signed one",
		func(sent string) {
			h := newHouse(cloud())
			r := call
			r.body = sent
			refused(h, h.ask(r, func(request) string { return by(keyA)(call) }))
		},
		Entry("another value", otherBody),
		Entry("no body", ""),
		Entry("half a body", body[:len(body)/2]),
		Entry("a body and more", body+"{}"),
		Entry("a name twice", body[:len(body)-1]+`,"ctx":{}}`),
	)
	It("runs a call that is spelled in another way than the signed one", func() {
		h := newHouse(cloud())
		r := call
		r.body = " " + strings.ReplaceAll(body, `"ctx"`, `"\u0063tx"`) + "\n"
		runs(h, h.ask(r, func(request) string { return by(keyA)(call) }))
	})
})

var _ = Describe("The body limit", func() {
	sized := func(size int) request {
		r := call
		r.body = `"` + strings.Repeat("x", size-2) + `"`
		return r
	}
	asProbe := func(r request) request { r.target = probe.target; return r }

	It("lets 4 MiB through", func() {
		h := newHouse(cloud())
		probed(h, h.ask(asProbe(sized(4<<20)), by(keyA)))
	})
	It("refuses a byte more, though it is signed", func() {
		h := newHouse(cloud())
		refused(h, h.ask(asProbe(sized(4<<20+1)), by(keyA)))
	})
	It("holds in dev mode", func() {
		h := newHouse(devKeyless())
		refused(h, h.ask(asProbe(sized(4<<20+1)), unsigned))
	})
	It("has a name", func() {
		_, err := reference.ReadBody(httptest.NewRequest(post, "/", strings.NewReader(sized(4<<20+1).body)))
		Expect(err).To(MatchError(reference.ErrTooLarge))
	})
	It("refuses a body that breaks off", func() {
		h := newHouse(cloud())
		asked := httptest.NewRequest(call.method, call.target, brokenOff{})
		asked.Header.Set(reference.HeaderSignature, by(keyA)(call))
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, asked)
		refused(h, answer)
	})
})

// brokenOff is a body whose sender went away.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, errors.New("canary: the sender went away") }

var _ = Describe("What a request demands", func() {
	inBand := http.Header{reference.HeaderSyncKind: {"in_band"}}
	DescribeTable("depends on method, sync kind and mode",
		func(method string, header http.Header, inCloud, inDev reference.Demand) {
			r := httptest.NewRequest(method, "/", nil)
			r.Header = header
			Expect(reference.Demands(r, reference.Mode{})).To(Equal(inCloud))
			Expect(reference.Demands(r, reference.Mode{Dev: true})).To(Equal(inDev))
		},
		Entry("POST", post, nil, reference.Required, reference.IfPresent),
		Entry("POST that says it is a sync", post, inBand, reference.Required, reference.IfPresent),
		Entry("PUT", put, nil, reference.IfPresent, reference.IfPresent),
		Entry("PUT in-band", put, inBand, reference.Required, reference.IfPresent),
		Entry("PUT of a kind that no one sends", put, http.Header{reference.HeaderSyncKind: {"in-band"}}, reference.IfPresent, reference.IfPresent),
		Entry("GET", get, nil, reference.Noted, reference.Noted),
		Entry("HEAD", "HEAD", nil, reference.Ignored, reference.Ignored),
	)
})
