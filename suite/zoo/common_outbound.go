package zoo

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/reference"
)

// commonOutbound: mutants with one mistake in all requests to the API.
func commonOutbound() []Mutant {
	retried := func(syncsOnly bool, refuses func(status int) bool) func(*reference.Endpoint) {
		return client(func(in *reference.Context, c *reference.Client) {
			if !syncsOnly || in.Request.Method == http.MethodPut {
				c.Refuses = func(status int) bool { return reference.RefusesKey(status) || refuses(status) }
			}
		})
	}
	failed := func(status int) bool { return status >= http.StatusBadRequest }
	return []Mutant{
		{
			Name: "retry-on-every-error", Part: OutFallback, Kills: "keys.no-switch-on-500",
			Defect: "any error response from the API triggers the fallback key, not only 401 and 403",
			Break:  retried(false, failed),
		},
		{
			Name: "retry-of-syncs-on-every-error", Part: OutFallback, Kills: "keys.no-switch-on-500",
			Defect: "any error response from the API to a sync triggers the fallback key, not only 401 and 403",
			Break:  retried(true, failed),
		},
		{
			Name: "retry-on-every-server-error", Part: OutFallback, Kills: "keys.no-switch-on-503",
			Defect: "any 5xx from the API triggers the fallback key",
			Break:  retried(false, func(status int) bool { return status >= http.StatusInternalServerError }),
		},
		{
			Name: "every-redirect-followed", Part: Outbound, Kills: "sending.redirect",
			Defect: "a redirect to another origin is followed, and the bearer token goes there, too",
			Break:  followRedirects(http.MethodPut, http.MethodPost),
		},
		{
			Name: "every-failed-read-ignored", Part: Outbound, Kills: "sending.use-api-error",
			Defect: "if the API returns an error instead of a payload, the function runs on what the call contained",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					response := run(c)
					if response.Status < http.StatusInternalServerError || !strings.Contains(string(c.Body), `"use_api":true`) {
						return response
					}
					c.Body = []byte(strings.ReplaceAll(string(c.Body), `"use_api":true`, `"use_api":false`))
					return run(c)
				}
			},
		},
		{
			Name: "server-error-of-sync-ignored", Part: SyncPart, Kills: "sync.api-error",
			Defect: "a sync to which the API responds with 500 is reported as a success",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					response := sync(c)
					if strings.Contains(string(response.Body), "500") {
						response.Status = http.StatusOK
					}
					return response
				}
			},
		},
	}
}

// commonFailures: mutants with one mistake for a whole kind of request.
func commonFailures() []Mutant {
	post := func(r *http.Request, body []byte) bool {
		return r.Method == http.MethodPost && len(body) > 0 && r.Header.Get(reference.HeaderSignature) == ""
	}
	dies := func(name, kills, of string, when func(r *http.Request, body []byte) bool) Mutant {
		m := diesOf(name, of, when)
		m.Kills = kills
		return m
	}
	return []Mutant{
		dies("invalid-json", "survival.not-json", "a body that is not valid JSON",
			func(r *http.Request, body []byte) bool { return post(r, body) && !json.Valid(body) }),
		dies("json-of-another-type", "survival.null", "a JSON body that is not an object",
			func(r *http.Request, body []byte) bool {
				return post(r, body) && json.Valid(body) && !strings.HasPrefix(strings.TrimSpace(string(body)), "{")
			}),
		dies("json-without-canonical-form", "survival.duplicate-names", "a body that has no canonical form (invalid UTF-8, a lone surrogate, a duplicate name, a number too large for a double)",
			func(r *http.Request, body []byte) bool {
				text := string(body)
				return post(r, body) && r.Header.Get("Content-Encoding") == "" && (!utf8.Valid(body) || strings.Contains(text, `\ud800"`) || strings.Contains(text, "1e999") || text == `{"a":1,"a":2}`)
			}),
		dies("invalid-urls", "survival.host-with-blank", "a Host, X-Forwarded-Host or X-Forwarded-Proto that makes no valid URL",
			func(r *http.Request, _ []byte) bool {
				return strings.ContainsAny(r.Host, " ") || strings.HasSuffix(r.Host, ":port") ||
					r.Header.Get("X-Forwarded-Proto") == "://" || strings.HasPrefix(r.Header.Get("X-Forwarded-Host"), "[::")
			}),
		dies("percent-encoding", "survival.query-percent", "invalid percent-encoding in the query or the signature header",
			func(r *http.Request, _ []byte) bool {
				return strings.Contains(r.URL.RawQuery+r.Header.Get(reference.HeaderSignature), "%zz")
			}),
		dies("prototypes", "survival.prototype", "the name __proto__ in the body or the query",
			func(r *http.Request, body []byte) bool {
				return strings.Contains(r.URL.RawQuery+string(body), "__proto__")
			}),
		dies("syncs-not-json", "survival.sync-not-json", "a sync body that is not JSON",
			func(r *http.Request, body []byte) bool {
				return r.Method == http.MethodPut && string(body) == "not json"
			}),
		{
			Name: "other-methods-dump-environment", Part: Disclosing, Kills: "calls.unknown-method",
			Defect: "responses to unsupported methods contain the environment, including keys",
			Break: func(e *reference.Endpoint) {
				other := e.Other
				e.Other = func(c *reference.Context) reference.Response {
					response := with(other(c), "env", c.Getenv(reference.EnvSigningKey))
					response.Header.Set("X-Debug-Environment", c.Getenv(reference.EnvSigningKey))
					return response
				}
			},
		},
		{
			Name: "refusals-show-stack", Part: Disclosing, Kills: "disclosure.stack",
			Defect: "refusals of calls contain a stack trace",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Response {
					return with(refuse(c, why), "stack", stack)
				}
			},
		},
	}
}
