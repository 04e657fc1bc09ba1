package reference_test

import (
	"context"
	"errors"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

var _ = Describe("Running a call", func() {
	It("passes the payload to the function", func() {
		f := newFixture(cloud())
		runs(f, f.send(call, signedBy(keyA)))
		Expect(f.runs[0].Event.Name).To(Equal("app/echo"))
		Expect(string(f.runs[0].Event.Data)).To(Equal(`{"n":1}`))
	})
	DescribeTable("fails after successful verification for",
		func(target, body string) {
			f := newFixture(cloud())
			response := f.send(request{method: post, target: target, body: body}, signedBy(keyA))
			Expect(response).To(HaveHTTPStatus(500))
			Expect(f.runs).To(BeEmpty())
			leaksNothing(f, response)
		},
		Entry("an unknown function", "/?fnId=app-other", body),
		Entry("a function of another app", "/?fnId=other-echo", body),
		Entry("a missing function id", "/", body),
		Entry("a payload that is not an object", "/?fnId=app-echo", `[1]`),
		Entry("a payload with a member of the wrong type", "/?fnId=app-echo", `{"ctx":{"run_id":1}}`),
	)
	It("responds with the error of a function", func() {
		f := newFixture(cloud())
		f.Functions["echo"] = func(context.Context, reference.Call) (any, error) { return nil, errors.New("no luck today") }
		response := f.send(call, signedBy(keyA))
		Expect(response).To(HaveHTTPStatus(500))
		Expect(fields(response)).To(HaveKeyWithValue("message", "no luck today"))
	})
	It("fails when the result cannot be encoded", func() {
		f := newFixture(cloud())
		f.Functions["echo"] = func(context.Context, reference.Call) (any, error) { return make(chan int), nil }
		Expect(f.send(call, signedBy(keyA))).To(HaveHTTPStatus(500))
	})
})

var _ = Describe("A call with use_api", func() {
	const (
		batch   = `[{"name":"app/echo","data":{"n":7}}]`
		actions = `{"step":{"type":"data","data":1}}`
	)
	useAPI := request{method: post, target: call.target, body: `{"ctx":{"run_id":"a/run","use_api":true},"event":{"name":"stub"}}`}
	payload := func(r *http.Request) (int, string) {
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
			return payload(r)
		}
	}

	It("fetches events and steps with the bearer and the SDK and environment headers", func() {
		f := newFixture(cloud())
		f.api.respond = payload
		runs(f, f.send(useAPI, signedBy(keyA)))
		Expect(string(f.runs[0].Event.Data)).To(Equal(`{"n":7}`))
		Expect(string(f.runs[0].Steps)).To(MatchJSON(actions))
		Expect(f.api.bearers()).To(Equal([]string{keyA.Bearer(), keyA.Bearer()}))
		for i, path := range []string{"/v0/runs/a%2Frun/batch", "/v0/runs/a%2Frun/actions"} {
			r := f.api.requests[i]
			Expect(r.Method).To(Equal(get))
			Expect(r.URL.String()).To(Equal("http://api.test" + path))
			Expect(r.Header.Get(reference.HeaderEnv)).To(Equal("canary-environment"))
			Expect(r.Header.Get(reference.HeaderSDK)).To(Equal(reference.SDK))
		}
	})
	DescribeTable("repeats each request with the fallback key when the API refuses the primary key",
		func(status int) {
			f := newFixture(cloud())
			f.api.respond = refuses(keyA, status)
			runs(f, f.send(useAPI, signedBy(keyA)))
			Expect(f.api.bearers()).To(Equal([]string{keyA.Bearer(), keyB.Bearer(), keyA.Bearer(), keyB.Bearer()}))
		},
		Entry("with 401", 401),
		Entry("with 403", 403),
	)
	It("does not switch keys when the API fails", func() {
		f := newFixture(cloud())
		f.api.respond = refuses(keyA, 500)
		Expect(f.send(useAPI, signedBy(keyA))).To(HaveHTTPStatus(500))
		Expect(f.api.bearers()).To(Equal([]string{keyA.Bearer()}))
		Expect(f.runs).To(BeEmpty())
	})
	DescribeTable("fails without running the function or revealing a key when",
		func(respond func(*http.Request) (int, string), requests int) {
			f := newFixture(cloud())
			f.api.respond = respond
			response := f.send(useAPI, signedBy(keyA))
			Expect(response).To(HaveHTTPStatus(500))
			Expect(f.runs).To(BeEmpty())
			Expect(f.api.requests).To(HaveLen(requests))
			leaksNothing(f, response)
		},
		Entry("both keys are refused", always(401, "Authentication failed"), 2),
		Entry("the run is unknown", always(404, `{"error":"not found","status":404}`), 1),
		Entry("the API cannot be reached", always(0, ""), 1),
		Entry("there are no events", always(200, "[]"), 2),
		Entry("the events are not a list", always(200, `{}`), 1),
		Entry("the response is not JSON", always(200, "<html>"), 1),
		Entry("the API redirects", always(307, ""), 1),
	)
	It("sends nothing to the API before verification succeeds", func() {
		f := newFixture(cloud())
		f.api.respond = payload
		refused(f, f.send(useAPI, signedBy(unknownKey)))
	})
})
