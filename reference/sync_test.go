package reference_test

import (
	"encoding/json"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

var _ = Describe("An out-of-band sync", func() {
	registration := func(f *fixture) (all map[string]any) {
		GinkgoHelper()
		Expect(json.Unmarshal([]byte(f.api.bodies[0]), &all)).To(Succeed())
		return all
	}

	It("posts the functions with the bearer and the SDK and environment headers", func() {
		f := newFixture(cloud())
		registered(f, f.send(syncOut, unsigned))
		r := f.api.requests[0]
		Expect(r.Method).To(Equal(post))
		Expect(f.api.bearers()).To(Equal([]string{keyA.Bearer()}))
		Expect(r.Header.Get(reference.HeaderEnv)).To(Equal("canary-environment"))
		Expect(r.Header.Get(reference.HeaderSDK)).To(Equal(reference.SDK))
		all := registration(f)
		Expect(all).To(HaveKeyWithValue("appName", "app"))
		Expect(all).To(HaveKeyWithValue("url", "http://example.com/api/inngest"))
		Expect(f.api.bodies[0]).To(ContainSubstring(`"url":"http://example.com/api/inngest?fnId=app-echo\u0026stepId=step"`))
	})
	It("registers the configured origin and path whatever the Host header says", func() {
		f := newFixture(cloud())
		f.env[reference.EnvServeOrigin], f.env[reference.EnvServePath] = "https://app.test/", "hooks"
		f.send(syncOut, unsigned)
		Expect(registration(f)).To(HaveKeyWithValue("url", "https://app.test/hooks"))
	})
	It("forwards the server kind and no other header", func() {
		f := newFixture(cloud())
		r := syncOut
		r.header = map[string]string{reference.HeaderServerKind: "cloud", "X-Other": "1"}
		f.send(r, unsigned)
		Expect(f.api.requests[0].Header.Get(reference.HeaderExpectedServerKind)).To(Equal("cloud"))
		Expect(f.api.requests[0].Header).NotTo(HaveKey("X-Other"))
	})
	It("escapes the deployment id", func() {
		f := newFixture(cloud())
		r := syncOut
		r.target = "/?deployId=a%26b%3Dc"
		f.send(r, unsigned)
		Expect(f.api.requests[0].URL.RawQuery).To(Equal("deployId=a%26b%3Dc"))
	})
	It("uses the fallback key when the API refuses the primary key", func() {
		f := newFixture(cloud())
		f.api.respond = accepts(keyB, `{"modified":false}`, 401)
		response := f.send(syncOut, unsigned)
		Expect(response).To(HaveHTTPStatus(200))
		Expect(fields(response)).To(HaveKeyWithValue("modified", false))
		Expect(f.api.bearers()).To(Equal([]string{keyA.Bearer(), keyB.Bearer()}))
		Expect(f.api.bodies[0]).To(Equal(f.api.bodies[1]))
	})
	It("goes to the dev server without a bearer where no key is configured", func() {
		f := newFixture(devKeyless())
		delete(f.env, reference.EnvAPIBaseURL)
		f.send(syncOut, unsigned)
		Expect(f.api.requests[0].URL.String()).To(Equal("http://localhost:8288/fn/register?deployId=d1"))
		Expect(f.api.requests[0].Header).NotTo(HaveKey("Authorization"))
	})
	DescribeTable("responds with an error that reveals no key when",
		func(respond func(*http.Request) (int, string), requests int, message string) {
			f := newFixture(cloud())
			f.api.respond = respond
			response := f.send(syncOut, unsigned)
			Expect(response).To(HaveHTTPStatus(500))
			Expect(fields(response)).To(Equal(map[string]any{"message": message, "modified": false}))
			Expect(f.api.requests).To(HaveLen(requests))
			leaksNothing(f, response)
		},
		Entry("both keys are refused", always(403, "Authentication failed"), 2, "the API refused the signing key"),
		Entry("the API fails", always(500, "{}"), 1, "the API responded with 500"),
		Entry("the API redirects", always(307, ""), 1, "the API responded with 307"),
		Entry("the API cannot be reached", always(0, ""), 1, "the API cannot be reached"),
		Entry("the response is not JSON", always(200, "<html>"), 1, "the API's response is not JSON"),
	)
})

var _ = Describe("An in-band sync", func() {
	It("responds with the functions at the URL in the signed body", func() {
		all := fields(newFixture(cloud()).send(syncIn, signedBy(keyA)))
		Expect(all).To(HaveKeyWithValue("url", "https://app.test/api/inngest"))
		Expect(all).To(HaveKeyWithValue("app_id", "app"))
		Expect(all).To(HaveKeyWithValue("env", "canary-environment"))
		Expect(all["functions"]).To(HaveLen(1))
		Expect(all["inspection"]).To(HaveKeyWithValue("authentication_succeeded", true))
	})
	It("responds with the configured origin where there is one", func() {
		f := newFixture(cloud())
		f.env[reference.EnvServeOrigin] = "https://configured.test"
		Expect(fields(f.send(syncIn, signedBy(keyA)))).To(HaveKeyWithValue("url", "https://configured.test/api/inngest"))
	})
	It("reveals no key", func() {
		response := newFixture(cloud()).send(syncIn, signedBy(keyA))
		for _, secret := range append(secretsOf(keyA, keyB), "canary-event-key") {
			Expect(response.Body.String()).NotTo(ContainSubstring(secret))
		}
	})
	DescribeTable("fails for a body without a URL",
		func(body string) {
			r := syncIn
			r.body = body
			Expect(newFixture(cloud()).send(r, signedBy(keyA))).To(HaveHTTPStatus(500))
		},
		Entry("an empty object", "{}"),
		Entry("a path", `{"url":"/api"}`),
		Entry("a number", `{"url":1}`),
	)
})
