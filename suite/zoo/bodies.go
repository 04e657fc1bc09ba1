package zoo

import (
	"bytes"
	"encoding/json"
	"iter"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/reference"
)

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

var (
	lateAttempt = regexp.MustCompile(`"attempt":[0-9]{2}`)
	nullMember  = regexp.MustCompile(`,"[a-z]+":null`)
)

// bodies are the mutants that sign another body than the one they act on, or that let
// the body decide whether it is verified.
func bodies() []Mutant {
	return []Mutant{
		{
			Name: "retries-unverified", Part: Bodies, Kills: "receiving.tampered-at-start",
			Defect: "only the first attempt of a call is verified",
			Break:  letIn(callSays(func(c payload) bool { return c.Ctx.Attempt > 0 })),
		},
		{
			Name: "small-batches-only", Part: Bodies, Kills: "calls.batch",
			Defect: "a call with more than twenty events is refused",
			Break: lockOut(func(c *reference.Context, _ reference.MatchedKey) bool {
				return bytes.Count(c.Body, []byte(`"name":"`)) > 20
			}),
		},
		{
			Name: "one-digit-attempts", Part: Bodies, Kills: "calls.rare-values",
			Defect: "a call whose attempt has two digits is refused, because the pattern has one",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return lateAttempt.Match(c.Body) }),
		},
		{
			Name: "firewalled-texts", Part: Bodies, Kills: "calls.suspicious-texts",
			Defect: "a firewall refuses calls whose data contains markup",
			Break: lockOut(func(c *reference.Context, _ reference.MatchedKey) bool {
				return bytes.Contains(c.Body, []byte("<script>alert"))
			}),
		},
		{
			Name: "body-limit-of-32-kB", Part: Bodies, Kills: "calls.long",
			Defect: "bodies above 32 kB are refused",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return len(c.Body) > 32<<10 }),
		},
		{
			Name: "nulls-not-covered", Part: Bodies, Kills: "bodies.careless-form",
			Defect: "members that are null are left out before the MAC is computed, so anyone may add them",
			Break: func(e *reference.Endpoint) {
				whole := e.Messages
				e.Messages = func(body []byte) iter.Seq[[]byte] {
					return func(yield func([]byte) bool) {
						for _, one := range [][]byte{body, nullMember.ReplaceAll(body, nil)} {
							for message := range whole(one) {
								if !yield(message) {
									return
								}
							}
						}
					}
				}
			},
		},
		{
			Name: "chunks-not-read", Part: Bodies, Kills: "bodies.unread-mac-of-nothing",
			Defect: "the body of a request without a Content-Length is not read before it is verified",
			Break:  ifOfNothing(func(r *http.Request, _ []byte) bool { return r.ContentLength < 0 }),
		},
		{
			Name: "marked-events-unverified", Part: Bodies, Kills: "receiving.tampered",
			Defect: "an event whose data has a certain marker is accepted, a back door for tests",
			Break:  letIn(callSays(func(c payload) bool { return c.Event.Data.Pad == "b" && c.Event.Data.Text == "" })),
		},
		{
			Name: "long-texts-unverified", Part: Bodies, Kills: "calls.every-character-tampered",
			Defect: "an event with special characters and a certain marker is accepted without verification",
			Break:  letIn(callSays(func(c payload) bool { return c.Event.Data.Pad == "b" && c.Event.Data.Text != "" })),
		},
		{
			Name: "newer-versions-unverified", Part: Bodies, Kills: "receiving.tampered-at-end",
			Defect: "a payload of a newer version is not verified",
			Break:  letIn(callSays(func(c payload) bool { return c.Version > 1 })),
		},
		{
			Name: "runless-unverified", Part: Bodies, Kills: "receiving.replaced",
			Defect: "a call without a run id counts as a local invocation and is not verified",
			Break:  letIn(callSays(func(c payload) bool { return c.Ctx.RunID == "" && len(c.Event.Data.Nonce) > 0 })),
		},
		{
			Name: "unknown-function-first", Part: Bodies, Kills: "calls.unknown-function-unsigned",
			Defect: "the function is looked up before the request is verified, so anyone can find out which functions exist",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Response {
					if strings.HasSuffix(c.Request.URL.Query().Get("fnId"), "-nobody") {
						return reference.Response{Status: http.StatusOK, Header: http.Header{}, Body: []byte(`{"message":"no such function"}`)}
					}
					return refuse(c, why)
				}
			},
		},
		{
			Name: "escapes-everything", Part: Bodies, Kills: "calls.every-character",
			Defect: "the body is encoded again before the MAC, and the encoder escapes &, < and >",
			Break: onlyMessage(func(canonical []byte) []byte {
				for _, c := range []string{"&", "<", ">"} {
					escaped, _ := json.Marshal(c)
					canonical = bytes.ReplaceAll(canonical, []byte(c), bytes.Trim(escaped, `"`))
				}
				return canonical
			}),
		},
		{
			Name: "raw-bytes-only", Part: Bodies, Kills: "inband.server-encoding",
			Defect: "the MAC is computed over the received bytes, which are not the canonical form in a sync",
			Break: func(e *reference.Endpoint) {
				e.Messages = func(body []byte) iter.Seq[[]byte] {
					return func(yield func([]byte) bool) { yield(body) }
				}
			},
		},
		{
			Name: "canonicaliser-fails-open", Part: Bodies, Kills: "calls.duplicate-name-mac-of-nothing",
			Defect: "if a body has no canonical form, the MAC is compared with that of an empty message",
			Break: func(e *reference.Endpoint) {
				whole := e.Messages
				e.Messages = func(body []byte) iter.Seq[[]byte] {
					if _, err := reference.Canonicalise(body); err == nil || len(body) == 0 {
						return whole(body)
					}
					return slices.Values([][]byte{body, nil})
				}
			},
		},
		{
			Name: "strict-parser-fails-open", Part: Bodies, Kills: "calls.duplicate-name-mac-of-nothing",
			Defect: "if a body has a duplicate name or a lone surrogate, which only a strict parser rejects, the MAC is compared with that of an empty message",
			Break: func(e *reference.Endpoint) {
				whole := e.Messages
				e.Messages = func(body []byte) iter.Seq[[]byte] {
					_, strict := reference.Canonicalise(body)
					var value any
					if strict == nil || !utf8.Valid(body) || bytes.Contains(body, []byte("[[[")) || json.Unmarshal(body, &value) != nil {
						return whole(body)
					}
					return slices.Values([][]byte{body, nil})
				}
			},
		},
		{
			Name: "invalid-utf8-replaced", Part: Bodies, Kills: "calls.invalid-utf8",
			Defect: "invalid UTF-8 in a body is replaced before the MAC is computed, so bodies that Inngest signed as they are do not verify",
			Break: func(e *reference.Endpoint) {
				whole := e.Messages
				e.Messages = func(body []byte) iter.Seq[[]byte] { return whole(bytes.ToValidUTF8(body, []byte("\ufffd"))) }
			},
		},
		{
			Name: "canonical-form-only", Part: Bodies, Kills: "calls.invalid-utf8",
			Defect: "only the MAC of the canonical form is accepted, which some bodies that Inngest sends do not have",
			Break:  onlyMessage(func(canonical []byte) []byte { return canonical }),
		},
		{
			Name: "numbers-truncated", Part: Bodies, Kills: "calls.every-character",
			Defect: "numbers are rounded to six digits before the MAC is computed",
			Break: onlyMessage(func(canonical []byte) []byte {
				return bytes.ReplaceAll(canonical, []byte("123456789012"), []byte("1.23457e+11"))
			}),
		},
		{
			Name: "sync-body-not-covered", Part: Bodies, Kills: "inband.mac-of-nothing",
			Defect: "a sync counts as a request without a body, so a MAC over the time is enough",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
				return err == nil && isInBand(c.Request) && c.Match(c.Keys.Primary, nil, t, s.MAC)
			}),
		},
		{
			Name: "sync-url-not-covered", Part: Bodies, Kills: "inband.tampered",
			Defect: "a sync that names another path than the endpoint's is accepted",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, body []byte) bool {
				return isInBand(r) && bytes.HasSuffix(body, []byte(`/tampered"}`))
			}),
		},
		{
			Name: "probe-body-not-covered", Part: Bodies, Kills: "calls.probe-tampered",
			Defect: "a trust probe whose event has a certain marker is accepted",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, body []byte) bool {
				return isProbe(r) && bytes.Contains(body, []byte(`"pad":"b"`))
			}),
		},
		{
			Name: "chunks-unread", Part: Bodies, Kills: "calls.chunked",
			Defect: "a body without a Content-Length counts as no body",
			Break: func(e *reference.Endpoint) {
				read := e.ReadBody
				e.ReadBody = func(r *http.Request) ([]byte, error) {
					if len(r.TransferEncoding) > 0 {
						return nil, nil
					}
					return read(r)
				}
			},
		},
		{
			Name: "chunks-unverified", Part: Bodies, Kills: "calls.chunked-tampered",
			Defect: "a body without a Content-Length is not verified",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				return len(r.TransferEncoding) > 0
			}),
		},
		{
			Name: "forms-unverified", Part: Bodies, Kills: "calls.form-unsigned",
			Defect: "only bodies with the Content-Type of JSON are verified, but all are parsed as JSON",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
			}),
		},
		{
			Name: "no-body-no-refusal", Part: Bodies, Kills: "calls.no-body",
			Defect: "the response to a call without a body is a success",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Response {
					if isCall(c.Request) && len(c.Body) == 0 {
						return plain(http.StatusOK, `null`)
					}
					return refuse(c, why)
				}
			},
		},
		{
			Name: "repeated-function-unverified", Part: Bodies, Kills: "calls.query-repeats-function",
			Defect: "a call that names two functions is not verified, and one of them runs",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				return isCall(r) && len(r.URL.Query()["fnId"]) > 1
			}),
		},
		{
			Name: "unknown-probe-unverified", Part: Bodies, Kills: "calls.probe-misspelled",
			Defect: "probes are not verified, and an unknown probe runs the function",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				return r.URL.Query().Get("probe") == "none"
			}),
		},
		{
			Name: "steps-unverified", Part: Bodies, Kills: "checkpoint.unsigned",
			Defect: "a call that may send checkpoints is not verified",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				return isCall(r) && strings.HasSuffix(r.URL.Query().Get("fnId"), "-step")
			}),
		},
		{
			Name: "reads-before-verifying", Part: Bodies, Kills: "sending.use-api-unsigned",
			Defect: "with use_api the payload is read from the API before the call is verified",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, body []byte) bool {
				return callSays(func(c payload) bool { return c.Ctx.UseAPI })(e, r, body) && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
	}
}

// payload is the part of a call that these mutants read.
type payload struct {
	Ctx struct {
		Attempt int    `json:"attempt"`
		RunID   string `json:"run_id"`
		UseAPI  bool   `json:"use_api"`
	} `json:"ctx"`
	Event struct {
		Data struct {
			Nonce string `json:"nonce"`
			Pad   string `json:"pad"`
			Text  string `json:"text"`
		} `json:"data"`
	} `json:"event"`
	Version int `json:"version"`
}

func callSays(holds func(payload) bool) func(*reference.Endpoint, *http.Request, []byte) bool {
	return func(_ *reference.Endpoint, r *http.Request, body []byte) bool {
		var p payload
		return isCall(r) && json.Unmarshal(body, &p) == nil && holds(p)
	}
}
