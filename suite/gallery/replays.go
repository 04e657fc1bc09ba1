package gallery

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"sync"

	"github.com/countersign-dev/countersign/reference"
)

// replays: endpoints that take nothing twice.
func replays() []Endpoint {
	return []Endpoint{
		{
			Name: "signature-once", Part: Replays,
			Peculiar: "a signature that was accepted is refused from then on, whatever the method",
			Change: func(e *reference.Endpoint) {
				seen := newSet()
				verified(e, func(c *reference.Context) error {
					if !seen.add(c.Request.Header.Get(reference.HeaderSignature)) {
						return errReplayed
					}
					return nil
				})
			},
		},
		{
			Name: "signature-once-before-verifying", Part: Replays,
			Peculiar: "a signature header that was received is refused from then on, even if it was not valid",
			Change: func(e *reference.Endpoint) {
				seen := newSet()
				verify := e.Verify
				e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
					value := c.Request.Header.Get(reference.HeaderSignature)
					if value != "" && !seen.add(value) {
						return reference.NoKey, errReplayed
					}
					return verify(c)
				}
			},
		},
		{
			Name: "mac-once-by-409", Part: Replays,
			Peculiar: "a MAC that was accepted before gets 409, and a page that says so",
			Change: func(e *reference.Endpoint) {
				seen := newSet()
				verified(e, func(c *reference.Context) error {
					s, _, err := e.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
					if err == nil && !seen.add(string(s.MAC[:])) {
						return errReplayed
					}
					return nil
				})
				refuse := e.Refuse
				e.Refuse = func(c *reference.Context, why error) reference.Response {
					if errors.Is(why, errReplayed) {
						return reference.Response{Status: http.StatusConflict, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte("seen before")}
					}
					return refuse(c, why)
				}
			},
		},
		{
			Name: "run-once", Part: Replays,
			Peculiar: "a request id that was run before gets the first response again, and runs nothing",
			Change: func(e *reference.Endpoint) {
				var mu sync.Mutex
				done := map[string]reference.Response{}
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					mu.Lock()
					defer mu.Unlock()
					id := runOf(c.Body)
					if response, known := done[id]; known && id != "" {
						response.Header = response.Header.Clone()
						return response
					}
					response := run(c)
					done[id] = reference.Response{Status: response.Status, Header: response.Header.Clone(), Body: bytes.Clone(response.Body)}
					return response
				}
			},
		},
	}
}

var errReplayed = errors.New("the signature was used before")

// verified checks more of a request whose signature is valid.
func verified(e *reference.Endpoint, more func(*reference.Context) error) {
	verify := e.Verify
	e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
		matched, err := verify(c)
		if err == nil {
			err = more(c)
		}
		if err != nil {
			return reference.NoKey, err
		}
		return matched, nil
	}
}

// set is a set of texts.
type set struct {
	mu   sync.Mutex
	seen map[string]bool
}

func newSet() *set { return &set{seen: map[string]bool{}} }

// add reports whether the text is new.
func (s *set) add(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	isNew := !s.seen[text]
	s.seen[text] = true
	return isNew
}

// runOf is what identifies a call: its run and request, and what it asks for.
func runOf(body []byte) string {
	var call struct {
		Ctx struct {
			RunID     string `json:"run_id"`
			RequestID string `json:"request_id"`
		} `json:"ctx"`
	}
	if json.Unmarshal(body, &call) != nil || call.Ctx.RunID == "" {
		return ""
	}
	return call.Ctx.RunID + " " + call.Ctx.RequestID
}
