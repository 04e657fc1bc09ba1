package zoo

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// syncing: mutants that register the wrong things.
func syncing() []Mutant {
	return []Mutant{
		{
			Name: "register-skipped", Part: SyncPart, Kills: "sync.registers",
			Defect: "a sync is answered as a success without asking the API",
			Break: answerOf(func(e *reference.Endpoint) *func(*reference.Context) reference.Answer { return &e.SyncOut },
				func(*reference.Context) reference.Answer {
					return plain(http.StatusOK, `{"message":"Successfully synced.","modified":true}`)
				}),
		},
		{
			Name: "deploy-id-dropped", Part: SyncPart, Kills: "sync.deploy-id",
			Defect: "the deployId of a sync does not reach the API",
			Break:  onTheWay(func(_ *reference.Context, r *http.Request) { r.URL.RawQuery = "" }),
		},
		{
			Name: "deploy-id-registered", Part: SyncPart, Kills: "sync.deploy-id-not-registered",
			Defect: "the deployId of a sync becomes part of the registered URL",
			Break:  serveURL(func(c *reference.Context, url string) string { return url + "?" + c.Request.URL.RawQuery }),
		},
		{
			Name: "server-kind-dropped", Part: SyncPart, Kills: "sync.server-kind",
			Defect: "the kind of the server that asks for a sync is not forwarded",
			Break: onTheWay(func(_ *reference.Context, r *http.Request) {
				r.Header.Del(reference.HeaderExpectedServerKind)
			}),
		},
		{
			Name: "sync-tells-all", Part: SyncPart, Kills: "sync.unsigned-quiet",
			Defect: "the answer to a sync repeats what was registered, whoever asked for it",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Answer {
					return with(sync(c), "app_id", c.AppID, "sdk_language", "go")
				}
			},
		},
		{
			Name: "modified-dropped", Part: SyncPart, Kills: "sync.answer",
			Defect: "the API's modified does not reach the caller",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Answer { return with(sync(c), "modified", false) }
			},
		},
		{
			Name: "host-believed", Part: SyncPart, Kills: "sync.forged-host",
			Defect: "the registered URL is made from the Host of whoever asks, although the origin is configured",
			Break: serveURL(func(c *reference.Context, url string) string {
				if strings.HasPrefix(c.Request.Host, "127.0.0.1") {
					return url
				}
				return "http://" + c.Request.Host + c.Request.URL.Path
			}),
		},
		{
			Name: "forwarded-host-believed", Part: SyncPart, Kills: "sync.forged-forwarded-host",
			Defect: "the registered URL is made from X-Forwarded-Host, although the origin is configured",
			Break: serveURL(func(c *reference.Context, url string) string {
				if host := c.Request.Header.Get("X-Forwarded-Host"); host != "" {
					return "https://" + host + c.Request.URL.Path
				}
				return url
			}),
		},
		{
			Name: "forwarded-proto-believed", Part: SyncPart, Kills: "sync.forged-forwarded-proto",
			Defect: "the scheme of the registered URL is made from X-Forwarded-Proto, although the origin is configured",
			Break: serveURL(func(c *reference.Context, url string) string {
				if proto := c.Request.Header.Get("X-Forwarded-Proto"); proto != "" {
					_, rest, _ := strings.Cut(url, "://")
					return proto + "://" + rest
				}
				return url
			}),
		},
		{
			Name: "body-url-believed", Part: SyncPart, Kills: "sync.forged-body-url",
			Defect: "the URL that an unsigned sync names in its body is registered",
			Break: serveURL(func(c *reference.Context, url string) string {
				var asked struct {
					URL string `json:"url"`
				}
				if json.Unmarshal(c.Body, &asked) == nil && !isInBand(c.Request) && !strings.Contains(asked.URL, c.Request.Host) {
					return asked.URL
				}
				return url
			}),
		},
		{
			Name: "in-band-origin-ignored", Part: SyncPart, Kills: "inband.serve-origin",
			Defect: "an in-band sync answers with the URL that it was sent, although the origin is configured",
			Break: serveURL(func(c *reference.Context, url string) string {
				if isInBand(c.Request) {
					return "https://elsewhere.countersign.example" + c.Request.URL.Path
				}
				return url
			}),
		},
		{
			Name: "api-follows-host", Part: SyncPart, Kills: "sync.api-is-configured",
			Defect: "the API is asked at the host that the request names",
			Break: func(e *reference.Endpoint) {
				origin := e.APIOrigin
				e.APIOrigin = func(c *reference.Context) string {
					if strings.HasPrefix(c.Request.Host, "elsewhere") {
						return "http://" + c.Request.Host
					}
					return origin(c)
				}
			},
		},
		{
			Name: "refused-sync-tells-all", Part: SyncPart, Kills: "sync.wrong-key-quiet",
			Defect: "a sync with a wrong signature is told what would have been registered",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Answer {
					if c.Request.Method != http.MethodPut || isInBand(c.Request) {
						return refuse(c, why)
					}
					return with(refuse(c, why), "app_id", c.AppID)
				}
			},
		},
		{
			Name: "serve-origin-ignored", Part: SyncPart, Kills: "sync.serve-origin",
			Defect: "INNGEST_SERVE_ORIGIN is not read",
			Break: serveURL(func(c *reference.Context, _ string) string {
				return "http://" + c.Request.Host + c.Request.URL.Path
			}),
		},
		{
			Name: "failed-sync-is-a-success", Part: SyncPart, Kills: "sync.api-error",
			Defect: "a sync that the API fails is answered with 200",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Answer {
					answer := sync(c)
					answer.Status = http.StatusOK
					return answer
				}
			},
		},
		{
			Name: "sync-kind-misspelled", Part: SyncPart, Kills: "inband.kind",
			Defect: "the answer to an in-band sync spells its kind with a hyphen",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncIn
				e.SyncIn = func(c *reference.Context) reference.Answer {
					answer := sync(c)
					answer.Header.Set(reference.HeaderSyncKind, "in-band")
					return answer
				}
			},
		},
		{
			Name: "sync-without-functions", Part: SyncPart, Kills: "inband.signed",
			Defect: "an in-band sync is answered without the functions",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncIn
				e.SyncIn = func(c *reference.Context) reference.Answer { return with(sync(c), "functions", []any{}) }
			},
		},
	}
}

// inspecting: mutants whose introspection tells too much or too little.
func inspecting() []Mutant {
	telling := func(when func(c *reference.Context) bool) func(*reference.Endpoint) {
		return func(e *reference.Endpoint) {
			introspect := e.Introspect
			e.Introspect = func(c *reference.Context) reference.Answer {
				if c.Which == reference.Neither && when(c) {
					return with(introspect(c), "app_id", c.AppID, "api_origin", c.Mode.API)
				}
				return introspect(c)
			}
		}
	}
	change := func(name string, value any) func(*reference.Endpoint) {
		return func(e *reference.Endpoint) {
			introspect := e.Introspect
			e.Introspect = func(c *reference.Context) reference.Answer { return with(introspect(c), name, value) }
		}
	}
	return []Mutant{
		{
			Name: "introspection-open", Part: Inspection, Kills: "introspection.unsigned",
			Defect: "an unsigned introspection is told the app and where its API is",
			Break:  telling(func(c *reference.Context) bool { return !c.Signed }),
		},
		{
			Name: "introspection-open-to-dev-servers", Part: Inspection, Kills: "introspection.server-kind",
			Defect: "an introspection that says it is from a dev server is told the app",
			Break:  telling(func(c *reference.Context) bool { return c.Request.Header.Get(reference.HeaderServerKind) == "dev" }),
		},
		{
			Name: "introspection-redated", Part: Inspection, Kills: "introspection.redated",
			Defect: "introspection tries the seconds around t, too",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				s, _, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
				later := reference.Signature{Time: s.Time.Add(30 * time.Second)}
				return err == nil && c.Request.Method == http.MethodGet && c.Match(c.Keys.Primary, nil, later.T(), s.MAC)
			}),
		},
		{
			Name: "introspection-unverified", Part: Inspection, Kills: "introspection.wrong-key",
			Defect: "introspection takes any well-formed signature for a good one",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Request.Method == http.MethodGet && !c.Keys.Primary.IsZero()
			}),
		},
		{
			Name: "introspection-empty-key", Part: Inspection, Kills: "introspection.empty-key",
			Defect: "introspection also accepts what the empty key signed",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Request.Method == http.MethodGet && emptyKeySigned(c)
			}),
		},
		{
			Name: "introspection-from-the-future", Part: Inspection, Kills: "introspection.future",
			Defect: "an introspection signed for a time to come is answered in full",
			Break:  forgiveWhich(reference.ErrFuture, func(c *reference.Context) bool { return c.Request.Method == http.MethodGet }),
		},
		{
			Name: "introspection-off-by-a-digit", Part: Inspection, Kills: "introspection.one-off",
			Defect: "introspection compares all digits of the MAC but the last",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
				want := c.Keys.Primary.MAC(nil, t)
				return err == nil && c.Request.Method == http.MethodGet && bytes.Equal(want[:31], s.MAC[:31])
			}),
		},
		{
			Name: "introspection-never-authenticated", Part: Inspection, Kills: "introspection.signed",
			Defect: "introspection is answered as if it were not signed",
			Break:  lockOut(func(c *reference.Context, _ reference.Which) bool { return c.Request.Method == http.MethodGet }),
		},
		{
			Name: "introspection-gone", Part: Inspection, Kills: "introspection.answered",
			Defect: "GET is answered with 404",
			Break: answerOf(func(e *reference.Endpoint) *func(*reference.Context) reference.Answer { return &e.Introspect },
				func(*reference.Context) reference.Answer { return plain(http.StatusNotFound, `{}`) }),
		},
		{
			Name: "authentication-unsaid", Part: Inspection, Kills: "introspection.signed",
			Defect: "a signed introspection is not told that authentication succeeded",
			Break:  change("authentication_succeeded", nil),
		},
		{
			Name: "has-key-wrong", Part: Inspection, Kills: "introspection.has-key",
			Defect: "introspection says that no signing key is set",
			Break:  change("has_signing_key", false),
		},
		{
			Name: "has-fallback-wrong", Part: Inspection, Kills: "introspection.has-fallback",
			Defect: "introspection does not say that a fallback key is set",
			Break:  change("has_signing_key_fallback", nil),
		},
		{
			Name: "mode-always-dev", Part: Inspection, Kills: "modes.introspection",
			Defect: "introspection says dev whatever the mode is",
			Break:  change("mode", "dev"),
		},
		{
			Name: "mode-always-cloud", Part: Inspection, Kills: "dev.introspection",
			Defect: "introspection says cloud whatever the mode is",
			Break:  change("mode", "cloud"),
		},
	}
}

// disclosing: mutants whose answers hold what no one may know.
func disclosing() []Mutant {
	return []Mutant{
		{
			Name: "introspection-tells-the-key", Part: Disclosing, Kills: "introspection.keys",
			Defect: "a signed introspection is told the key instead of its hash",
			Break: func(e *reference.Endpoint) {
				introspect := e.Introspect
				e.Introspect = func(c *reference.Context) reference.Answer {
					if c.Which == reference.Neither {
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
				e.SyncIn = func(c *reference.Context) reference.Answer {
					return with(sync(c), "environment", c.Getenv(reference.EnvSigningKey))
				}
			},
		},
		{
			Name: "dev-introspection-tells-the-key", Part: Disclosing, Kills: "dev.introspection-keys",
			Defect: "in development mode introspection holds the key, as there is nothing to protect",
			Break: func(e *reference.Endpoint) {
				introspect := e.Introspect
				e.Introspect = func(c *reference.Context) reference.Answer {
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
				e.SyncOut = func(c *reference.Context) reference.Answer {
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
				e.Refuse = func(c *reference.Context, why error) reference.Answer {
					return with(refuse(c, why), "expected", c.Keys.Primary.Text())
				}
			},
		},
		{
			Name: "refusal-names-the-branch", Part: Disclosing, Kills: "keys.branch-refusal",
			Defect: "a refusal says for which environment the signature is wrong",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Answer {
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
				e.Introspect = func(c *reference.Context) reference.Answer {
					if c.Why == nil {
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
				e.Run = func(c *reference.Context) reference.Answer {
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
				e.SyncOut = func(c *reference.Context) reference.Answer {
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
			e.Refuse = func(c *reference.Context, why error) reference.Answer {
				if !when(c) {
					return refuse(c, why)
				}
				return with(refuse(c, why), "stack", stack)
			}
		},
	}
}

// answerTells: the answers to calls with a status carry a variable of the
// environment.
func answerTells(status int, variable string) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		run := e.Run
		e.Run = func(c *reference.Context) reference.Answer {
			answer := run(c)
			if answer.Status == status {
				answer.Header.Set("X-Debug-Environment", c.Getenv(variable))
			}
			return answer
		}
	}
}

// methodTells: the answer to an unsupported method dumps the environment.
func methodTells(method, kills string) Mutant {
	return Mutant{
		Name: strings.ToLower(method) + "-dumps-environment", Part: Disclosing, Kills: kills,
		Defect: "the answer to a " + method + " holds what the SDK knows of its environment, for debugging",
		Break: func(e *reference.Endpoint) {
			other := e.Other
			e.Other = func(c *reference.Context) reference.Answer {
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

// answering: mutants whose answers carry the wrong headers or signatures.
func answering() []Mutant {
	finish := func(change func(c *reference.Context, a *reference.Answer)) func(*reference.Endpoint) {
		return func(e *reference.Endpoint) {
			finish := e.FinishAnswer
			e.FinishAnswer = func(c *reference.Context, a *reference.Answer) {
				finish(c, a)
				change(c, a)
			}
		}
	}
	return []Mutant{
		{
			Name: "sdk-unnamed", Part: Answering, Kills: "answering.sdk-header",
			Defect: "answers do not say which SDK they are from",
			Break:  finish(func(_ *reference.Context, a *reference.Answer) { a.Header.Del(reference.HeaderSDK) }),
		},
		{
			Name: "answer-unsigned", Part: Answering, Kills: "answering.signed",
			Defect: "answers are not signed",
			Break:  finish(func(_ *reference.Context, a *reference.Answer) { a.Header.Del(reference.HeaderSignature) }),
		},
		{
			Name: "answer-signed-with-primary", Part: Answering, Kills: "answering.signed-with-fallback",
			Defect: "answers are signed with the primary key, whichever key verified the request",
			Break: func(e *reference.Endpoint) {
				sign := e.SignAnswer
				e.SignAnswer = func(_ reference.Key, body []byte, at time.Time) (reference.Signature, error) {
					primary, err := reference.ParseKey(e.Getenv(reference.EnvSigningKey))
					if err != nil {
						return reference.Signature{}, err
					}
					return sign(primary, body, at)
				}
			},
		},
		{
			Name: "other-bytes-signed", Part: Answering, Kills: "answering.signed",
			Defect: "the answer is signed before it is encoded, over other bytes than are sent",
			Break: func(e *reference.Endpoint) {
				sign := e.SignAnswer
				e.SignAnswer = func(k reference.Key, body []byte, at time.Time) (reference.Signature, error) {
					return sign(k, append(bytes.Clone(body), '\n'), at)
				}
			},
		},
		{
			Name: "refusals-signed", Part: Answering, Kills: "answering.refusal-unsigned",
			Defect: "refusals are signed, too, so anyone gets signatures",
			Break: finish(func(c *reference.Context, a *reference.Answer) {
				if s, err := c.SignAnswer(c.Keys.Primary, a.Body, c.Now()); err == nil {
					a.Header.Set(reference.HeaderSignature, s.String())
				}
			}),
		},
	}
}

// failing: mutants that answer the wrong way, or break.
func failing() []Mutant {
	return append(dying(), []Mutant{
		{
			Name: "success-before-refusal", Part: Availability, Kills: "receiving.unsigned",
			Defect: "a refusal is answered with 200 and an error in the body",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Answer {
					answer := refuse(c, why)
					answer.Status = http.StatusOK
					return answer
				}
			},
		},
		{
			Name: "panics-on-a-wrong-mac", Part: Availability, Kills: "receiving.wrong-key",
			Defect: "a wrong signature is an exception that no one catches, and ends the process",
			Break: func(e *reference.Endpoint) {
				e.Refuse = func(_ *reference.Context, why error) reference.Answer { panic(why) }
			},
		},
		{
			Name: "unknown-function-succeeds", Part: Availability, Kills: "calls.unknown-function",
			Defect: "a call of a function that is not there is answered with 200",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Answer {
					if strings.HasSuffix(c.Request.URL.Query().Get("fnId"), "-nobody") {
						return plain(http.StatusOK, `null`)
					}
					return run(c)
				}
			},
		},
		{
			Name: "probe-unknown", Part: Availability, Kills: "calls.probe",
			Defect: "a trust probe is taken for a call and runs the function",
			Break: func(e *reference.Endpoint) {
				e.Probe = func(c *reference.Context) reference.Answer { return c.Run(c) }
			},
		},
		{
			Name: "runs-twice", Part: Availability, Kills: "receiving.signed",
			Defect: "a call runs its function twice",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Answer {
					run(c)
					return run(c)
				}
			},
		},
		{
			Name: "runs-then-refuses", Part: Availability, Kills: "receiving.tampered",
			Defect: "the function runs while the signature is still being verified, and the answer is a refusal",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Answer {
					if isCall(c.Request) {
						c.Run(c)
					}
					return refuse(c, why)
				}
			},
		},
	}...)
}

// constant: mutants that give one answer to everything. They look careful to a
// suite that has only negative cases.
func constant() []Mutant {
	everything := func(name, kills, defect string, status int, body string) Mutant {
		return Mutant{Name: name, Part: Constant, Kills: kills, Defect: defect, Break: func(e *reference.Endpoint) {
			e.FinishAnswer = func(_ *reference.Context, a *reference.Answer) { *a = plain(status, body) }
		}}
	}
	return []Mutant{
		{
			Name: "refuses-everything", Part: Constant, Kills: "receiving.signed",
			Defect: "every request is refused, the authentic ones included",
			Break: func(e *reference.Endpoint) {
				e.Verify = func(*reference.Context) (reference.Which, error) { return reference.Neither, reference.ErrMismatch }
			},
		},
		{
			Name: "runs-nothing", Part: Constant, Kills: "receiving.signed",
			Defect: "a call is answered with 200 and nothing runs",
			Break: answerOf(func(e *reference.Endpoint) *func(*reference.Context) reference.Answer { return &e.Run },
				func(*reference.Context) reference.Answer { return plain(http.StatusOK, `null`) }),
		},
		everything("answers-401", "receiving.signed", "401 to everything, after the function ran", http.StatusUnauthorized, `{}`),
		everything("answers-500", "receiving.signed", "500 to everything, after the function ran", http.StatusInternalServerError, `{}`),
		everything("answers-200", "receiving.unsigned", "200 to everything", http.StatusOK, `{}`),
		everything("answers-302", "receiving.signed", "a redirection to everything", http.StatusFound, ``),
	}
}

func plain(status int, body string) reference.Answer {
	return reference.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

// with sets fields of an answer that is a JSON object.
func with(a reference.Answer, namesAndValues ...any) reference.Answer {
	fields := map[string]any{}
	if json.Unmarshal(a.Body, &fields) != nil {
		return a
	}
	for i := 0; i < len(namesAndValues); i += 2 {
		fields[namesAndValues[i].(string)] = namesAndValues[i+1]
	}
	a.Body, _ = json.Marshal(fields)
	return a
}

// answerOf replaces one of the endpoint's answers.
func answerOf(field func(*reference.Endpoint) *func(*reference.Context) reference.Answer, answer func(*reference.Context) reference.Answer) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) { *field(e) = answer }
}

func serveURL(change func(c *reference.Context, url string) string) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		make := e.ServeURL
		e.ServeURL = func(c *reference.Context) string { return change(c, make(c)) }
	}
}
