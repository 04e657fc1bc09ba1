package zoo

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// queried holds for requests with a query parameter of this value.
func queried(name, value string) request {
	return func(r *http.Request, _ []byte) bool { return r.URL.Query().Get(name) == value }
}

// inBody is a condition for bodies with a text in them.
func inBody(text string) request {
	return func(_ *http.Request, body []byte) bool { return bytes.Contains(body, []byte(text)) }
}

// trustingTargets concern the query, the method, the path and what the query names.
func trustingTargets() []Mutant {
	pathEnds := func(endings ...string) request {
		return func(r *http.Request, _ []byte) bool {
			return slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(r.URL.Path, ending) })
		}
	}
	step := func(steps ...string) request {
		return func(r *http.Request, _ []byte) bool { return slices.Contains(steps, r.URL.Query().Get("stepId")) }
	}
	calls := func(r *http.Request, body []byte) bool { return r.URL.Query().Get("fnId") != "" && len(body) > 0 }
	otherMethod := func(when func(c *reference.Context) bool) func(*reference.Endpoint) {
		return func(e *reference.Endpoint) {
			other := e.Other
			e.Other = func(c *reference.Context) reference.Response {
				if calls(c.Request, c.Body) && when(c) {
					return c.Run(c)
				}
				return other(c)
			}
		}
	}
	return []Mutant{
		{
			Name: "debug-query-trusted", Part: Trusting, Kills: "facets.query-wrong-key",
			Defect: "a request with debug=1 in its query is not verified",
			Break:  always(of(http.MethodPost, queried("debug", "1"))),
		},
		{
			Name: "bypass-query-needs-no-signature", Part: Trusting, Kills: "facets.query-unsigned",
			Defect: "a call with a platform's bypass parameter in its query needs no signature",
			Break:  ifUnsigned(queried("x-vercel-protection-bypass", "1")),
		},
		{
			Name: "replay-query-stops-the-clock", Part: Trusting, Kills: "facets.query-expired",
			Defect: "with replay=1 in the query, the age of a signature is not checked",
			Break:  ifExpired(queried("replay", "1")),
		},
		{
			Name: "dry-run-has-no-body", Part: Trusting, Kills: "facets.query-mac-of-nothing",
			Defect: "with dryRun=1 in the query, the body is not covered by the MAC, and the function runs nevertheless",
			Break:  ifOfNothing(queried("dryRun", "1")),
		},
		{
			Name: "get-runs-functions", Part: Trusting, Kills: "facets.methods-wrong-key",
			Defect: "a GET that names a function and has a body runs it, verified as an introspection: not at all",
			Break: responseOf(func(e *reference.Endpoint) *func(*reference.Context) reference.Response { return &e.Introspect }, func(c *reference.Context) reference.Response {
				if calls(c.Request, c.Body) {
					return c.Run(c)
				}
				return reference.Introspect(c)
			}),
		},
		{
			Name: "other-methods-run-unsigned-calls", Part: Trusting, Kills: "facets.methods-unsigned",
			Defect: "a PATCH without a signature that names a function runs it",
			Break:  otherMethod(func(c *reference.Context) bool { return c.Request.Method == http.MethodPatch && !c.Signed }),
		},
		{
			Name: "query-method-runs-functions", Part: Trusting, Kills: "facets.methods-mac-of-nothing",
			Defect: "a REPORT that names a function is verified as if it had no body, and runs it",
			Break: otherMethod(func(c *reference.Context) bool {
				return c.Request.Method == "REPORT" && c.Signed && matchesOver(c, c.Keys.Primary, nil)
			}),
		},
		{
			Name: "suffix-leaves-the-matcher", Part: Trusting, Kills: "facets.paths-wrong-key",
			Defect: "the guard's matcher leaves out paths that end in .env, and the router serves them",
			Break:  always(pathEnds(".env")),
		},
		{
			Name: "static-suffix-leaves-the-matcher", Part: Trusting, Kills: "facets.rare-paths-wrong-key",
			Defect: "the guard's matcher leaves out paths that look like static files (.js, .json), and the router serves them",
			Break:  always(pathEnds(".js", ".json")),
		},
		{
			Name: "public-path-needs-no-signature", Part: Trusting, Kills: "facets.paths-unsigned",
			Defect: "below a public folder no signature is needed, even if the path leaves the folder again",
			Break:  ifUnsigned(func(r *http.Request, _ []byte) bool { return strings.HasPrefix(r.URL.Path, "/public/") }),
		},
		{
			Name: "trailing-slash-leaves-the-guard", Part: Trusting, Kills: "facets.paths-wrong-key",
			Defect: "the guard compares the path as it is, the router without its trailing slash",
			Break:  always(pathEnds("/")),
		},
		{
			Name: "upper-case-path-leaves-the-guard", Part: Trusting, Kills: "facets.paths-wrong-key",
			Defect: "the guard compares the path case by case, the router does not",
			Break:  always(func(r *http.Request, _ []byte) bool { return r.URL.Path != strings.ToLower(r.URL.Path) }),
		},
		{
			Name: "escaped-path-leaves-the-guard", Part: Trusting, Kills: "facets.paths-wrong-key",
			Defect: "the guard compares the path with its escapes, the router without",
			Break:  always(func(r *http.Request, _ []byte) bool { return strings.Contains(r.RequestURI, "%69nngest") }),
		},
		{
			Name: "probe-step-trusted", Part: Trusting, Kills: "facets.names-wrong-key",
			Defect: "a call of a step named probe is taken for a trust probe, which the guard leaves out",
			Break:  always(step("probe")),
		},
		{
			Name: "sync-step-trusted", Part: Trusting, Kills: "facets.rare-names-wrong-key",
			Defect: "a call of a step named sync is not verified",
			Break:  always(step("sync")),
		},
		{
			Name: "registered-function-trusted", Part: Trusting, Kills: "facets.functions-wrong-key",
			Defect: "calls of the app's function that sends events are not verified",
			Break: always(func(r *http.Request, _ []byte) bool {
				return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Query().Get("fnId"), "-send")
			}),
		},
		{
			Name: "function-beside-another-trusted", Part: Trusting, Kills: "facets.functions-unsigned",
			Defect: "the guard lets a call pass whose last function id is that of a public function; the handler runs the first",
			Break: always(func(r *http.Request, _ []byte) bool {
				ids := r.URL.Query()["fnId"]
				return len(ids) > 1 && strings.HasSuffix(ids[len(ids)-1], "-health")
			}),
		},
		{
			Name: "without-a-step-trusted", Part: Trusting, Kills: "receiving.without-step-unsigned",
			Defect: "a call without a step id is taken for a probe, which is not verified",
			Break: ifUnsigned(func(r *http.Request, _ []byte) bool {
				return isCall(r) && r.URL.Query().Get("fnId") != "" && r.URL.Query().Get("stepId") == ""
			}),
		},
		{
			Name: "old-http-trusted", Part: Trusting, Kills: "facets.versions-wrong-key",
			Defect: "requests in HTTP/1.0, as an old proxy sends them, are not verified",
			Break:  always(func(r *http.Request, _ []byte) bool { return r.ProtoMinor == 0 }),
		},
	}
}

// trustingContents concern the type, the size and the event of a body.
func trustingContents() []Mutant {
	typed := func(types ...string) request {
		return func(r *http.Request, _ []byte) bool {
			mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
			return r.Method == http.MethodPost && slices.Contains(types, strings.ToLower(mediaType))
		}
	}
	larger := func(than, atMost int) request {
		return func(_ *http.Request, body []byte) bool { return len(body) > than && len(body) <= atMost }
	}
	events := func(names ...string) request {
		return func(_ *http.Request, body []byte) bool {
			return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(string(body), `"name":"`+name+`"`) })
		}
	}
	return []Mutant{
		{
			Name: "form-type-trusted", Part: Trusting, Kills: "facets.content-wrong-key",
			Defect: "a body that is declared as multipart or as bytes reaches the function and not the verifier",
			Break:  always(typed("multipart/form-data", "application/octet-stream")),
		},
		{
			Name: "rare-type-trusted", Part: Trusting, Kills: "facets.rare-content-wrong-key",
			Defect: "only JSON types are verified, and newline-delimited JSON is none",
			Break:  always(typed("application/x-ndjson")),
		},
		{
			Name: "untyped-needs-no-signature", Part: Trusting, Kills: "facets.content-unsigned",
			Defect: "a call declared as text needs no signature",
			Break:  ifUnsigned(typed("text/plain", "text/json")),
		},
		{
			Name: "unparsed-body-is-empty", Part: Trusting, Kills: "facets.content-mac-of-nothing",
			Defect: "a body of a type that the parser does not know is empty to the verifier",
			Break:  ifOfNothing(typed("text/plain", "application/xml")),
		},
		{
			Name: "cloud-events-trusted", Part: Trusting, Kills: "facets.content-wrong-key",
			Defect: "only application/json is verified; other JSON types are parsed and run",
			Break: always(func(r *http.Request, body []byte) bool {
				return typed("application/cloudevents+json", "application/vnd.api+json", "application/json-patch+json")(r, body)
			}),
		},
		{
			Name: "failure-event-trusted", Part: Trusting, Kills: "facets.names-wrong-key",
			Defect: "calls with the event inngest/function.failed are not verified",
			Break:  always(events("inngest/function.failed")),
		},
		{
			Name: "timer-needs-no-signature", Part: Trusting, Kills: "facets.names-unsigned",
			Defect: "calls with the event inngest/scheduled.timer need no signature",
			Break:  ifUnsigned(events("inngest/scheduled.timer")),
		},
		{
			Name: "resumed-runs-need-no-signature", Part: Trusting, Kills: "facets.members-unsigned",
			Defect: "calls that continue a run, those with results of steps, need no signature",
			Break:  ifUnsigned(of(http.MethodPost, inBody(`"steps":{"`))),
		},
		{
			Name: "batches-unverified", Part: Trusting, Kills: "facets.members-wrong-key",
			Defect: "only calls with one event are verified, those with a batch of events are not",
			Break:  always(func(r *http.Request, body []byte) bool { return isCall(r) && bytes.Count(body, []byte(`"name":`)) > 2 }),
		},
		{
			Name: "retries-do-not-expire", Part: Window, Kills: "facets.members-expired",
			Defect: "the time of a signature is not checked in further attempts, which may come late",
			Break: forgiveWhich(reference.ErrExpired, func(c *reference.Context) bool {
				return bytes.Contains(c.Body, []byte(`"attempt":1`))
			}),
		},
		{
			Name: "expecting-unverified", Part: Trusting, Kills: "facets.headers-unsigned",
			Defect: "a call with Expect: 100-continue is verified before its body is there, and so not at all",
			Break:  always(has("Expect", "100-continue")),
		},
		{
			Name: "bots-need-no-signature", Part: Trusting, Kills: "facets.headers-unsigned",
			Defect: "requests of crawlers and uptime monitors need no signature",
			Break:  ifUnsigned(func(r *http.Request, _ []byte) bool { return strings.Contains(r.UserAgent(), "bot") }),
		},
		{
			Name: "chunked-needs-no-signature", Part: Trusting, Kills: "calls.chunked-unsigned",
			Defect: "a request without a Content-Length counts as one without a body, which needs no signature",
			Break:  ifUnsigned(func(r *http.Request, _ []byte) bool { return r.ContentLength < 0 }),
		},
		{
			Name: "without-a-run-id-trusted", Part: Trusting, Kills: "receiving.bare-unsigned",
			Defect: "only requests with the header field X-Run-Id need a signature",
			Break:  ifUnsigned(func(r *http.Request, _ []byte) bool { return isCall(r) && r.Header.Get("X-Run-Id") == "" }),
		},
		{
			Name: "whole-blocks-unverified", Part: Trusting, Kills: "receiving.whole-blocks",
			Defect: "a body that fills its last buffer counts as not read, and is not verified",
			Break:  always(func(_ *http.Request, body []byte) bool { return len(body) > 0 && len(body)%(4<<10) == 0 }),
		},
		{
			Name: "test-environments-need-no-signature", Part: Trusting, Kills: "receiving.test-environment-unsigned",
			Defect: "calls whose payload names a test environment need no signature",
			Break:  ifUnsigned(inBody(`"env":"test"`)),
		},
		{
			Name: "scheduled-data-needs-no-signature", Part: Trusting, Kills: "facets.members-unsigned",
			Defect: "calls whose event has a schedule are taken for the platform's own, and need no signature",
			Break:  ifUnsigned(inBody(`"cron":"`)),
		},
		{
			Name: "large-body-unverified", Part: Trusting, Kills: "facets.sizes-wrong-key",
			Defect: "a body above 100 kB is not verified, so as not to hold it in memory twice",
			Break:  always(larger(100<<10, 1<<30)),
		},
		{
			Name: "short-body-unverified", Part: Trusting, Kills: "facets.sizes-wrong-key",
			Defect: "a body below 40 bytes is taken for a ping and not verified",
			Break: always(of(http.MethodPost, func(r *http.Request, body []byte) bool {
				return r.URL.Query().Get("probe") == "" && strings.Contains(string(body), "event") && len(body) < 40
			})),
		},
		{
			Name: "middling-body-needs-no-signature", Part: Trusting, Kills: "facets.sizes-unsigned",
			Defect: "between 64 and 100 KiB, where the body comes in several pieces, no signature is needed",
			Break:  ifUnsigned(larger(64<<10, 100<<10)),
		},
		{
			Name: "streamed-body-is-empty", Part: Trusting, Kills: "facets.sizes-mac-of-nothing",
			Defect: "a body above 32 KiB is a stream that was already read when it is verified",
			Break:  ifOfNothing(larger(32<<10, 1<<30)),
		},
		{
			Name: "very-large-body-unverified", Part: Trusting, Kills: "facets.rare-sizes-wrong-key",
			Defect: "between 128 and 256 KiB, the buffer of one reader, a body is not verified",
			Break:  always(larger(128<<10, 256<<10)),
		},
	}
}
