package zoo

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// remembering are the mutants whose verification depends on earlier requests.
func remembering() []Mutant {
	header := func(c *reference.Context) string { return c.Request.Header.Get(reference.HeaderSignature) }
	body := func(c *reference.Context) string {
		if !isCall(c.Request) {
			return ""
		}
		return string(c.Body)
	}
	peer := func(c *reference.Context) string { return c.Request.RemoteAddr }
	return []Mutant{
		{
			Name: "cold-lets-unsigned-in", Part: Memory, Kills: "state.cold-unsigned",
			Defect: "until the first valid request has arrived, a request without a signature is accepted",
			Break:  untilValid(reference.ErrUnsigned),
		},
		{
			Name: "cold-lets-any-mac-in", Part: Memory, Kills: "state.cold-wrong-key",
			Defect: "until the first valid request has arrived, every MAC is accepted: the key is loaded in the background",
			Break:  untilValid(reference.ErrMismatch),
		},
		{
			Name: "cold-has-no-window", Part: Memory, Kills: "state.cold-expired",
			Defect: "until the first valid request has arrived, the age of a signature is not checked",
			Break:  untilValid(reference.ErrExpired),
		},
		{
			Name: "connection-is-authenticated", Part: Memory, Kills: "state.connection-unsigned",
			Defect: "after one valid request, requests without a signature are accepted on its connection",
			Break:  afterAccepted(peer, reference.ErrUnsigned),
		},
		{
			Name: "connection-skips-the-mac", Part: Memory, Kills: "state.connection-tampered",
			Defect: "after one valid request, the MAC is not computed again for other requests of its connection",
			Break:  afterAccepted(peer, reference.ErrMismatch),
		},
		{
			Name: "header-remembered", Part: Memory, Kills: "state.header-again",
			Defect: "the result of a verification is cached by the signature header, whatever the body is",
			Break:  afterAccepted(header, reference.ErrMismatch),
		},
		{
			Name: "body-remembered", Part: Memory, Kills: "state.body-again",
			Defect: "a body that was accepted once is accepted again without a signature, as a retry",
			Break:  afterAccepted(body, reference.ErrUnsigned),
		},
		{
			Name: "one-call-for-each-run", Part: Memory, Kills: "state.retry",
			Defect: "a second call with the id of a run counts as a replay",
			Break: func(e *reference.Endpoint) {
				var known sync.Map
				lockOut(func(c *reference.Context, _ reference.MatchedKey) bool {
					run := runOf(c)
					if run == "" {
						return false
					}
					_, again := known.LoadOrStore(run, true)
					return again
				})(e)
			},
		},
		{
			Name: "run-remembered", Part: Memory, Kills: "state.run-again",
			Defect: "after one valid call of a run, its further calls are not verified",
			Break:  afterAccepted(runOf, reference.ErrUnsigned),
		},
		{
			Name: "time-remembered", Part: Memory, Kills: "receiving.wrong-key",
			Defect: "the result of a verification is cached by t, for all requests of one second",
			Break: afterAccepted(func(c *reference.Context) string {
				_, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
				if err != nil {
					return ""
				}
				return t
			}, reference.ErrMismatch),
		},
		{
			Name: "introspection-opens", Part: Memory, Kills: "state.after-introspection",
			Defect: "after an authenticated introspection, the next call is not verified",
			Break: opensNext(func(c *reference.Context) bool {
				return c.Request.Method == http.MethodGet && c.MatchedKey != reference.NoKey
			}),
		},
		{
			Name: "sync-opens", Part: Memory, Kills: "state.after-sync",
			Defect: "after an out-of-band sync, the next call is not verified",
			Break: opensNext(func(c *reference.Context) bool {
				return c.Request.Method == http.MethodPut && !isInBand(c.Request) && c.MatchedKey != reference.NoKey
			}),
		},
		{
			Name: "in-band-sync-opens", Part: Memory, Kills: "state.after-in-band-sync",
			Defect: "after an in-band sync, the next call is not verified",
			Break:  opensNext(func(c *reference.Context) bool { return isInBand(c.Request) && c.MatchedKey != reference.NoKey }),
		},
		{
			Name: "exception-opens", Part: Memory, Kills: "state.after-failure",
			Defect: "a valid call that fails leaves the middleware in a state in which it does not verify the next one",
			Break: opensNext(func(c *reference.Context) bool {
				return isCall(c.Request) && c.MatchedKey != reference.NoKey && c.Request.URL.Query().Get("fnId") == "countersign-nobody"
			}),
		},
		{
			Name: "unreadable-header-opens", Part: Memory, Kills: "state.after-unreadable-headers",
			Defect: "after two signature headers in a row that cannot be read, the next call is not verified",
			Break: opensAfter(2, func(err error) bool {
				var unreadable *reference.HeaderError
				return errors.As(err, &unreadable)
			}, reference.ErrUnsigned),
		},
		{
			Name: "idle-opens", Part: Memory, Kills: "state.after-idle",
			Defect: "after a second without a request, the first one is accepted without a signature, while the key is loaded anew",
			Break: func(e *reference.Endpoint) {
				var mu sync.Mutex
				var last time.Time
				e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
					mu.Lock()
					idle := !last.IsZero() && c.Now().Sub(last) >= time.Second
					last = c.Now()
					mu.Unlock()
					which, err := c.Check()
					if idle && errors.Is(err, reference.ErrUnsigned) {
						return reference.Primary, nil
					}
					return which, err
				}
			},
		},
		{
			Name: "breaker-fails-open", Part: Memory, Kills: "state.after-refusals",
			Defect: "after twenty refusals in a row a circuit breaker takes verification for broken, and lets everything in until a valid request arrives",
			Break:  opensAfter(20, func(error) bool { return true }, reference.ErrUnsigned, reference.ErrMismatch),
		},
		{
			Name: "limiter-fails-open", Part: Memory, Kills: "state.after-many-refusals",
			Defect: "after two hundred refusals in a row the rate limit of the verifier is exhausted, and nothing is verified",
			Break:  opensAfter(200, func(error) bool { return true }, reference.ErrUnsigned, reference.ErrMismatch),
		},
		{
			Name: "breaker-locks-out", Part: Memory, Kills: "state.valid-after-refusals",
			Defect: "after twenty refusals in a row the next valid call is refused",
			Break: func(e *reference.Endpoint) {
				refusals := newCounter()
				e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
					which, err := c.Check()
					if err != nil {
						refusals.next()
						return which, err
					}
					if refusals.reset() >= 20 {
						return reference.NoKey, reference.ErrMismatch
					}
					return which, err
				}
			},
		},
		{
			Name: "odd-bodies-open", Part: Memory, Kills: "state.after-odd-bodies",
			Defect: "after four bodies in a row that are no objects the parser is replaced by one that does not verify",
			Break: func(e *reference.Endpoint) {
				odd := newCounter()
				forgiveWhich(reference.ErrUnsigned, func(c *reference.Context) bool {
					var object map[string]any
					if json.Unmarshal(c.Body, &object) != nil || object == nil {
						odd.next()
						return false
					}
					return odd.reset() >= 4
				})(e)
			},
		},
	}
}

// rarely are the mutants that break a set-up in which other cases send no forgery.
func rarely() []Mutant {
	originSet := func(c *reference.Context) bool { return c.Getenv(reference.EnvServeOrigin) != "" }
	return []Mutant{
		{
			Name: "serve-origin-lets-unsigned-in", Part: Memory, Kills: "state.last-unsigned",
			Defect: "with INNGEST_SERVE_ORIGIN set, a call without a signature is accepted: it is taken to come through a trusted gateway",
			Break:  forgiveWhich(reference.ErrUnsigned, originSet),
		},
		{
			Name: "serve-origin-lets-any-mac-in", Part: Memory, Kills: "state.last-wrong-key",
			Defect: "with INNGEST_SERVE_ORIGIN set, every MAC is accepted",
			Break:  forgiveWhich(reference.ErrMismatch, originSet),
		},
		{
			Name: "serve-origin-has-no-window", Part: Memory, Kills: "state.last-expired",
			Defect: "with INNGEST_SERVE_ORIGIN set, the age of a signature is not checked",
			Break:  forgiveWhich(reference.ErrExpired, originSet),
		},
	}
}

// counter counts for several goroutines.
type counter struct {
	mu sync.Mutex
	n  int
}

func newCounter() *counter { return &counter{} }

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

// reset returns the count and begins anew.
func (c *counter) reset() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.n
	c.n = 0
	return n
}

// untilValid accepts what is refused for a reason until a request was accepted.
func untilValid(reason error) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		accepted := newCounter()
		e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
			which, err := c.Check()
			if err == nil {
				accepted.next()
				return which, nil
			}
			if n := accepted.reset(); n > 0 {
				accepted.next()
				return which, err
			}
			if errors.Is(err, reason) && isCall(c.Request) {
				return reference.Primary, nil
			}
			return which, err
		}
	}
}

// afterAccepted accepts what is refused for a reason if something about it was
// accepted before.
func afterAccepted(what func(*reference.Context) string, reason error) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		var mu sync.Mutex
		seen := map[string]bool{}
		e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
			which, err := c.Check()
			mu.Lock()
			defer mu.Unlock()
			known := what(c)
			if err == nil {
				seen[known] = true
			}
			if known != "" && seen[known] && errors.Is(err, reason) {
				return reference.Primary, nil
			}
			return which, err
		}
	}
}

func runOf(c *reference.Context) string {
	var call reference.Call
	if json.Unmarshal(c.Body, &call) != nil {
		return ""
	}
	return call.Ctx.RunID
}

// opensNext does not verify the request right after one that meets a condition.
func opensNext(when func(*reference.Context) bool) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		var mu sync.Mutex
		open := false
		e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
			mu.Lock()
			defer mu.Unlock()
			was := open
			var err error
			c.MatchedKey, err = c.Check()
			open = when(c)
			if was && isCall(c.Request) && errors.Is(err, reference.ErrUnsigned) {
				return reference.Primary, nil
			}
			return c.MatchedKey, err
		}
	}
}

// opensAfter accepts what is refused for some reasons after a number of refusals
// that count, with none accepted in between.
func opensAfter(most int, counts func(error) bool, reasons ...error) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		refusals := newCounter()
		e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
			which, err := c.Check()
			if err == nil {
				refusals.reset()
				return which, nil
			}
			n := refusals.reset()
			for range n {
				refusals.next()
			}
			for _, reason := range reasons {
				if n >= most && errors.Is(err, reason) && isCall(c.Request) {
					return reference.Primary, nil
				}
			}
			if counts(err) {
				refusals.next()
			}
			return which, err
		}
	}
}
