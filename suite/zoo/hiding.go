package zoo

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// hiding are the mutants with secrets in an unusual form or place, and with effects
// after the response.
func hiding() []Mutant {
	return []Mutant{
		{
			Name: "refusal-tells-the-right-mac", Part: Disclosing, Kills: "receiving.wrong-key",
			Defect: "a refusal contains the expected signature, so anyone can have any request signed",
			Break: refusing(func(c *reference.Context, a reference.Response) reference.Response {
				return with(a, "expected", expectedMAC(c))
			}),
		},
		{
			Name: "refusal-tells-the-event-key", Part: Disclosing, Kills: "receiving.unsigned",
			Defect: "a refusal contains the event key",
			Break: refusing(func(c *reference.Context, a reference.Response) reference.Response {
				return with(a, "event_key", c.Getenv(reference.EnvEventKey))
			}),
		},
		{
			Name: "refusal-masks-the-key-badly", Part: Disclosing, Kills: "receiving.wrong-key",
			Defect: "a refusal contains a third of the key's characters, the others masked",
			Break: refusing(func(c *reference.Context, a reference.Response) reference.Response {
				secret := c.Keys.Primary.Secret()
				return with(a, "key", secret[len(secret)/4:len(secret)/2+5]+"***")
			}),
		},
		{
			Name: "refusal-names-a-header-by-the-key", Part: Disclosing, Kills: "receiving.wrong-key",
			Defect: "a refusal contains the key in the name of a header",
			Break: refusing(func(c *reference.Context, a reference.Response) reference.Response {
				a.Header.Set("X-Checked-With-"+c.Keys.Primary.Text(), "1")
				return a
			}),
		},
		{
			Name: "refusal-tells-the-decoded-key", Part: Disclosing, Kills: "receiving.wrong-key",
			Defect: "a refusal contains the bytes of the key in base64",
			Break: refusing(func(c *reference.Context, a reference.Response) reference.Response {
				raw, _ := hex.DecodeString(c.Keys.Primary.Secret()) // a Key is hexadecimal
				return with(a, "key", base64.RawURLEncoding.EncodeToString(raw))
			}),
		},
		{
			Name: "compressed-refusal-tells-the-key", Part: Disclosing, Kills: "receiving.wrong-key",
			Defect: "a refusal is compressed and contains the key",
			Break: refusing(func(c *reference.Context, a reference.Response) reference.Response {
				var packed bytes.Buffer
				w := gzip.NewWriter(&packed)
				_, _ = w.Write(with(a, "key", c.Keys.Primary.Text()).Body) // writing to a buffer does not fail
				_ = w.Close()
				a.Body = packed.Bytes()
				a.Header.Set("Content-Encoding", "gzip")
				return a
			}),
		},
		{
			Name: "introspection-tells-all-further-down", Part: Inspection, Kills: "introspection.unsigned",
			Defect: "the unauthenticated introspection contains the privileged fields in its `extra`",
			Break: introspecting(func(c *reference.Context, a reference.Response) reference.Response {
				if c.MatchedKey != reference.NoKey || c.Mode.Dev {
					return a
				}
				return with(a, "extra", map[string]any{"details": []any{map[string]any{"app_id": c.AppID, "framework": "net/http"}}})
			}),
		},
		{
			Name: "dev-introspection-tells-all", Part: Inspection, Kills: "dev.introspection-unprivileged",
			Defect: "in dev mode, the response to an unsigned introspection is the authenticated one",
			Break: introspecting(func(c *reference.Context, a reference.Response) reference.Response {
				if !c.Mode.Dev {
					return a
				}
				return with(a, "app_id", c.AppID, "api_origin", c.Mode.API, "framework", "net/http")
			}),
		},
		{
			Name: "sync-tells-the-functions", Part: SyncPart, Kills: "sync.unsigned-quiet",
			Defect: "the response to any sync contains the registered functions",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					return with(sync(c), "functions", []any{map[string]any{"id": c.AppID + "-echo"}})
				}
			},
		},
		{
			Name: "steps-at-the-forged-host", Part: SyncPart, Kills: "sync.serve-origin",
			Defect: "the app is registered at INNGEST_SERVE_ORIGIN, but its functions at the host of the request",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				origin := in.Getenv(reference.EnvServeOrigin)
				if origin == "" || r.URL.Path != "/fn/register" {
					return
				}
				body, _ := io.ReadAll(r.Body) // an in-memory reader never fails
				var fields map[string]any
				_ = json.Unmarshal(body, &fields)
				forged := map[string]any{}
				_ = json.Unmarshal(bytes.ReplaceAll(body, []byte(origin), []byte("http://"+in.Request.Host)), &forged)
				forged["url"] = fields["url"]
				body, _ = json.Marshal(forged)
				r.Body = io.NopCloser(bytes.NewReader(body))
			}),
		},
		{
			Name: "key-in-telemetry", Part: Outbound, Kills: "sending.never-the-key",
			Defect: "with each sync, the key itself is sent to another path of the API",
			Break: onTheWay(func(in *reference.Context, r *http.Request) {
				if r.URL.Path != "/fn/register" {
					return
				}
				target := r.URL.Scheme + "://" + r.URL.Host + "/v1/telemetry"
				if extra, err := http.NewRequest(http.MethodPost, target, strings.NewReader(in.Keys.Primary.Text())); err == nil {
					_, _ = in.Do(extra)
				}
			}),
		},
		{
			Name: "hash-goes-elsewhere", Part: Outbound, Kills: "sending.redirect",
			Defect: "a redirect to another origin is followed with the bearer token in another header",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				follow(c, func(again *http.Request) {
					again.Header.Set("X-Authorization", again.Header.Get("Authorization"))
					again.Header.Del("Authorization")
				})
			}),
		},
		{
			Name: "bearer-without-scheme", Part: Outbound, Kills: "sending.bearer",
			Defect: "the hashed key is sent as the whole Authorization header, without the word Bearer",
			Break: onTheWay(func(_ *reference.Context, r *http.Request) {
				if token, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); is {
					r.Header.Set("Authorization", token)
				}
			}),
		},
		{
			Name: "refused-reads-run-and-fail", Part: Outbound, Kills: "sending.use-api-both-refused",
			Defect: "if the API rejects both keys, the function runs with an incomplete payload, and then the call fails",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					response := run(c)
					if bytes.Contains(response.Body, []byte("refused every signing key")) {
						c.Body = bytes.ReplaceAll(c.Body, []byte(`"use_api":true`), []byte(`"use_api":false`))
						run(c)
					}
					return response
				}
			},
		},
		{
			Name: "refused-call-reads-later", Part: Outbound, Kills: "sending.use-api-unsigned",
			Defect: "the payload of a call is read in the background, even if the call is refused",
			Break: refusingLater(func(c *reference.Context) func() {
				var call reference.Call
				if json.Unmarshal(c.Body, &call) != nil || !call.Ctx.UseAPI {
					return nil
				}
				batch := c.APIOrigin(c) + "/v0/runs/" + url.PathEscape(call.Ctx.RunID) + "/batch"
				return func() { _, _ = c.Client(c).Call(context.Background(), http.MethodGet, batch, nil, nil) }
			}),
		},
		{
			Name: "runs-on-nothing", Part: Bodies, Kills: "calls.no-body",
			Defect: "a call without a body runs the function without an event, and is refused when that fails",
			Break: refusing(func(c *reference.Context, a reference.Response) reference.Response {
				if isCall(c.Request) && c.Signed && len(c.Body) == 0 {
					c.Body = []byte(`{}`)
					c.Run(c)
				}
				return a
			}),
		},
		{
			Name: "dies-of-a-list", Part: Availability, Kills: "headers.t-as-a-list",
			Defect: "a t that is a list throws an uncaught exception, which ends the process",
			Break: func(e *reference.Endpoint) {
				parse := e.ParseHeaders
				e.ParseHeaders = func(values []string) (reference.Signature, string, error) {
					if len(values) > 0 && strings.HasPrefix(values[0], "t[]") {
						panic("t is a list")
					}
					return parse(values)
				}
			},
		},
		afterwards("dies-later", "ends the process after the response", func() ([]byte, error) { panic("uncaught") }),
		afterwards("refuses-later", "makes the endpoint refuse everything afterwards",
			func() ([]byte, error) { return nil, errors.New("stuck") }),
		{
			Name: "fallback-replaces-primary-for-calls", Part: InFallback, Kills: "keys.primary-beside-fallback",
			Defect: "with a fallback key set, calls with a complete payload are verified only with it",
			Break: lockOut(func(c *reference.Context, w reference.MatchedKey) bool {
				return w == reference.Primary && !c.Keys.Fallback.IsZero() && isCall(c.Request) &&
					strings.HasSuffix(c.Request.URL.Query().Get("fnId"), "-echo") && !bytes.Contains(c.Body, []byte(`"use_api":true`))
			}),
		},
	}
}

// refusing changes the response to a refused request.
func refusing(change func(c *reference.Context, a reference.Response) reference.Response) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		refuse := e.Refuse
		e.Refuse = func(c *reference.Context, why error) reference.Response {
			response := refuse(c, why)
			if c.Keys.Primary.IsZero() {
				return response
			}
			return change(c, response)
		}
	}
}

// introspecting changes the response to an introspection.
func introspecting(change func(c *reference.Context, a reference.Response) reference.Response) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		introspect := e.Introspect
		e.Introspect = func(c *reference.Context) reference.Response { return change(c, introspect(c)) }
	}
}

// refusingLater has an effect after a refusal, when the next request is refused or
// run. It does not wait, because the clock of the lab in memory is fixed.
func refusingLater(what func(c *reference.Context) func()) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		var left []func()
		finish := e.FinishResponse
		e.FinishResponse = func(c *reference.Context, a *reference.Response) {
			for _, do := range left {
				do()
			}
			left = nil
			if c.Err != nil {
				if do := what(c); do != nil {
					left = append(left, do)
				}
			}
			finish(c, a)
		}
	}
}

// afterwards makes a mutant that responds correctly to a body that is not JSON and
// breaks with the next request.
func afterwards(name, effect string, then func() ([]byte, error)) Mutant {
	return Mutant{
		Name: name, Part: Availability, Kills: "survival.not-json",
		Defect: "an unsigned call with a body that is not JSON " + effect,
		Break: func(e *reference.Endpoint) {
			broken := false
			read := e.ReadBody
			e.ReadBody = func(r *http.Request) ([]byte, error) {
				if broken {
					return then()
				}
				body, err := read(r)
				broken = string(body) == "not json" && r.Method == http.MethodPost
				return body, err
			}
		},
	}
}

// expectedMAC is the correct s of a request, or "" if the request has no time.
func expectedMAC(c *reference.Context) string {
	s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
	if err != nil || s.Time.IsZero() {
		return ""
	}
	sum := c.Keys.Primary.MAC(c.Body, t)
	return hex.EncodeToString(sum[:])
}
