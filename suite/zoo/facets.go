package zoo

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// trusting are the mutants in which something that the MAC does not cover decides
// whether a request is verified: a header field, a query parameter, the method, the
// path, the type or size of the body.
func trusting() []Mutant {
	return slices.Concat(trustingHeaders(), trustingOtherHeaders(), trustingTargets(), trustingContents())
}

// request is a condition on a request that is not authentic.
type request func(r *http.Request, body []byte) bool

// always skips verification if a condition holds.
func always(when request) func(*reference.Endpoint) {
	return letIn(func(_ *reference.Endpoint, r *http.Request, body []byte) bool { return when(r, body) })
}

// ifUnsigned needs no signature if a condition holds; one that is there is verified.
func ifUnsigned(when request) func(*reference.Endpoint) {
	return always(func(r *http.Request, body []byte) bool {
		return len(r.Header.Values(reference.HeaderSignature)) == 0 && when(r, body)
	})
}

// ifWrong accepts any well-formed signature that is not expired if a condition holds.
func ifWrong(when request) func(*reference.Endpoint) {
	return forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
		return !c.Keys.Primary.IsZero() && when(c.Request, c.Body)
	})
}

// ifExpired ignores the age of a correct signature if a condition holds.
func ifExpired(when request) func(*reference.Endpoint) {
	return forgiveWhich(reference.ErrExpired, func(c *reference.Context) bool {
		return matchesOver(c, c.Body) && when(c.Request, c.Body)
	})
}

// ifOfNothing accepts the MAC of an empty message if a condition holds.
func ifOfNothing(when request) func(*reference.Endpoint) {
	return forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
		return matchesOver(c, nil) && when(c.Request, c.Body)
	})
}

// matchesOver reports whether the MAC of a request is the primary key's over a message.
func matchesOver(c *reference.Context, message []byte) bool {
	s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
	return err == nil && c.Match(c.Keys.Primary, message, t, s.MAC)
}

// has holds for requests with a header field of one of these values.
func has(name string, values ...string) request {
	return func(r *http.Request, _ []byte) bool { return slices.Contains(values, r.Header.Get(name)) }
}

// of is a condition for requests with one method.
func of(method string, when request) request {
	return func(r *http.Request, body []byte) bool { return r.Method == method && when(r, body) }
}

func trustingHeaders() []Mutant {
	posted := func(when request) request { return of(http.MethodPost, when) }
	return []Mutant{
		{
			Name: "local-forwarded-for-trusted", Part: Trusting, Kills: "facets.headers-unsigned",
			Defect: "a request with X-Forwarded-For: ::1 is taken for a local one and not verified",
			Break:  always(has("X-Forwarded-For", "::1")),
		},
		{
			Name: "local-real-ip-needs-no-signature", Part: Trusting, Kills: "facets.headers-unsigned",
			Defect: "a call whose X-Real-IP is a loopback address needs no signature",
			Break:  ifUnsigned(posted(has("X-Real-IP", "127.0.0.1", "::1"))),
		},
		{
			Name: "internal-header-is-a-signature", Part: Trusting, Kills: "facets.headers-wrong-key",
			Defect: "a call with X-Internal: true passes with any well-formed signature",
			Break:  ifWrong(posted(has("X-Internal", "true"))),
		},
		{
			Name: "replay-header-stops-the-clock", Part: Trusting, Kills: "facets.headers-expired",
			Defect: "with X-Inngest-Replay, as for a replayed run, the age of a signature is not checked",
			Break:  ifExpired(has("X-Inngest-Replay", "1")),
		},
		{
			Name: "date-header-is-the-clock", Part: Trusting, Kills: "facets.headers-expired",
			Defect: "the age of a signature is measured from the request's own Date header, if there is one",
			Break: forgiveWhich(reference.ErrExpired, func(c *reference.Context) bool {
				s, _, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
				date, unreadable := http.ParseTime(c.Request.Header.Get("Date"))
				return err == nil && unreadable == nil && date.Sub(s.Time).Abs() < time.Minute && matchesOver(c, c.Body)
			}),
		},
		{
			Name: "rewritten-body-is-empty", Part: Trusting, Kills: "facets.headers-mac-of-nothing",
			Defect: "with X-Original-URL, the request is verified as the rewritten one, which has no body",
			Break:  ifOfNothing(func(r *http.Request, _ []byte) bool { return r.Header.Get("X-Original-URL") != "" }),
		},
		{
			Name: "subrequest-header-skips-middleware", Part: Trusting, Kills: "facets.headers-wrong-key",
			Defect: "a request that claims to be a sub-request of the middleware is not verified by it",
			Break: always(func(r *http.Request, _ []byte) bool {
				return strings.Count(r.Header.Get("X-Middleware-Subrequest"), "middleware") >= 5
			}),
		},
		{
			Name: "original-host-trusted", Part: Trusting, Kills: "facets.headers-wrong-key",
			Defect: "a request whose X-Original-Host is the server's own name is not verified",
			Break:  always(has("X-Original-Host", "inngest.com")),
		},
		{
			Name: "cron-header-trusted", Part: Trusting, Kills: "facets.headers-unsigned",
			Defect: "a request with a platform's cron header, which only the platform is supposed to send, is not verified",
			Break:  always(has("X-Appengine-Cron", "true")),
		},
		{
			Name: "edge-verified-header-trusted", Part: Trusting, Kills: "facets.headers-unsigned",
			Defect: "a request with X-Signature-Verified: true counts as verified by the edge",
			Break:  always(has("X-Signature-Verified", "true")),
		},
		{
			Name: "override-evades-the-guard", Part: Trusting, Kills: "facets.headers-wrong-key",
			Defect: "the guard looks at X-HTTP-Method-Override, and lets an OPTIONS pass; the handler runs the POST",
			Break:  always(posted(has("X-HTTP-Method-Override", "OPTIONS"))),
		},
		{
			Name: "health-checker-trusted", Part: Trusting, Kills: "facets.headers-unsigned",
			Defect: "a request with the User-Agent of a health checker is not verified",
			Break: always(func(r *http.Request, _ []byte) bool {
				return strings.HasPrefix(r.UserAgent(), "ELB-HealthChecker") || strings.HasPrefix(r.UserAgent(), "kube-probe")
			}),
		},
		{
			Name: "prefetch-trusted", Part: Trusting, Kills: "facets.headers-wrong-key",
			Defect: "a matcher that leaves prefetches out leaves them unverified",
			Break:  always(has("Purpose", "prefetch")),
		},
		{
			Name: "debug-cookie-trusted", Part: Trusting, Kills: "facets.headers-unsigned",
			Defect: "a request with the cookie debug=1 is not verified",
			Break: always(func(r *http.Request, _ []byte) bool {
				cookie, err := r.Cookie("debug")
				return err == nil && cookie.Value == "1"
			}),
		},
		{
			Name: "own-origin-trusted", Part: Trusting, Kills: "facets.headers-unsigned",
			Defect: "a request whose Origin is the server's dashboard is not verified",
			Break:  always(has("Origin", "https://app.inngest.com")),
		},
		{
			Name: "two-headers-trusted", Part: Trusting, Kills: "facets.headers-wrong-key",
			Defect: "a request that is local by X-Forwarded-For and comes over https by X-Forwarded-Proto is not verified",
			Break: always(func(r *http.Request, body []byte) bool {
				return has("X-Forwarded-For", "127.0.0.1")(r, body) && has("X-Forwarded-Proto", "https")(r, body)
			}),
		},
	}
}

// trustingOtherHeaders concern introspection and in-band syncs, and credentials.
func trustingOtherHeaders() []Mutant {
	bearing := func(r *http.Request, _ []byte) bool {
		return strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	return []Mutant{
		{
			Name: "debug-header-introspects", Part: Trusting, Kills: "facets.introspection-headers-unsigned",
			Defect: "the response to an unsigned introspection with X-Debug contains privileged fields",
			Break: introspecting(func(c *reference.Context, a reference.Response) reference.Response {
				if !c.Signed && c.Request.Header.Get("X-Debug") != "" {
					return with(a, "app_id", c.AppID, "api_origin", c.Mode.API)
				}
				return a
			}),
		},
		{
			Name: "admin-header-introspects", Part: Trusting, Kills: "facets.introspection-headers-wrong-key",
			Defect: "an introspection with X-Admin: true passes with any well-formed signature",
			Break:  ifWrong(of(http.MethodGet, has("X-Admin", "true"))),
		},
		{
			Name: "platform-header-syncs", Part: Trusting, Kills: "facets.inband-headers-wrong-key",
			Defect: "an in-band sync with X-Inngest-Platform: vercel passes with any well-formed signature",
			Break:  ifWrong(of(http.MethodPut, has("X-Inngest-Platform", "vercel"))),
		},
		{
			Name: "bearer-hash-is-enough", Part: Trusting, Kills: "facets.credentials-unsigned",
			Defect: "an Authorization header with the key's hash is accepted in place of a signature",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				key, err := e.ParseKey(e.Getenv(reference.EnvSigningKey))
				return err == nil && r.Method == http.MethodPost && r.Header.Get("Authorization") == "Bearer "+key.Bearer() && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
		{
			Name: "event-key-is-enough", Part: Trusting, Kills: "facets.credentials-unsigned",
			Defect: "the event key as a bearer token or in the query is accepted in place of a signature",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				key := e.Getenv(reference.EnvEventKey)
				return r.Method == http.MethodPost && key != "" && (r.Header.Get("Authorization") == "Bearer "+key || r.URL.Query().Get("key") == key)
			}),
		},
		{
			Name: "bearer-excuses-a-mismatch", Part: Trusting, Kills: "facets.credentials-wrong-key",
			Defect: "a signature that does not match is excused by the key's hash in X-Inngest-Key",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				key := c.Keys.Primary
				return !key.IsZero() && c.Request.Method == http.MethodPost && c.Request.Header.Get("X-Inngest-Key") == key.Bearer()
			}),
		},
		{
			Name: "any-bearer-is-enough", Part: Trusting, Kills: "facets.headers-unsigned",
			Defect: "a call with any bearer token at all needs no signature: another layer is supposed to check it",
			Break:  ifUnsigned(of(http.MethodPost, bearing)),
		},
	}
}

// queried holds for requests with a query parameter of this value.
func queried(name, value string) request {
	return func(r *http.Request, _ []byte) bool { return r.URL.Query().Get(name) == value }
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
				return c.Request.Method == "REPORT" && c.Signed && matchesOver(c, nil)
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

// guessing are the mutants that take a wrong key, sum or part of a MAC for the
// correct one.
func guessing() []Mutant {
	spelled := func(when func(c *reference.Context, v url.Values) bool) func(*reference.Endpoint) {
		return forgive(func(c *reference.Context, _ error) bool {
			query, err := url.ParseQuery(c.Request.Header.Get(reference.HeaderSignature))
			return err == nil && !c.Keys.Primary.IsZero() && c.Request.Method == http.MethodPost && query.Get("t") != "" && when(c, query)
		})
	}
	keyed := func(key func(k reference.Key) string) func(*reference.Endpoint) {
		return alsoMatch(func(k reference.Key, message []byte, t string) []byte {
			return mac(sha256.New, []byte(key(k)), message, t)
		})
	}
	return slices.Concat(guessingKeys(keyed), guessingSums(spelled))
}
