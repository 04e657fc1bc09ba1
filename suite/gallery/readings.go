package gallery

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// readings: endpoints that follow another reading where the texts disagree.
func readings() []Endpoint {
	all := []Endpoint{
		{
			Name: "refuses-by-closing", Part: Readings,
			Peculiar: "a refusal is a closed connection (R1)",
			Change: func(e *reference.Endpoint) {
				e.Refuse = func(*reference.Context, error) reference.Response { panic(http.ErrAbortHandler) }
			},
		},
		{
			Name: "refuses-by-reset", Part: Readings,
			Peculiar: "a refusal is a connection that is reset (R1)",
			Wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if k := keep(next, r); r.Method == http.MethodPost && k.status == http.StatusInternalServerError && strings.Contains(k.body.String(), "Unauthorized") {
						reset(w, r)
					} else {
						k.send(w)
					}
				})
			},
		},
		{
			Name: "get-closes", Part: Readings,
			Peculiar: "a GET that is not authentic closes the connection (R2)",
			Change: func(e *reference.Endpoint) {
				unauthenticated(e, func() reference.Response { panic(http.ErrAbortHandler) })
			},
		},
		{
			Name: "put-401", Part: Readings,
			Peculiar: "an unsigned out-of-band sync is refused with 401 (R11)",
			Change: func(e *reference.Endpoint) {
				policy := e.Policy
				e.Policy = func(r *http.Request, body []byte, mode reference.Mode) reference.VerificationPolicy {
					if r.Method == http.MethodPut && !mode.Dev {
						return reference.Required
					}
					return policy(r, body, mode)
				}
			},
		},
		{
			Name: "dev-ignores-signatures", Part: Readings,
			Peculiar: "development mode looks at no signature (R3)",
			Change: func(e *reference.Endpoint) {
				policy := e.Policy
				e.Policy = func(r *http.Request, body []byte, mode reference.Mode) reference.VerificationPolicy {
					if mode.Dev {
						return reference.Ignored
					}
					return policy(r, body, mode)
				}
			},
		},
		{
			Name: "canonical-only", Part: Readings,
			Peculiar: "a MAC over the bytes as sent is not accepted where they are not canonical (R10)",
			Change: func(e *reference.Endpoint) {
				e.Messages = func(body []byte) iter.Seq[[]byte] {
					return func(yield func([]byte) bool) {
						if len(body) == 0 {
							yield(nil)
						} else if canonical, err := reference.Canonicalise(body); err == nil {
							yield(canonical)
						}
					}
				}
			},
		},
		{
			Name: "strict-spelling", Part: Readings,
			Peculiar: "the signature header is accepted in the server's spelling alone (R7)",
			Change: func(e *reference.Endpoint) {
				parse := e.ParseHeaders
				e.ParseHeaders = func(values []string) (reference.Signature, string, error) {
					s, t, err := parse(values)
					if err == nil && len(values) == 1 && s.String() != values[0] {
						err = &reference.HeaderError{Rule: reference.RuleOnce}
					}
					return s, t, err
				}
			},
		},
		{
			Name: "hash-is-the-bearer", Part: Readings,
			Peculiar: "the key hash of an introspection is the bearer, with its prefix (R13)",
			Change: func(e *reference.Endpoint) {
				introspected(e, func(c *reference.Context, body map[string]any) { body["signing_key_hash"] = c.Keys.Primary.Bearer() })
			},
		},
		{
			Name: "hash-is-short", Part: Readings,
			Peculiar: "the key hash of an introspection is the first 12 digits of one (R13)",
			Change: func(e *reference.Endpoint) {
				introspected(e, func(c *reference.Context, body map[string]any) {
					sum := sha256.Sum256([]byte(c.Keys.Primary.Text()))
					body["signing_key_hash"] = hex.EncodeToString(sum[:6])
				})
			},
		},
		{
			Name: "no-hash", Part: Readings,
			Peculiar: "an introspection holds no hash of a key (R13)",
			Change: func(e *reference.Endpoint) {
				introspected(e, func(_ *reference.Context, body map[string]any) {
					for name := range body {
						if strings.HasSuffix(name, "_hash") {
							delete(body, name)
						}
					}
				})
			},
		},
		{
			Name: "fallback-alone-is-no-key", Part: Readings,
			Peculiar: "a fallback key alone verifies nothing (R17)",
			Change: func(e *reference.Endpoint) {
				e.UsableKeys = func(keys reference.Keys) (reference.Keys, error) {
					if keys.Primary.IsZero() {
						return reference.Keys{}, reference.ErrNoKey
					}
					return keys, nil
				}
			},
		},
		{
			Name: "refusals-without-sdk", Part: Readings,
			Peculiar: "refusals name no SDK (R19)",
			Change: func(e *reference.Endpoint) {
				finish := e.FinishResponse
				e.FinishResponse = func(c *reference.Context, r *reference.Response) {
					if finish(c, r); c.Err != nil {
						r.Header.Del(reference.HeaderSDK)
						r.Header.Del(reference.HeaderRequestVersion)
					}
				}
			},
		},
		{
			Name: "bearer-without-prefix", Part: Readings,
			Peculiar: "the bearer is the hash without the key's prefix (R22)",
			Change: func(e *reference.Endpoint) {
				client := e.Client
				e.Client = func(c *reference.Context) *reference.Client {
					made := client(c)
					made.Bearer = func(k reference.Key) string {
						bearer := k.Bearer()
						return bearer[strings.LastIndexByte(bearer, '-')+1:]
					}
					return made
				}
			},
		},
		{
			Name: "events-with-bearer", Part: Readings,
			Peculiar: "events carry the hashed key as their bearer (R23)",
			Change: func(e *reference.Endpoint) {
				do := e.Do
				e.Do = func(r *http.Request) (*http.Response, error) {
					if key, err := reference.ParseKey(e.Getenv(reference.EnvSigningKey)); err == nil && strings.HasPrefix(r.URL.Path, "/e/") {
						r.Header.Set("Authorization", "Bearer "+key.Bearer())
					}
					return do(r)
				}
			},
		},
		{
			Name: "signed-put-is-in-band", Part: Readings,
			Peculiar: "the response to a signed PUT without a kind is in-band (R25)",
			Change: func(e *reference.Endpoint) {
				out := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					if c.MatchedKey != reference.NoKey {
						return e.SyncIn(c)
					}
					return out(c)
				}
			},
		},
		{
			Name: "upper-case-mac", Part: Readings,
			Peculiar: "a MAC in upper-case hex is accepted (R26)",
			Change: func(e *reference.Endpoint) {
				parse := e.ParseHeaders
				e.ParseHeaders = func(values []string) (reference.Signature, string, error) {
					if len(values) == 1 {
						at, mac, is := strings.Cut(values[0], "&s=")
						if is && mac == strings.ToUpper(mac) {
							values = []string{at + "&s=" + strings.ToLower(mac)}
						}
					}
					return parse(values)
				}
			},
		},
		{
			Name: "deploy-id-stays", Part: Readings,
			Peculiar: "the registered URL keeps the deployId of the sync (R30)",
			Change: func(e *reference.Endpoint) {
				url := e.ServeURL
				e.ServeURL = func(c *reference.Context) string {
					if query := c.Request.URL.RawQuery; query != "" {
						return url(c) + "?" + query
					}
					return url(c)
				}
			},
		},
		{
			Name: "nothing-in-code", Part: Readings, Without: []string{"code-config", "events", "checkpoint", "in-band-sync", "response-signature", "trust-probe"},
			Peculiar: "it has no optional capability: syncs are out-of-band, and there is no trust probe",
			Change: func(e *reference.Endpoint) {
				e.SyncIn, e.Probe = e.SyncOut, e.Run
				unsign(e)
			},
		},
	}
	for _, status := range []int{400, 401, 402, 403, 404, 406, 410, 418, 422, 429, 451, 501, 502, 503, 504, 511} {
		all = append(all, refusing(status))
	}
	for _, status := range []int{401, 403, 404, 500, 503} {
		all = append(all, hidden(status))
	}
	for _, status := range []int{400, 404, 410, 422, 503} {
		all = append(all, unknownFunction(status))
	}
	return all
}

// refusing refuses with a status (R1).
func refusing(status int) Endpoint {
	return Endpoint{
		Name: fmt.Sprintf("refuses-with-%d", status), Part: Readings,
		Peculiar: fmt.Sprintf("a refusal is a %d (R1)", status),
		Change: func(e *reference.Endpoint) {
			refuse := e.Refuse
			e.Refuse = func(c *reference.Context, why error) reference.Response {
				response := refuse(c, why)
				response.Status = status
				return response
			}
			unauthenticated(e, func() reference.Response { return plain(status) })
		},
	}
}

// hidden responds to an introspection that is not authentic with an error (R2).
func hidden(status int) Endpoint {
	return Endpoint{
		Name: fmt.Sprintf("get-%d", status), Part: Readings,
		Peculiar: fmt.Sprintf("a GET that is not authentic gets %d (R2)", status),
		Change:   func(e *reference.Endpoint) { unauthenticated(e, func() reference.Response { return plain(status) }) },
	}
}

// unknownFunction responds to a call of an unknown function with a status (R12).
func unknownFunction(status int) Endpoint {
	return Endpoint{
		Name: fmt.Sprintf("unknown-function-%d", status), Part: Readings,
		Peculiar: fmt.Sprintf("an authentic call of a function that does not exist gets %d (R12)", status),
		Change: func(e *reference.Endpoint) {
			run := e.Run
			e.Run = func(c *reference.Context) reference.Response {
				id, ofApp := strings.CutPrefix(c.Request.URL.Query().Get("fnId"), c.AppID+"-")
				if !ofApp || c.Functions[id] == nil {
					return plain(status)
				}
				return run(c)
			}
		},
	}
}

func plain(status int) reference.Response {
	return reference.Response{Status: status, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte(http.StatusText(status))}
}

// unauthenticated responds to an introspection in cloud mode that is not authentic in
// another way.
func unauthenticated(e *reference.Endpoint, respond func() reference.Response) {
	introspect := e.Introspect
	e.Introspect = func(c *reference.Context) reference.Response {
		if c.MatchedKey == reference.NoKey && !c.Mode.Dev {
			return respond()
		}
		return introspect(c)
	}
}

// introspected changes the body of an authenticated introspection.
func introspected(e *reference.Endpoint, change func(*reference.Context, map[string]any)) {
	introspect := e.Introspect
	e.Introspect = func(c *reference.Context) reference.Response {
		response := introspect(c)
		var body map[string]any
		if c.MatchedKey == reference.NoKey || json.Unmarshal(response.Body, &body) != nil {
			return response
		}
		change(c, body)
		if encoded, err := json.Marshal(body); err == nil {
			response.Body = encoded
		}
		return response
	}
}
