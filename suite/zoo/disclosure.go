package zoo

import (
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// disclosing are the mutants whose responses contain secrets.
func disclosing() []Mutant {
	return []Mutant{
		{
			Name: "introspection-tells-the-key", Part: Disclosing, Kills: "introspection.keys",
			Defect: "the response to a signed introspection contains the key instead of its hash",
			Break: func(e *reference.Endpoint) {
				introspect := e.Introspect
				e.Introspect = func(c *reference.Context) reference.Response {
					if c.MatchedKey == reference.NoKey {
						return introspect(c)
					}
					return with(introspect(c), "signing_key_hash", c.Keys.Primary.Text())
				}
			},
		},
		{
			Name: "sync-tells-the-key", Part: Disclosing, Kills: "inband.keys",
			Defect: "the response to an in-band sync contains the whole environment, including keys",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncIn
				e.SyncIn = func(c *reference.Context) reference.Response {
					return with(sync(c), "environment", c.Getenv(reference.EnvSigningKey))
				}
			},
		},
		{
			Name: "dev-introspection-tells-the-key", Part: Disclosing, Kills: "dev.introspection-keys",
			Defect: "in dev mode, the response to an introspection contains the key",
			Break: func(e *reference.Endpoint) {
				introspect := e.Introspect
				e.Introspect = func(c *reference.Context) reference.Response {
					if !c.Mode.Dev {
						return introspect(c)
					}
					return with(introspect(c), "key", c.Keys.Primary.Text())
				}
			},
		},
		{
			Name: "failed-sync-tells-the-bearer", Part: Disclosing, Kills: "keys.both-refused",
			Defect: "if the API rejects both keys, the response contains the rejected bearer token",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					response := sync(c)
					if response.Status == http.StatusOK || c.Keys.Fallback.IsZero() {
						return response
					}
					return with(response, "bearer", c.Keys.Fallback.Bearer())
				}
			},
		},
		{
			Name: "refusal-tells-the-mac", Part: Disclosing, Kills: "receiving.wrong-key",
			Defect: "a refusal contains the expected signature and the key",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Response {
					return with(refuse(c, why), "expected", c.Keys.Primary.Text())
				}
			},
		},
		{
			Name: "refusal-names-the-branch", Part: Disclosing, Kills: "keys.branch-refusal",
			Defect: "a refusal contains the name of the environment",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Response {
					return with(refuse(c, why), "environment", c.Getenv(reference.EnvEnvironment))
				}
			},
		},
		tracing("call", "disclosure.stack", func(c *reference.Context) bool { return isCall(c.Request) && !c.Signed }),
		tracing("header", "disclosure.stack-of-header", func(c *reference.Context) bool {
			return c.Request.Header.Get(reference.HeaderSignature) == "signed by me"
		}),
		{
			Name: "stack-in-introspection", Part: Disclosing, Kills: "disclosure.stack-of-introspection",
			Defect: "the response to an introspection with a wrong signature contains a stack trace",
			Break: func(e *reference.Endpoint) {
				introspect := e.Introspect
				e.Introspect = func(c *reference.Context) reference.Response {
					if c.Err == nil {
						return introspect(c)
					}
					return with(introspect(c), "extra", stack)
				}
			},
		},
		{
			Name: "failure-dumps-environment", Part: Disclosing, Kills: "disclosure.unknown-function",
			Defect: "the response to a call that fails contains the environment",
			Break:  responseTells(http.StatusInternalServerError, "COUNTERSIGN_CANARY_SECRET"),
		},
		{
			Name: "result-dumps-environment", Part: Disclosing, Kills: "disclosure.result",
			Defect: "the response to a call that ran contains the environment in a debugging header",
			Break:  responseTells(http.StatusOK, "COUNTERSIGN_CANARY_SECRET"),
		},
		{
			Name: "failed-read-tells-bearer", Part: Disclosing, Kills: "sending.use-api-both-refused",
			Defect: "if a payload cannot be read, the response contains the failed request with its bearer token",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					response := run(c)
					if strings.Contains(string(response.Body), "refused every signing key") {
						return with(response, "authorization", c.Keys.Primary.Bearer())
					}
					return response
				}
			},
		},
		{
			Name: "failed-sync-shows-request", Part: Disclosing, Kills: "disclosure.failed-sync",
			Defect: "if the API fails, the response contains the failed request with its bearer token",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					response := sync(c)
					if strings.Contains(string(response.Body), "503") {
						return with(response, "authorization", c.Keys.Primary.Bearer())
					}
					return response
				}
			},
		},
		methodTells(http.MethodTrace, "calls.trace"),
		methodTells("PURGE", "calls.unknown-method"),
		methodTells(http.MethodDelete, "calls.delete"),
		methodTells(http.MethodPatch, "calls.patch"),
		methodTells(http.MethodHead, "calls.head"),
		methodTells(http.MethodOptions, "calls.options"),
	}
}

const stack = "Error: refused\n    at verify (/srv/app/node_modules/sdk/index.js:10:5)"

// tracing makes a mutant whose refusals contain a stack trace.
func tracing(of, kills string, when func(c *reference.Context) bool) Mutant {
	return Mutant{
		Name: "stack-in-refused-" + of, Part: Disclosing, Kills: kills,
		Defect: "the response to a refused " + of + " contains a stack trace",
		Break: func(e *reference.Endpoint) {
			refuse := e.Refuse
			e.Refuse = func(c *reference.Context, why error) reference.Response {
				if !when(c) {
					return refuse(c, why)
				}
				return with(refuse(c, why), "stack", stack)
			}
		},
	}
}

// responseTells makes a mutant whose responses to calls, if they have a status,
// contain a variable of the environment.
func responseTells(status int, variable string) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		run := e.Run
		e.Run = func(c *reference.Context) reference.Response {
			response := run(c)
			if response.Status == status {
				response.Header.Set("X-Debug-Environment", c.Getenv(variable))
			}
			return response
		}
	}
}

// methodTells makes a mutant whose responses to an unsupported method contain the
// environment.
func methodTells(method, kills string) Mutant {
	return Mutant{
		Name: strings.ToLower(method) + "-dumps-environment", Part: Disclosing, Kills: kills,
		Defect: "responses to " + method + " contain the environment",
		Break: func(e *reference.Endpoint) {
			other := e.Other
			e.Other = func(c *reference.Context) reference.Response {
				if c.Request.Method != method {
					return other(c)
				}
				response := with(other(c), "env", c.Getenv(reference.EnvSigningKey))
				response.Header.Set("X-Debug-Environment", c.Getenv(reference.EnvSigningKey))
				return response
			}
		},
	}
}
