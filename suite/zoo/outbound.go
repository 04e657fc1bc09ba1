package zoo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// outbound: mutants that sign in to the API wrongly.
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
			Name: "use-api-ignored", Part: Outbound, Kills: "sending.use-api-both-reads",
			Defect: "use_api is not looked at, and the trimmed payload runs",
			Break:  runEdited(`"use_api":true`, `"use_api":false`),
		},
		{
			Name: "failed-reads-ignored", Part: Outbound, Kills: "sending.use-api-error",
			Defect: "when the API fails, the function runs on what there is",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Answer {
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
				e.Run = func(c *reference.Context) reference.Answer {
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

// onTheWay changes a request to the API just before it leaves.
func onTheWay(change func(in *reference.Context, r *http.Request)) func(*reference.Endpoint) {
	return client(func(in *reference.Context, c *reference.Client) {
		do := c.Do
		c.Do = func(r *http.Request) (*http.Response, error) {
			change(in, r)
			return do(r)
		}
	})
}

// runEdited runs a call whose body was edited after verification.
func runEdited(old, replacement string) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		run := e.Run
		e.Run = func(c *reference.Context) reference.Answer {
			c.Body = bytes.ReplaceAll(c.Body, []byte(old), []byte(replacement))
			return run(c)
		}
	}
}

func hashOfText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
