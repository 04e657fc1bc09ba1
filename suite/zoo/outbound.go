package zoo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// outbound are the mutants that send the API the wrong key, or to the wrong place.
func outbound() []Mutant {
	return []Mutant{
		{
			Name: "raw-key-as-bearer", Part: Outbound, Kills: "sending.never-the-key",
			Defect: "the key itself is sent as the bearer token",
			Break:  client(func(_ *reference.Context, c *reference.Client) { c.Bearer = reference.Key.Text }),
		},
		{
			Name: "key-in-a-header", Part: Outbound, Kills: "sending.never-the-key",
			Defect: "requests to the API contain the key in a debugging header",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				r.Header.Set("X-Debug-Key", in.Keys.Fallback.Text())
			}),
		},
		{
			Name: "no-bearer", Part: Outbound, Kills: "sending.bearer",
			Defect: "requests to the API have no bearer token",
			Break:  onTheWay(func(_ *reference.Context, r *http.Request) { r.Header.Del("Authorization") }),
		},
		{
			Name: "sync-without-bearer", Part: Outbound, Kills: "sending.bearer",
			Defect: "the registration of an app has no bearer token",
			Break: onTheWay(func(_ *reference.Context, r *http.Request) {
				if r.URL.Path == "/fn/register" {
					r.Header.Del("Authorization")
				}
			}),
		},
		{
			Name: "hash-of-the-text", Part: Outbound, Kills: "sending.bearer",
			Defect: "the key is hashed as text instead of being decoded first",
			Break:  client(func(_ *reference.Context, c *reference.Client) { c.Bearer = hashedAsText }),
		},
		{
			Name: "bare-key-hashed-wrongly", Part: Outbound, Kills: "keys.bare-bearer",
			Defect: "a key without a prefix is hashed as text",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				c.Bearer = func(k reference.Key) string {
					if k.Text() == k.Secret() {
						return hashOfText(k.Secret())
					}
					return k.Bearer()
				}
			}),
		},
		{
			Name: "branch-key-hashed-wrongly", Part: Outbound, Kills: "keys.branch-bearer",
			Defect: "the prefix of a branch key is hashed, too",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				c.Bearer = func(k reference.Key) string {
					if strings.HasPrefix(k.Text(), "signkey-branch-") {
						return "signkey-branch-" + hashOfText(k.Text())
					}
					return k.Bearer()
				}
			}),
		},
		{
			Name: "no-environment", Part: Outbound, Kills: "keys.branch-env",
			Defect: "X-Inngest-Env is sent only with events",
			Break:  client(func(_ *reference.Context, c *reference.Client) { c.Env = "" }),
		},
		{
			Name: "no-environment-in-reads", Part: Outbound, Kills: "keys.branch-env-use-api",
			Defect: "X-Inngest-Env is sent with syncs, but not with reads",
			Break: client(func(in *reference.Context, c *reference.Client) {
				if in.Request.Method == http.MethodPost {
					c.Env = ""
				}
			}),
		},
		{
			Name: "no-sdk-header", Part: Outbound, Kills: "sending.sdk-header",
			Defect: "requests to the API do not name the SDK",
			Break:  onTheWay(func(_ *reference.Context, r *http.Request) { r.Header.Del(reference.HeaderSDK) }),
		},
		{
			Name: "no-sdk-header-in-reads", Part: Outbound, Kills: "sending.use-api-sdk-header",
			Defect: "reads of a run's payload do not name the SDK",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if in.Request.Method == http.MethodPost {
					r.Header.Del(reference.HeaderSDK)
				}
			}),
		},
		{
			Name: "reads-without-bearer", Part: Outbound, Kills: "sending.use-api",
			Defect: "reads of a run's payload have no bearer token",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if in.Request.Method == http.MethodPost {
					r.Header.Del("Authorization")
				}
			}),
		},
		{
			Name: "redirects-followed", Part: Outbound, Kills: "sending.redirect",
			Defect: "a sync follows a redirect to another origin with its bearer token",
			Break:  followRedirects(http.MethodPut),
		},
		{
			Name: "redirects-of-reads-followed", Part: Outbound, Kills: "sending.use-api-redirect",
			Defect: "a read follows a redirect to another origin with its bearer token",
			Break:  followRedirects(http.MethodPost),
		},
		{
			Name: "cut-is-a-refusal", Part: OutFallback, Kills: "sending.withheld",
			Defect: "a connection that ends without a response triggers the fallback key",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				do := c.Do
				c.Do = func(r *http.Request) (*http.Response, error) {
					response, err := do(r)
					if err != nil && !c.Keys.Fallback.IsZero() && r.URL.Host == "api.invalid" {
						again := r.Clone(r.Context())
						again.Header.Set("Authorization", "Bearer "+c.Keys.Fallback.Bearer())
						again.Body = http.NoBody
						return do(again)
					}
					return response, err
				}
			}),
		},
		{
			Name: "unreachable-is-a-success", Part: Outbound, Kills: "sending.unreachable",
			Defect: "a sync that cannot reach the API is reported as a success",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					response := sync(c)
					if bytes.Contains(response.Body, []byte("cannot be reached")) {
						response.Status = http.StatusOK
					}
					return response
				}
			},
		},
		{
			Name: "canary-in-reads", Part: Outbound, Kills: "sending.canary",
			Defect: "reads of a run's payload contain other secrets of the environment",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if in.Request.Method == http.MethodPost {
					r.Header.Set("X-Debug-Environment", in.Getenv("COUNTERSIGN_CANARY_SECRET"))
				}
			}),
		},
		{
			Name: "key-with-events", Part: Outbound, Kills: "sending.event",
			Defect: "events are sent with the signing key as bearer token",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/e/") {
					r.Header.Set("Authorization", "Bearer "+in.Keys.Primary.Text())
				}
			}),
		},
		{
			Name: "events-without-environment", Part: Outbound, Kills: "sending.event-environment",
			Defect: "events are sent without X-Inngest-Env",
			Break: onTheWay(func(_ *reference.Context, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/e/") {
					r.Header.Del(reference.HeaderEnv)
				}
			}),
		},
		{
			Name: "checkpoints-without-bearer", Part: Outbound, Kills: "checkpoint.bearer",
			Defect: "checkpoints have no bearer token",
			Break: onTheWay(func(_ *reference.Context, r *http.Request) {
				if isCheckpoint(r) {
					r.Header.Del("Authorization")
				}
			}),
		},
		{
			Name: "key-with-checkpoints", Part: Outbound, Kills: "checkpoint.never-the-key",
			Defect: "checkpoints contain the fallback key itself in a header",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if isCheckpoint(r) {
					r.Header.Set("X-Fallback", in.Keys.Fallback.Text())
				}
			}),
		},
		{
			Name: "checkpoints-not-retried", Part: OutFallback, Kills: "checkpoint.fallback",
			Defect: "a checkpoint that the API rejects is not retried with the fallback key",
			Break:  ofSteps(func(c *reference.Client) { c.Attempts = firstOnly }),
		},
		{
			Name: "checkpoints-retried-on-500", Part: OutFallback, Kills: "checkpoint.no-switch",
			Defect: "an API error triggers the fallback key in checkpoints",
			Break: ofSteps(func(c *reference.Client) {
				c.Refuses = func(status int) bool { return reference.RefusesKey(status) || status == http.StatusInternalServerError }
			}),
		},
		{
			Name: "step-tells-bearer", Part: Disclosing, Kills: "checkpoint.both-refused",
			Defect: "the response to a call with a step contains the bearer token of its checkpoint",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					response := run(c)
					if strings.HasSuffix(c.Request.URL.Query().Get("fnId"), "-step") {
						response.Header.Set("X-Checkpointed-By", c.Keys.Primary.Bearer())
					}
					return response
				}
			},
		},
		{
			Name: "dev-kind-without-bearer", Part: Outbound, Kills: "sync.server-kind-dev",
			Defect: "a sync with X-Inngest-Server-Kind: dev registers without a bearer token",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if in.Request.Header.Get(reference.HeaderServerKind) == "dev" {
					r.Header.Del("Authorization")
				}
			}),
		},
		{
			Name: "use-api-ignored", Part: Outbound, Kills: "sending.use-api",
			Defect: "use_api is ignored, and the function runs with the incomplete payload",
			Break:  runEdited(`"use_api":true`, `"use_api":false`),
		},
		{
			Name: "steps-not-read", Part: Outbound, Kills: "sending.use-api-both-reads",
			Defect: "with use_api the events are read, but not the steps",
			Break:  unsent(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/actions") }, "{}"),
		},
		{
			Name: "key-in-a-header-of-reads", Part: Outbound, Kills: "sending.use-api-never-the-key",
			Defect: "reads of a run's payload contain the key in a debugging header",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/v0/runs/") {
					r.Header.Set("X-Debug-Key", in.Keys.Primary.Text())
				}
			}),
		},
		{
			Name: "steps-not-checkpointed", Part: Outbound, Kills: "checkpoint.sent",
			Defect: "steps are not sent as checkpoints",
			Break:  unsent(isCheckpoint, ""),
		},
		{
			Name: "syncs-in-name-only", Part: SyncPart, Kills: "sync.registers",
			Defect: "a sync reports success but registers nothing",
			Break:  unsent(func(r *http.Request) bool { return r.URL.Path == "/fn/register" }, `{"ok":true,"modified":true}`),
		},
		{
			Name: "failed-reads-ignored", Part: Outbound, Kills: "sending.use-api-error",
			Defect: "if the API fails, the function runs with an incomplete payload",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					response := run(c)
					if bytes.Contains(response.Body, []byte("fetching the events")) && bytes.Contains(response.Body, []byte("500")) {
						c.Body = bytes.ReplaceAll(c.Body, []byte(`"use_api":true`), []byte(`"use_api":false`))
						return run(c)
					}
					return response
				}
			},
		},
		{
			Name: "refused-reads-ignored", Part: Outbound, Kills: "sending.use-api-both-refused",
			Defect: "if the API rejects both keys, the function runs with an incomplete payload",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					response := run(c)
					if bytes.Contains(response.Body, []byte("refused every signing key")) {
						c.Body = bytes.ReplaceAll(c.Body, []byte(`"use_api":true`), []byte(`"use_api":false`))
						return run(c)
					}
					return response
				}
			},
		},
	}
}

// onTheWay changes a request to the API just before it is sent.
func onTheWay(change func(in *reference.Context, r *http.Request)) func(*reference.Endpoint) {
	return client(func(in *reference.Context, c *reference.Client) {
		do := c.Do
		c.Do = func(r *http.Request) (*http.Response, error) {
			change(in, r)
			return do(r)
		}
	})
}

// unsent does not send requests to the API that meet a condition, and returns a body
// as their response.
func unsent(these func(r *http.Request) bool, response string) func(*reference.Endpoint) {
	return client(func(_ *reference.Context, c *reference.Client) {
		do := c.Do
		c.Do = func(r *http.Request) (*http.Response, error) {
			if !these(r) {
				return do(r)
			}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(response))}, nil
		}
	})
}

func isCheckpoint(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/checkpoint") }

// ofSteps changes the client that sends checkpoints, which is not made for a request
// that names a function.
func ofSteps(change func(c *reference.Client)) func(*reference.Endpoint) {
	return client(func(in *reference.Context, c *reference.Client) {
		if in.Request.URL.Path == "" {
			change(c)
		}
	})
}

// followRedirects sends requests again to where they were redirected, while
// requests with one of the methods are handled.
func followRedirects(methods ...string) func(*reference.Endpoint) {
	return client(func(in *reference.Context, c *reference.Client) {
		if slices.Contains(methods, in.Request.Method) {
			follow(c, unchanged)
		}
	})
}

// runEdited runs a call whose body was edited after verification.
func runEdited(old, replacement string) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		run := e.Run
		e.Run = func(c *reference.Context) reference.Response {
			c.Body = bytes.ReplaceAll(c.Body, []byte(old), []byte(replacement))
			return run(c)
		}
	}
}

func hashOfText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// hashedAsText is the bearer token of a key that is hashed without being decoded.
func hashedAsText(k reference.Key) string { return "signkey-prod-" + hashOfText(k.Secret()) }

// follow makes a client follow redirects, after a change to the request that is sent
// there.
func follow(c *reference.Client, change func(again *http.Request)) {
	do := c.Do
	c.Do = func(r *http.Request) (*http.Response, error) {
		response, err := do(r)
		if err != nil || response.StatusCode != http.StatusTemporaryRedirect {
			return response, err
		}
		again := r.Clone(r.Context())
		again.Body = http.NoBody
		if again.URL, err = response.Location(); err != nil {
			return nil, err
		}
		again.Host = again.URL.Host
		change(again)
		return do(again)
	}
}

func unchanged(*http.Request) {}
