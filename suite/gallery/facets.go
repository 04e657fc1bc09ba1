package gallery

import (
	"net/http"
	"path"
	"slices"
	"strings"
)

// oddities: endpoints that respond in ways of their own to header fields, queries,
// paths and methods that Inngest never sends, and verify nevertheless.
func oddities() []Endpoint {
	return []Endpoint{
		{
			Name: "debug-fields-403", Part: Strict,
			Peculiar: "a firewall responds to X-Debug, X-Admin, X-Internal and X-Test with 403 and a page",
			Wrap:     instead(hasField("X-Debug", "X-Admin", "X-Internal", "X-Test"), page(http.StatusForbidden)),
		},
		{
			Name: "many-fields-431", Part: Strict,
			Peculiar: "more than 40 header fields get 431",
			Wrap:     instead(func(r *http.Request) bool { return len(r.Header) > 40 }, page(http.StatusRequestHeaderFieldsTooLarge)),
		},
		{
			Name: "foreign-origin-403", Part: Strict,
			Peculiar: "a request with an Origin, or one that a browser marks as cross-site, gets 403: protection against forged requests of web pages",
			Wrap:     instead(hasField("Origin"), respondWith(http.StatusForbidden, "application/json", `{"error":"bad origin"}`)),
		},
		{
			Name: "override-honoured", Part: Proxies,
			Peculiar: "X-HTTP-Method-Override replaces the method of a POST before anything else looks at it, the verification included",
			Wrap: before(func(r *http.Request) {
				if method := r.Header.Get("X-HTTP-Method-Override"); r.Method == http.MethodPost && method != "" {
					r.Method = method
				}
			}),
		},
		{
			Name: "original-url-honoured", Part: Proxies,
			Peculiar: "X-Original-URL and X-Rewrite-URL replace the path and the query before the router looks at them",
			Wrap: before(func(r *http.Request) {
				for _, name := range []string{"X-Original-URL", "X-Rewrite-URL"} {
					if target, err := r.URL.Parse(r.Header.Get(name)); err == nil && r.Header.Get(name) != "" {
						r.URL = target
					}
				}
			}),
		},
		{
			Name: "health-200", Part: Hosting,
			Peculiar: "a health check gets 200 and runs nothing: by its path, its query, its header field or its User-Agent, with any method",
			Wrap: instead(func(r *http.Request) bool {
				return strings.Contains(r.URL.Path, "health") || r.URL.Query().Has("health") || r.URL.Query().Has("ping") || r.Header.Get("X-Health-Check") != "" ||
					strings.HasPrefix(r.UserAgent(), "kube-probe") || strings.HasPrefix(r.UserAgent(), "GoogleHC")
			}, respondWith(http.StatusOK, "application/json", `{"status":"ok"}`)),
		},
		{
			Name: "head-and-options-200", Part: Hosting,
			Peculiar: "HEAD and OPTIONS get 200 OK, and other methods the page of a framework with 200",
			Wrap: instead(func(r *http.Request) bool {
				return !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut}, r.Method)
			}, respondWith(http.StatusOK, "text/html", "<html>OK</html>")),
		},
		{
			Name: "unknown-query-400", Part: Strict,
			Peculiar: "a query parameter that the endpoint does not know gets 400",
			Wrap: instead(func(r *http.Request) bool {
				for name := range r.URL.Query() {
					if !slices.Contains([]string{"fnId", "stepId", "probe", "deployId"}, name) {
						return true
					}
				}
				return false
			}, respondWith(http.StatusBadRequest, "application/json", `{"error":"unknown parameter"}`)),
		},
		{
			Name: "path-normalised", Part: Hosting,
			Peculiar: "the router takes paths in any case, with slashes twice or at the end, and dots, for the endpoint's; verification comes after it",
			Wrap:     before(func(r *http.Request) { r.URL.Path = path.Clean(strings.ToLower("/" + r.URL.Path)) }),
		},
		{
			Name: "old-http-505", Part: Strict,
			Peculiar: "HTTP/1.0 gets 505",
			Wrap:     instead(func(r *http.Request) bool { return r.ProtoMinor == 0 }, page(http.StatusHTTPVersionNotSupported)),
		},
		{
			Name: "prefetch-204", Part: Hosting,
			Peculiar: "a prefetch or a preview gets 204 and runs nothing",
			Wrap: instead(hasField("Purpose", "Sec-Purpose", "X-Moz"), func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusNoContent)
			}),
		},
		{
			Name: "bypass-redirects", Part: Hosting,
			Peculiar: "a request with a bypass token of the platform is redirected to itself with a cookie",
			Wrap: instead(func(r *http.Request) bool {
				return r.URL.Query().Has("x-vercel-protection-bypass") || r.Header.Get("X-Vercel-Protection-Bypass") != ""
			}, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Set-Cookie", "_vercel_jwt=x; HttpOnly")
				http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
			}),
		},
		{
			Name: "bearer-answers-401", Part: Strict,
			Peculiar: "an Authorization that its own login does not know gets 401, before anything else",
			Wrap:     instead(hasField("Authorization"), respondWith(http.StatusUnauthorized, "application/json", `{"error":"unknown token"}`, "WWW-Authenticate", "Bearer")),
		},
		{
			Name: "echoes-fields", Part: Responses,
			Peculiar: "every response repeats the request's id, origin and cookies, as middleware for tracing does",
			Wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					for _, name := range []string{"X-Request-Id", "X-Correlation-Id", "Traceparent", "Origin", "X-Api-Key"} {
						if value := r.Header.Get(name); value != "" {
							w.Header().Set("X-Echo-"+name, value)
						}
					}
					next.ServeHTTP(w, r)
				})
			},
		},
	}
}

// hasField holds for requests with one of these header fields.
func hasField(names ...string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return slices.ContainsFunc(names, func(name string) bool { return r.Header.Get(name) != "" })
	}
}
