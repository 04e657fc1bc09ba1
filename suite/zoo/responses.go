package zoo

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// responding are the mutants whose responses have the wrong headers or signatures.
func responding() []Mutant {
	finish := func(change func(c *reference.Context, a *reference.Response)) func(*reference.Endpoint) {
		return func(e *reference.Endpoint) {
			finish := e.FinishResponse
			e.FinishResponse = func(c *reference.Context, a *reference.Response) {
				finish(c, a)
				change(c, a)
			}
		}
	}
	return []Mutant{
		{
			Name: "sdk-unnamed", Part: Responding, Kills: "answering.sdk-header",
			Defect: "responses do not name the SDK",
			Break:  finish(func(_ *reference.Context, a *reference.Response) { a.Header.Del(reference.HeaderSDK) }),
		},
		{
			Name: "answer-unsigned", Part: Responding, Kills: "answering.signed",
			Defect: "responses are not signed",
			Break:  finish(func(_ *reference.Context, a *reference.Response) { a.Header.Del(reference.HeaderSignature) }),
		},
		{
			Name: "answer-signed-with-primary", Part: Responding, Kills: "answering.signed-with-fallback",
			Defect: "responses are signed with the primary key, even if the fallback key verified the request",
			Break: func(e *reference.Endpoint) {
				sign := e.SignResponse
				e.SignResponse = func(_ reference.Key, body []byte, at time.Time) (reference.Signature, error) {
					primary, err := reference.ParseKey(e.Getenv(reference.EnvSigningKey))
					if err != nil {
						return reference.Signature{}, err
					}
					return sign(primary, body, at)
				}
			},
		},
		{
			Name: "other-bytes-signed", Part: Responding, Kills: "answering.signed",
			Defect: "responses are signed before they are encoded, over other bytes than are sent",
			Break: func(e *reference.Endpoint) {
				sign := e.SignResponse
				e.SignResponse = func(k reference.Key, body []byte, at time.Time) (reference.Signature, error) {
					return sign(k, append(bytes.Clone(body), '\n'), at)
				}
			},
		},
		{
			Name: "refusals-signed", Part: Responding, Kills: "answering.refusal-unsigned",
			Defect: "refusals are signed, too, so anyone can obtain signatures",
			Break: finish(func(c *reference.Context, a *reference.Response) {
				if s, err := c.SignResponse(c.Keys.Primary, a.Body, c.Now()); err == nil {
					a.Header.Set(reference.HeaderSignature, s.String())
				}
			}),
		},
	}
}

// failing are the mutants that respond wrongly, or crash.
func failing() []Mutant {
	return append(dying(), []Mutant{
		{
			Name: "success-before-refusal", Part: Availability, Kills: "receiving.unsigned",
			Defect: "refusals have status 200 and an error in the body",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Response {
					response := refuse(c, why)
					response.Status = http.StatusOK
					return response
				}
			},
		},
		{
			Name: "panics-on-a-wrong-mac", Part: Availability, Kills: "receiving.wrong-key",
			Defect: "a wrong signature throws an uncaught exception, which ends the process",
			Break: func(e *reference.Endpoint) {
				e.Refuse = func(_ *reference.Context, why error) reference.Response { panic(why) }
			},
		},
		{
			Name: "unknown-function-succeeds", Part: Availability, Kills: "calls.unknown-function",
			Defect: "the response to a call of an unknown function is 200",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					if strings.HasSuffix(c.Request.URL.Query().Get("fnId"), "-nobody") {
						return plain(http.StatusOK, `null`)
					}
					return run(c)
				}
			},
		},
		{
			Name: "probe-unknown", Part: Availability, Kills: "calls.probe",
			Defect: "a trust probe runs the function",
			Break: func(e *reference.Endpoint) {
				e.Probe = func(c *reference.Context) reference.Response { return c.Run(c) }
			},
		},
		{
			Name: "runs-twice", Part: Availability, Kills: "receiving.signed",
			Defect: "a call runs its function twice",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					run(c)
					return run(c)
				}
			},
		},
		{
			Name: "runs-then-refuses", Part: Availability, Kills: "receiving.tampered",
			Defect: "the function runs before the signature is verified, and the response is a refusal",
			Break: func(e *reference.Endpoint) {
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Response {
					if isCall(c.Request) {
						c.Run(c)
					}
					return refuse(c, why)
				}
			},
		},
	}...)
}

// constant are the mutants that give one response to every request. A suite that had only
// negative cases would pass them.
func constant() []Mutant {
	everything := func(name, kills, defect string, status int, body string) Mutant {
		return Mutant{Name: name, Part: Constant, Kills: kills, Defect: defect, Break: func(e *reference.Endpoint) {
			e.FinishResponse = func(_ *reference.Context, a *reference.Response) { *a = plain(status, body) }
		}}
	}
	return []Mutant{
		{
			Name: "refuses-everything", Part: Constant, Kills: "receiving.signed",
			Defect: "every request is refused, even valid ones",
			Break: func(e *reference.Endpoint) {
				e.Verify = func(*reference.Context) (reference.MatchedKey, error) { return reference.NoKey, reference.ErrMismatch }
			},
		},
		{
			Name: "runs-nothing", Part: Constant, Kills: "receiving.signed",
			Defect: "the response to a call is 200, and nothing runs",
			Break: responseOf(func(e *reference.Endpoint) *func(*reference.Context) reference.Response { return &e.Run },
				func(*reference.Context) reference.Response { return plain(http.StatusOK, `null`) }),
		},
		everything("answers-401", "receiving.signed", "every response is 401, after the function ran", http.StatusUnauthorized, `{}`),
		everything("answers-500", "receiving.signed", "every response is 500, after the function ran", http.StatusInternalServerError, `{}`),
		everything("answers-200", "receiving.unsigned", "every response is 200", http.StatusOK, `{}`),
		everything("answers-302", "receiving.signed", "every response is a redirect", http.StatusFound, ``),
	}
}

func plain(status int, body string) reference.Response {
	return reference.Response{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

// with sets members of a response body that is a JSON object.
func with(a reference.Response, namesAndValues ...any) reference.Response {
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

// responseOf replaces one of the endpoint's responses.
func responseOf(field func(*reference.Endpoint) *func(*reference.Context) reference.Response, response func(*reference.Context) reference.Response) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) { *field(e) = response }
}
