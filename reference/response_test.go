package reference_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func fields(answer *httptest.ResponseRecorder) (all map[string]any) {
	GinkgoHelper()
	Expect(json.Unmarshal(answer.Body.Bytes(), &all)).To(Succeed())
	return all
}

var _ = Describe("Running a call", func() {
	It("hands the payload to the function", func() {
		h := newHouse(cloud())
		runs(h, h.ask(call, by(keyA)))
		Expect(h.runs[0].Event.Name).To(Equal("app/echo"))
		Expect(string(h.runs[0].Event.Data)).To(Equal(`{"n":1}`))
	})
	DescribeTable("fails, after the signature held, for",
		func(target, body string) {
			h := newHouse(cloud())
			answer := h.ask(request{method: post, target: target, body: body}, by(keyA))
			Expect(answer).To(HaveHTTPStatus(500))
			Expect(h.runs).To(BeEmpty())
			leaksNothing(h, answer)
		},
		Entry("a function that is not there", "/?fnId=app-other", body),
		Entry("a function of another app", "/?fnId=other-echo", body),
		Entry("no function", "/", body),
		Entry("a payload that is no call", "/?fnId=app-echo", `[1]`),
		Entry("a payload of the wrong types", "/?fnId=app-echo", `{"ctx":{"run_id":1}}`),
	)
	It("tells the error of a function", func() {
		h := newHouse(cloud())
		h.Functions["echo"] = func(context.Context, reference.Call) (any, error) { return nil, errors.New("no luck today") }
		answer := h.ask(call, by(keyA))
		Expect(answer).To(HaveHTTPStatus(500))
		Expect(fields(answer)).To(HaveKeyWithValue("message", "no luck today"))
	})
	It("fails when the result cannot be encoded", func() {
		h := newHouse(cloud())
		h.Functions["echo"] = func(context.Context, reference.Call) (any, error) { return make(chan int), nil }
		Expect(h.ask(call, by(keyA))).To(HaveHTTPStatus(500))
	})
})

var _ = Describe("A call whose payload is at the API", func() {
	const (
		batch   = `[{"name":"app/echo","data":{"n":7}}]`
		actions = `{"step":{"type":"data","data":1}}`
	)
	useAPI := request{method: post, target: call.target, body: `{"ctx":{"run_id":"a/run","use_api":true},"event":{"name":"stub"}}`}
	answers := func(r *http.Request) (int, string) {
		if strings.HasSuffix(r.URL.Path, "/batch") {
			return 200, batch
		}
		return 200, actions
	}
	refuses := func(k reference.Key, status int) func(*http.Request) (int, string) {
		return func(r *http.Request) (int, string) {
			if r.Header.Get("Authorization") == "Bearer "+k.Bearer() {
				return status, "Authentication failed"
			}
			return answers(r)
		}
	}

	It("fetches events and steps with the bearer, and says which environment it means", func() {
		h := newHouse(cloud())
		h.api.answer = answers
		runs(h, h.ask(useAPI, by(keyA)))
		Expect(string(h.runs[0].Event.Data)).To(Equal(`{"n":7}`))
		Expect(string(h.runs[0].Steps)).To(MatchJSON(actions))
		Expect(h.api.bearers()).To(Equal([]string{keyA.Bearer(), keyA.Bearer()}))
		for i, path := range []string{"/v0/runs/a%2Frun/batch", "/v0/runs/a%2Frun/actions"} {
			r := h.api.requests[i]
			Expect(r.Method).To(Equal(get))
			Expect(r.URL.String()).To(Equal("http://api.test" + path))
			Expect(r.Header.Get(reference.HeaderEnv)).To(Equal("canary-environment"))
			Expect(r.Header.Get(reference.HeaderSDK)).To(Equal(reference.SDK))
		}
	})
	DescribeTable("asks once more with the fallback key when the API refuses the primary",
		func(status int) {
			h := newHouse(cloud())
			h.api.answer = refuses(keyA, status)
			runs(h, h.ask(useAPI, by(keyA)))
			Expect(h.api.bearers()).To(Equal([]string{keyA.Bearer(), keyB.Bearer(), keyA.Bearer(), keyB.Bearer()}))
		},
		Entry("with 401", 401),
		Entry("with 403", 403),
	)
	It("does not change the key when the API fails", func() {
		h := newHouse(cloud())
		h.api.answer = refuses(keyA, 500)
		Expect(h.ask(useAPI, by(keyA))).To(HaveHTTPStatus(500))
		Expect(h.api.bearers()).To(Equal([]string{keyA.Bearer()}))
		Expect(h.runs).To(BeEmpty())
	})
	DescribeTable("fails without running, and without showing a key, when",
		func(answer func(*http.Request) (int, string), asked int) {
			h := newHouse(cloud())
			h.api.answer = answer
			got := h.ask(useAPI, by(keyA))
			Expect(got).To(HaveHTTPStatus(500))
			Expect(h.runs).To(BeEmpty())
			Expect(h.api.requests).To(HaveLen(asked))
			leaksNothing(h, got)
		},
		Entry("both keys are refused", always(401, "Authentication failed"), 2),
		Entry("the run is not there", always(404, `{"error":"not found","status":404}`), 1),
		Entry("the API cannot be reached", always(0, ""), 1),
		Entry("there are no events", always(200, "[]"), 2),
		Entry("the events are no list", always(200, `{}`), 1),
		Entry("the answer is not JSON", always(200, "<html>"), 1),
		Entry("the API sends it elsewhere", always(307, ""), 1),
	)
	It("does not ask the API before the signature holds", func() {
		h := newHouse(cloud())
		h.api.answer = answers
		refused(h, h.ask(useAPI, by(stranger)))
	})
})

var _ = Describe("The signature of an answer", func() {
	DescribeTable("is made over the raw bytes, with the key that verified the request",
		func(r request, k reference.Key) {
			answer := newHouse(cloud()).ask(r, by(k))
			s, err := reference.ParseSignature(answer.Header().Get(reference.HeaderSignature))
			Expect(err).NotTo(HaveOccurred())
			Expect(s.Time.Equal(now)).To(BeTrue())
			Expect(s.MAC).To(Equal(k.MAC(answer.Body.Bytes(), s.T())))
		},
		Entry("a call, primary", call, keyA),
		Entry("a call, fallback", call, keyB),
		Entry("a probe", probe, keyA),
		Entry("an inspection", inspection, keyB),
		Entry("a ping", syncOut, keyA),
		Entry("an in-band sync", syncIn, keyA),
	)
	DescribeTable("is not made when nothing was verified",
		func(env func() map[string]string, r request, sign signature) {
			Expect(newHouse(env()).ask(r, sign).Header()).NotTo(HaveKey(reference.HeaderSignature))
		},
		Entry("a refused call", cloud, call, signature(unsigned)),
		Entry("an unsigned inspection", cloud, inspection, signature(unsigned)),
		Entry("a stranger's inspection", cloud, inspection, by(stranger)),
		Entry("an unsigned ping", cloud, syncOut, signature(unsigned)),
		Entry("an unsigned call in dev mode", dev, call, signature(unsigned)),
		Entry("a call in dev mode without a key", devKeyless, call, by(stranger)),
	)
})

var _ = Describe("Introspection", func() {
	open := []string{"authentication_succeeded", "capabilities", "function_count", "has_event_key",
		"has_signing_key", "has_signing_key_fallback", "mode", "schema_version"}
	closed := []string{"api_origin", "app_id", "env", "event_api_origin", "event_key_hash", "framework", "sdk_language",
		"sdk_version", "serve_origin", "serve_path", "signing_key_fallback_hash", "signing_key_hash"}

	keysOf := func(all map[string]any) (names []string) {
		for name := range all {
			names = append(names, name)
		}
		return names
	}

	It("has these fields for everyone", func() {
		Expect(keysOf(fields(newHouse(cloud()).ask(inspection, unsigned)))).To(ConsistOf(open))
	})
	It("has these fields too for who signs", func() {
		Expect(keysOf(fields(newHouse(cloud()).ask(inspection, by(keyA))))).To(ConsistOf(append(open, closed...)))
	})
	It("shows hashes of the whole keys, never a key and never a bearer", func() {
		answer := newHouse(cloud()).ask(inspection, by(keyA))
		all := fields(answer)
		Expect(all).To(HaveKeyWithValue("signing_key_hash", sha(keyA.Text())))
		Expect(all).To(HaveKeyWithValue("signing_key_fallback_hash", sha(keyB.Text())))
		Expect(all).To(HaveKeyWithValue("event_key_hash", sha("canary-event-key")))
		for _, secret := range append(secretsOf(keyA, keyB), "canary-event-key", "canary-password") {
			Expect(answer.Body.String()).NotTo(ContainSubstring(secret))
		}
	})
	It("has null for what is not set", func() {
		all := fields(newHouse(map[string]string{reference.EnvSigningKey: keyA.Text()}).ask(inspection, by(keyA)))
		for _, name := range []string{"env", "event_key_hash", "serve_origin", "serve_path", "signing_key_fallback_hash"} {
			Expect(all).To(HaveKeyWithValue(name, BeNil()))
		}
		Expect(all).To(HaveKeyWithValue("api_origin", "https://api.inngest.com"))
	})
	DescribeTable("says how things are",
		func(env func() map[string]string, name string, value any) {
			Expect(fields(newHouse(env()).ask(inspection, unsigned))).To(HaveKeyWithValue(name, value))
		},
		Entry("mode", cloud, "mode", "cloud"),
		Entry("mode in dev", dev, "mode", "dev"),
		Entry("a key", cloud, "has_signing_key", true),
		Entry("no key", cloudKeyless, "has_signing_key", false),
		Entry("no primary key", cloudFallback, "has_signing_key", false),
		Entry("a fallback key", cloudFallback, "has_signing_key_fallback", true),
		Entry("an event key", cloud, "has_event_key", true),
		Entry("one function", cloud, "function_count", 1.0),
	)
	It("with a body is never signed", func() {
		h := newHouse(cloud())
		r := inspection
		r.body = "{}"
		rejected(h, h.ask(r, func(request) string { return by(keyA)(inspection) }))
	})
})

var _ = Describe("An out-of-band sync", func() {
	registration := func(h *house) (all map[string]any) {
		GinkgoHelper()
		Expect(json.Unmarshal([]byte(h.api.bodies[0]), &all)).To(Succeed())
		return all
	}

	It("posts the functions with the bearer and the environment", func() {
		h := newHouse(cloud())
		registered(h, h.ask(syncOut, unsigned))
		r := h.api.requests[0]
		Expect(r.Method).To(Equal(post))
		Expect(h.api.bearers()).To(Equal([]string{keyA.Bearer()}))
		Expect(r.Header.Get(reference.HeaderEnv)).To(Equal("canary-environment"))
		Expect(r.Header.Get(reference.HeaderSDK)).To(Equal(reference.SDK))
		all := registration(h)
		Expect(all).To(HaveKeyWithValue("appName", "app"))
		Expect(all).To(HaveKeyWithValue("url", "http://example.com/api/inngest"))
		Expect(h.api.bodies[0]).To(ContainSubstring(`"url":"http://example.com/api/inngest?fnId=app-echo\u0026stepId=step"`))
	})
	It("registers the configured origin and path, whatever Host says", func() {
		h := newHouse(cloud())
		h.env[reference.EnvServeOrigin], h.env[reference.EnvServePath] = "https://app.test/", "hooks"
		h.ask(syncOut, unsigned)
		Expect(registration(h)).To(HaveKeyWithValue("url", "https://app.test/hooks"))
	})
	It("passes on which kind of server asked, and nothing else", func() {
		h := newHouse(cloud())
		r := syncOut
		r.header = map[string]string{reference.HeaderServerKind: "cloud", "X-Other": "1"}
		h.ask(r, unsigned)
		Expect(h.api.requests[0].Header.Get(reference.HeaderExpectedServerKind)).To(Equal("cloud"))
		Expect(h.api.requests[0].Header).NotTo(HaveKey("X-Other"))
	})
	It("escapes the deployment's id", func() {
		h := newHouse(cloud())
		r := syncOut
		r.target = "/?deployId=a%26b%3Dc"
		h.ask(r, unsigned)
		Expect(h.api.requests[0].URL.RawQuery).To(Equal("deployId=a%26b%3Dc"))
	})
	It("tries the fallback key when the primary is refused", func() {
		h := newHouse(cloud())
		h.api.answer = takes(keyB, `{"modified":false}`, 401)
		answer := h.ask(syncOut, unsigned)
		Expect(answer).To(HaveHTTPStatus(200))
		Expect(fields(answer)).To(HaveKeyWithValue("modified", false))
		Expect(h.api.bearers()).To(Equal([]string{keyA.Bearer(), keyB.Bearer()}))
		Expect(h.api.bodies[0]).To(Equal(h.api.bodies[1]))
	})
	It("goes to the dev server without a bearer when there is no key", func() {
		h := newHouse(devKeyless())
		delete(h.env, reference.EnvAPIBaseURL)
		h.ask(syncOut, unsigned)
		Expect(h.api.requests[0].URL.String()).To(Equal("http://localhost:8288/fn/register?deployId=d1"))
		Expect(h.api.requests[0].Header).NotTo(HaveKey("Authorization"))
	})
	DescribeTable("tells that it failed, and shows no key, when",
		func(answer func(*http.Request) (int, string), asked int, message string) {
			h := newHouse(cloud())
			h.api.answer = answer
			got := h.ask(syncOut, unsigned)
			Expect(got).To(HaveHTTPStatus(500))
			Expect(fields(got)).To(Equal(map[string]any{"message": message, "modified": false}))
			Expect(h.api.requests).To(HaveLen(asked))
			leaksNothing(h, got)
		},
		Entry("both keys are refused", always(403, "Authentication failed"), 2, "the API refused the signing key"),
		Entry("the API fails", always(500, "{}"), 1, "the API responded with 500"),
		Entry("the API sends it elsewhere", always(307, ""), 1, "the API responded with 307"),
		Entry("the API cannot be reached", always(0, ""), 1, "the API cannot be reached"),
		Entry("the answer is not JSON", always(200, "<html>"), 1, "the API's response is not JSON"),
	)
})

var _ = Describe("An in-band sync", func() {
	It("answers with the functions at the URL that the signed body names", func() {
		all := fields(newHouse(cloud()).ask(syncIn, by(keyA)))
		Expect(all).To(HaveKeyWithValue("url", "https://app.test/api/inngest"))
		Expect(all).To(HaveKeyWithValue("app_id", "app"))
		Expect(all).To(HaveKeyWithValue("env", "canary-environment"))
		Expect(all["functions"]).To(HaveLen(1))
		Expect(all["inspection"]).To(HaveKeyWithValue("authentication_succeeded", true))
	})
	It("answers with the configured origin where there is one", func() {
		h := newHouse(cloud())
		h.env[reference.EnvServeOrigin] = "https://configured.test"
		Expect(fields(h.ask(syncIn, by(keyA)))).To(HaveKeyWithValue("url", "https://configured.test/api/inngest"))
	})
	It("shows no key", func() {
		answer := newHouse(cloud()).ask(syncIn, by(keyA))
		for _, secret := range append(secretsOf(keyA, keyB), "canary-event-key") {
			Expect(answer.Body.String()).NotTo(ContainSubstring(secret))
		}
	})
	DescribeTable("fails for a body that names no URL",
		func(body string) {
			r := syncIn
			r.body = body
			Expect(newHouse(cloud()).ask(r, by(keyA))).To(HaveHTTPStatus(500))
		},
		Entry("nothing in it", "{}"),
		Entry("a path", `{"url":"/api"}`),
		Entry("a number", `{"url":1}`),
	)
})
