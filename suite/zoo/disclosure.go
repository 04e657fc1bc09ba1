package zoo

import (
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// disclosing: mutants whose responses contain secrets.
func disclosing() []Mutant {
	return []Mutant{
		{
			Name: "introspection-tells-the-key", Part: Disclosing, Kills: "introspection.keys",
			Defect: "a signed introspection is told the key instead of its hash",
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
			Defect: "the answer to an in-band sync holds the whole environment, keys included",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncIn
				e.SyncIn = func(c *reference.Context) reference.Response {
					return with(sync(c), "environment", c.Getenv(reference.EnvSigningKey))
				}
			},
		},
		{
			Name: "dev-introspection-tells-the-key", Part: Disclosing, Kills: "dev.introspection-keys",
			Defect: "in development mode introspection holds the key, as there is nothing to protect",
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
			Defect: "when the API refuses both keys the answer tells which bearer was refused",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					answer := sync(c)
					if answer.Status == http.StatusOK || c.Keys.Fallback.IsZero() {
						return answer
					}
					return with(answer, "bearer", c.Keys.Fallback.Bearer())
				}
			},
		},
		{
			Name: "refusal-tells-the-mac", Part: Disclosing, Kills: "receiving.wrong-key",
			Defect: "a refusal shows the signature that would have been right, and the key that it was made with",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Response {
					return with(refuse(c, why), "expected", c.Keys.Primary.Text())
				}
			},
		},
		{
			Name: "refusal-names-the-branch", Part: Disclosing, Kills: "keys.branch-refusal",
			Defect: "a refusal says for which environment the signature is wrong",
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
			Defect: "an introspection with a wrong signature shows where it failed",
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
			Defect: "the answer to a call that fails holds the environment, to help whoever looks for the reason",
			Break:  answerTells(http.StatusInternalServerError, "COUNTERSIGN_CANARY_SECRET"),
		},
		{
			Name: "result-dumps-environment", Part: Disclosing, Kills: "disclosure.result",
			Defect: "the answer to a call that ran carries the environment in a header, for debugging",
			Break:  answerTells(http.StatusOK, "COUNTERSIGN_CANARY_SECRET"),
		},
		{
			Name: "failed-read-tells-bearer", Part: Disclosing, Kills: "sending.use-api-both-refused",
			Defect: "when a payload cannot be read the answer shows the request that failed, its bearer included",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					answer := run(c)
					if strings.Contains(string(answer.Body), "refused every signing key") {
						return with(answer, "authorization", c.Keys.Primary.Bearer())
					}
					return answer
				}
			},
		},
		{
			Name: "failed-sync-shows-request", Part: Disclosing, Kills: "disclosure.failed-sync",
			Defect: "when the API fails the answer shows the request that failed, its bearer included",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					answer := sync(c)
					if strings.Contains(string(answer.Body), "503") {
						return with(answer, "authorization", c.Keys.Primary.Bearer())
					}
					return answer
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

// tracing: a refusal shows where it was thrown.
func tracing(of, kills string, when func(c *reference.Context) bool) Mutant {
	return Mutant{
		Name: "stack-in-refused-" + of, Part: Disclosing, Kills: kills,
		Defect: "the refusal of a " + of + " shows where it was thrown",
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

// answerTells: the responses to calls with a status contain a variable of the
// environment.
func answerTells(status int, variable string) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		run := e.Run
		e.Run = func(c *reference.Context) reference.Response {
			answer := run(c)
			if answer.Status == status {
				answer.Header.Set("X-Debug-Environment", c.Getenv(variable))
			}
			return answer
		}
	}
}

// methodTells: the response to an unsupported method contains the environment.
func methodTells(method, kills string) Mutant {
	return Mutant{
		Name: strings.ToLower(method) + "-dumps-environment", Part: Disclosing, Kills: kills,
		Defect: "the answer to a " + method + " holds what the SDK knows of its environment, for debugging",
		Break: func(e *reference.Endpoint) {
			other := e.Other
			e.Other = func(c *reference.Context) reference.Response {
				if c.Request.Method != method {
					return other(c)
				}
				answer := with(other(c), "env", c.Getenv(reference.EnvSigningKey))
				answer.Header.Set("X-Debug-Environment", c.Getenv(reference.EnvSigningKey))
				return answer
			}
		},
	}
}
