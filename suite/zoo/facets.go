package zoo

import (
	"net/http"
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
		return matchesOver(c, c.Keys.Primary, c.Body) && when(c.Request, c.Body)
	})
}

// ifOfNothing accepts the MAC of an empty message if a condition holds.
func ifOfNothing(when request) func(*reference.Endpoint) {
	return forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
		return matchesOver(c, c.Keys.Primary, nil) && when(c.Request, c.Body)
	})
}

// matchesOver reports whether the MAC of a request is a key's over a message.
func matchesOver(c *reference.Context, key reference.Key, message []byte) bool {
	s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
	return err == nil && c.Match(key, message, t, s.MAC)
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
			Name: "streams-need-no-signature", Part: Trusting, Kills: "receiving.stream-unsigned",
			Defect: "requests for a stream take a path of their own, on which nothing is verified",
			Break:  ifUnsigned(posted(has("Accept", "text/event-stream"))),
		},
		{
			Name: "upgrades-need-no-signature", Part: Trusting, Kills: "receiving.upgrade-unsigned",
			Defect: "requests for a WebSocket are handed on before anything is verified",
			Break:  ifUnsigned(posted(has("Upgrade", "websocket"))),
		},
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
				return err == nil && unreadable == nil && date.Sub(s.Time).Abs() < time.Minute && matchesOver(c, c.Keys.Primary, c.Body)
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
			Name: "debug-query-shows-the-key", Part: Disclosing, Kills: "introspection.query",
			Defect: "the response to a signed introspection with ?debug contains the signing key",
			Break: introspecting(func(c *reference.Context, a reference.Response) reference.Response {
				if c.MatchedKey != reference.NoKey && c.Request.URL.Query().Has("debug") {
					return with(a, "signing_key", c.Keys.Primary.Text())
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
