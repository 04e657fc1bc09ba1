package zoo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// outbound: mutants that send the API the wrong key, or to the wrong place.
func outbound() []Mutant {
	return []Mutant{
		{
			Name: "raw-key-as-bearer", Part: Outbound, Kills: "sending.never-the-key",
			Defect: "the key itself is sent as the bearer",
			Break:  client(func(_ *reference.Context, c *reference.Client) { c.Bearer = reference.Key.Text }),
		},
		{
			Name: "key-in-a-header", Part: Outbound, Kills: "sending.never-the-key",
			Defect: "the key goes along in a header that was meant for debugging",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				r.Header.Set("X-Debug-Key", in.Keys.Fallback.Text())
			}),
		},
		{
			Name: "no-bearer", Part: Outbound, Kills: "sending.bearer",
			Defect: "requests to the API carry no bearer",
			Break:  onTheWay(func(_ *reference.Context, r *http.Request) { r.Header.Del("Authorization") }),
		},
		{
			Name: "hash-of-the-text", Part: Outbound, Kills: "sending.bearer",
			Defect: "the key is hashed as text instead of being decoded first",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				c.Bearer = func(k reference.Key) string { return "signkey-prod-" + hashOfText(k.Secret()) }
			}),
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
			Defect: "the prefix of a branch key is hashed along",
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
			Defect: "X-Inngest-Env is sent with events only",
			Break:  client(func(_ *reference.Context, c *reference.Client) { c.Env = "" }),
		},
		{
			Name: "no-environment-in-reads", Part: Outbound, Kills: "keys.branch-env-use-api",
			Defect: "X-Inngest-Env is sent with syncs, and forgotten in reads",
			Break: client(func(in *reference.Context, c *reference.Client) {
				if in.Request.Method == http.MethodPost {
					c.Env = ""
				}
			}),
		},
		{
			Name: "no-sdk-header", Part: Outbound, Kills: "sending.sdk-header",
			Defect: "requests to the API do not say which SDK they are from",
			Break:  onTheWay(func(_ *reference.Context, r *http.Request) { r.Header.Del(reference.HeaderSDK) }),
		},
		{
			Name: "no-sdk-header-in-reads", Part: Outbound, Kills: "sending.use-api-sdk-header",
			Defect: "reads of a run's payload do not say which SDK they are from",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if in.Request.Method == http.MethodPost {
					r.Header.Del(reference.HeaderSDK)
				}
			}),
		},
		{
			Name: "reads-without-bearer", Part: Outbound, Kills: "sending.use-api",
			Defect: "reads of a run's payload carry no bearer",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if in.Request.Method == http.MethodPost {
					r.Header.Del("Authorization")
				}
			}),
		},
		{
			Name: "redirects-followed", Part: Outbound, Kills: "sending.redirect",
			Defect: "a sync follows a redirect to another origin and takes its bearer along",
			Break:  followRedirects(http.MethodPut),
		},
		{
			Name: "redirects-of-reads-followed", Part: Outbound, Kills: "sending.use-api-redirect",
			Defect: "a read follows a redirect to another origin and takes its bearer along",
			Break:  followRedirects(http.MethodPost),
		},
		{
			Name: "cut-is-a-refusal", Part: OutFallback, Kills: "sending.withheld",
			Defect: "a connection that ends without an answer brings the fallback key out",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				do := c.Do
				c.Do = func(r *http.Request) (*http.Response, error) {
					answer, err := do(r)
					if err != nil && !c.Keys.Fallback.IsZero() && r.URL.Host == "api.invalid" {
						again := r.Clone(r.Context())
						again.Header.Set("Authorization", "Bearer "+c.Keys.Fallback.Bearer())
						again.Body = http.NoBody
						return do(again)
					}
					return answer, err
				}
			}),
		},
		{
			Name: "unreachable-is-a-success", Part: Outbound, Kills: "sending.unreachable",
			Defect: "a sync that reaches no API is answered as a success",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					answer := sync(c)
					if bytes.Contains(answer.Body, []byte("cannot be reached")) {
						answer.Status = http.StatusOK
					}
					return answer
				}
			},
		},
		{
			Name: "canary-in-reads", Part: Outbound, Kills: "sending.canary",
			Defect: "reads of a run's payload carry what else stands in the environment",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if in.Request.Method == http.MethodPost {
					r.Header.Set("X-Debug-Environment", in.Getenv("COUNTERSIGN_CANARY_SECRET"))
				}
			}),
		},
		{
			Name: "key-with-events", Part: Outbound, Kills: "sending.event",
			Defect: "events are sent with the signing key as their bearer",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/e/") {
					r.Header.Set("Authorization", "Bearer "+in.Keys.Primary.Text())
				}
			}),
		},
		{
			Name: "events-without-environment", Part: Outbound, Kills: "sending.event-environment",
			Defect: "events do not name the branch environment",
			Break: onTheWay(func(_ *reference.Context, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/e/") {
					r.Header.Del(reference.HeaderEnv)
				}
			}),
		},
		{
			Name: "checkpoints-without-bearer", Part: Outbound, Kills: "checkpoint.bearer",
			Defect: "checkpoints carry no bearer",
			Break: onTheWay(func(_ *reference.Context, r *http.Request) {
				if isCheckpoint(r) {
					r.Header.Del("Authorization")
				}
			}),
		},
		{
			Name: "key-with-checkpoints", Part: Outbound, Kills: "checkpoint.never-the-key",
			Defect: "checkpoints carry the fallback key itself in a header",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if isCheckpoint(r) {
					r.Header.Set("X-Fallback", in.Keys.Fallback.Text())
				}
			}),
		},
		{
			Name: "checkpoints-not-retried", Part: OutFallback, Kills: "checkpoint.fallback",
			Defect: "a checkpoint that is refused is not tried with the fallback key",
			Break:  ofSteps(func(c *reference.Client) { c.Attempts = firstOnly }),
		},
		{
			Name: "checkpoints-retried-on-500", Part: OutFallback, Kills: "checkpoint.no-switch",
			Defect: "a checkpoint that the API fails brings the fallback key out",
			Break: ofSteps(func(c *reference.Client) {
				c.Refuses = func(status int) bool { return reference.RefusesKey(status) || status == http.StatusInternalServerError }
			}),
		},
		{
			Name: "step-tells-bearer", Part: Disclosing, Kills: "checkpoint.both-refused",
			Defect: "the answer to a call that makes a step tells with which bearer it was checkpointed",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					answer := run(c)
					if strings.HasSuffix(c.Request.URL.Query().Get("fnId"), "-step") {
						answer.Header.Set("X-Checkpointed-By", c.Keys.Primary.Bearer())
					}
					return answer
				}
			},
		},
		{
			Name: "dev-kind-without-bearer", Part: Outbound, Kills: "sync.server-kind-dev",
			Defect: "a sync that says it is from a dev server is sent on without a bearer",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if in.Request.Header.Get(reference.HeaderServerKind) == "dev" {
					r.Header.Del("Authorization")
				}
			}),
		},
		{
			Name: "use-api-ignored", Part: Outbound, Kills: "sending.use-api",
			Defect: "use_api is not looked at, and the trimmed payload runs",
			Break:  runEdited(`"use_api":true`, `"use_api":false`),
		},
		{
			Name: "steps-not-read", Part: Outbound, Kills: "sending.use-api-both-reads",
			Defect: "with use_api the events are read, and the steps taken to be none",
			Break:  unsent(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/actions") }, "{}"),
		},
		{
			Name: "key-in-a-header-of-reads", Part: Outbound, Kills: "sending.use-api-never-the-key",
			Defect: "the key is in a header of reads, for debugging",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/v0/runs/") {
					r.Header.Set("X-Debug-Key", in.Keys.Primary.Text())
				}
			}),
		},
		{
			Name: "steps-not-checkpointed", Part: Outbound, Kills: "checkpoint.sent",
			Defect: "steps are only reported in the response",
			Break:  unsent(isCheckpoint, ""),
		},
		{
			Name: "syncs-in-name-only", Part: SyncPart, Kills: "sync.registers",
			Defect: "a sync reports success, and nothing is registered",
			Break:  unsent(func(r *http.Request) bool { return r.URL.Path == "/fn/register" }, `{"ok":true,"modified":true}`),
		},
		{
			Name: "failed-reads-ignored", Part: Outbound, Kills: "sending.use-api-error",
			Defect: "when the API fails, the function runs on what there is",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					answer := run(c)
					if bytes.Contains(answer.Body, []byte("fetching the events")) && bytes.Contains(answer.Body, []byte("500")) {
						c.Body = bytes.ReplaceAll(c.Body, []byte(`"use_api":true`), []byte(`"use_api":false`))
						return run(c)
					}
					return answer
				}
			},
		},
		{
			Name: "refused-reads-ignored", Part: Outbound, Kills: "sending.use-api-both-refused",
			Defect: "when the API refuses every key, the function runs on what there is",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					answer := run(c)
					if bytes.Contains(answer.Body, []byte("refused every signing key")) {
						c.Body = bytes.ReplaceAll(c.Body, []byte(`"use_api":true`), []byte(`"use_api":false`))
						return run(c)
					}
					return answer
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

// unsent keeps requests to the API from being sent, and makes up their response.
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

// ofSteps changes the client with which steps are checkpointed: the one that is
// made apart from any request that names a function.
func ofSteps(change func(c *reference.Client)) func(*reference.Endpoint) {
	return client(func(in *reference.Context, c *reference.Client) {
		if in.Request.URL.Path == "" {
			change(c)
		}
	})
}

// followRedirects sends a request again to where it was redirected.
func followRedirects(method string) func(*reference.Endpoint) {
	return client(func(in *reference.Context, c *reference.Client) {
		do := c.Do
		c.Do = func(r *http.Request) (*http.Response, error) {
			answer, err := do(r)
			if err != nil || answer.StatusCode != http.StatusTemporaryRedirect || in.Request.Method != method {
				return answer, err
			}
			again := r.Clone(r.Context())
			again.Body = http.NoBody
			if again.URL, err = answer.Location(); err != nil {
				return nil, err
			}
			again.Host = again.URL.Host
			return do(again)
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
