package fuzz_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/fuzz"
	"github.com/countersign-dev/countersign/reference"
)

// What is wrong here only shows in the course of things. Some of it remembers,
// so each run of a machine begins with a scheme of its own.

// rotating is a whole rotation with endpoints that are built wrong.
func rotating(breaker func() func(*reference.Endpoint)) func(*rapid.T) {
	return func(t *rapid.T) { serving(breaker()).ARotationLosesNothingAndLetsNothingIn(t) }
}

// always is a fault that remembers nothing.
func always(breakIt func(*reference.Endpoint)) func() func(*reference.Endpoint) {
	return func() func(*reference.Endpoint) { return breakIt }
}

// noFallback never tries the second key.
func noFallback(e *reference.Endpoint) {
	e.Choose = func(k reference.Keys, matches func(reference.Key) bool) reference.Which {
		return reference.Choose(reference.Keys{Primary: k.Primary}, matches)
	}
}

// fallbackOnly tries the first key only where there is no second.
func fallbackOnly(e *reference.Endpoint) {
	e.Choose = func(k reference.Keys, matches func(reference.Key) bool) reference.Which {
		if !k.Fallback.IsZero() {
			k.Primary = reference.Key{}
		}
		return reference.Choose(k, matches)
	}
}

// oneBearer asks the API with the first key and no other.
func oneBearer(e *reference.Endpoint) {
	e.Client = func(c *reference.Context) *reference.Client {
		client := reference.ClientOf(c)
		client.Attempts = func(k reference.Keys) []reference.Key { return []reference.Key{k.Primary} }
		return client
	}
}

// remembering accepts every key that any process ever held.
func remembering() func(*reference.Endpoint) {
	var ever []reference.Key
	return func(e *reference.Endpoint) {
		e.Choose = func(k reference.Keys, matches func(reference.Key) bool) reference.Which {
			ever = append(ever, k.Primary)
			for _, key := range ever {
				if matches(key) {
					return reference.Primary
				}
			}
			return reference.Choose(k, matches)
		}
	}
}

// switching stays with the key that the API took, for good.
func switching() func(*reference.Endpoint) {
	var taken reference.Key
	return func(e *reference.Endpoint) {
		e.Client = func(c *reference.Context) *reference.Client {
			client := reference.ClientOf(c)
			client.Attempts = func(k reference.Keys) []reference.Key {
				if !taken.IsZero() {
					return []reference.Key{taken}
				}
				return reference.AttemptKeys(k)
			}
			client.Do = func(r *http.Request) (*http.Response, error) {
				answer, err := c.Do(r)
				if err == nil && answer.StatusCode == http.StatusOK && r.Header.Get("Authorization") == "Bearer "+c.Keys.Fallback.Bearer() {
					taken = c.Keys.Fallback
				}
				return answer, err
			}
			return client
		}
	}
}

// stopped reads its clock once.
func stopped() func(*reference.Endpoint) {
	var first time.Time
	return func(e *reference.Endpoint) {
		e.CheckWindow = func(at, now time.Time) error {
			if first.IsZero() {
				first = now
			}
			return reference.CheckWindow(at, first)
		}
	}
}

// windowless looks at the time of what the first key signed, and of nothing else.
func windowless(e *reference.Endpoint) {
	e.Verify = func(c *reference.Context) (reference.Which, error) {
		which, err := c.Check()
		if errors.Is(err, reference.ErrExpired) {
			e := *c.Endpoint
			e.CheckWindow = func(time.Time, time.Time) error { return nil }
			late := *c
			late.Endpoint = &e
			if which, err := late.Check(); which == reference.Fallback {
				return which, err
			}
		}
		return which, err
	}
}

// bodiless takes the MAC of one message for any.
func bodiless(e *reference.Endpoint) {
	e.Match = func(key reference.Key, message []byte, t string, mac [32]byte) bool {
		return reference.Match(key, message, t, mac) || reference.Match(key, []byte(`{"other":true}`), t, mac)
	}
}

// wornOut lets the third refused request of a process through.
func wornOut() func(*reference.Endpoint) {
	refusals := 0
	return func(e *reference.Endpoint) {
		e.Verify = func(c *reference.Context) (reference.Which, error) {
			which, err := c.Check()
			if err != nil && c.Signed {
				if refusals++; refusals == 3 {
					return reference.Primary, nil
				}
			}
			return which, err
		}
	}
}

// calling is the retry machine with a client that is built wrong.
func calling(breakIt func(*reference.Client)) func(*rapid.T) {
	s := fuzz.Reference()
	s.Call = func(c *reference.Client, ctx context.Context, method, url string, header http.Header, body []byte) (reference.Reply, error) {
		broken := *c
		breakIt(&broken)
		return broken.Call(ctx, method, url, header, body)
	}
	return s.TheClientTriesTheOtherKeyOnceAndOnlyThen
}

// retrying is a client that changes its second request.
func retrying(change func(*http.Request)) func(*rapid.T) {
	return calling(func(c *reference.Client) {
		requests, do := 0, c.Do
		c.Do = func(r *http.Request) (*http.Response, error) {
			if requests++; requests == 2 {
				change(r)
			}
			return do(r)
		}
	})
}

func withoutBody(r *http.Request)  { r.Body = io.NopCloser(bytes.NewReader(nil)) }
func withoutQuery(r *http.Request) { r.URL.RawQuery = "" }
func withGet(r *http.Request)      { r.Method = http.MethodGet }
func withoutEnv(r *http.Request)   { r.Header.Del(reference.HeaderEnv) }

func threeTimes(c *reference.Client) {
	c.Attempts = func(k reference.Keys) []reference.Key { return append(reference.AttemptKeys(k), k.Primary) }
}

func fallbackFirst(c *reference.Client) {
	c.Keys = reference.Keys{Primary: c.Keys.Fallback, Fallback: c.Keys.Primary}
}

func refusing(statuses ...int) func(*reference.Client) {
	return func(c *reference.Client) {
		c.Refuses = func(status int) bool {
			for _, s := range statuses {
				if s == status {
					return true
				}
			}
			return false
		}
	}
}

// telling is a client that says something else of how a call went.
func telling(say func(c *reference.Client, reply reference.Reply, err error) (reference.Reply, error)) func(*rapid.T) {
	s := fuzz.Reference()
	s.Call = func(c *reference.Client, ctx context.Context, method, url string, header http.Header, body []byte) (reference.Reply, error) {
		reply, err := c.Call(ctx, method, url, header, body)
		return say(c, reply, err)
	}
	return s.TheClientTriesTheOtherKeyOnceAndOnlyThen
}

func silently(_ *reference.Client, reply reference.Reply, err error) (reference.Reply, error) {
	if errors.Is(err, reference.ErrRefused) {
		return reference.Reply{Status: http.StatusUnauthorized}, nil
	}
	return reply, err
}

func talkatively(c *reference.Client, reply reference.Reply, err error) (reference.Reply, error) {
	if err != nil {
		err = fmt.Errorf("with the key %s: %w", c.Keys.Primary.Text(), err)
	}
	return reply, err
}

// afterConnecting tries the second key when the first request was not answered.
func afterConnecting() func(*rapid.T) {
	s := fuzz.Reference()
	s.Call = func(c *reference.Client, ctx context.Context, method, url string, header http.Header, body []byte) (reference.Reply, error) {
		reply, err := c.Call(ctx, method, url, header, body)
		if err != nil && !errors.Is(err, reference.ErrRefused) && !c.Keys.Fallback.IsZero() {
			second := *c
			second.Keys = reference.Keys{Primary: c.Keys.Fallback}
			return second.Call(ctx, method, url, header, body)
		}
		return reply, err
	}
	return s.TheClientTriesTheOtherKeyOnceAndOnlyThen
}

// sticking begins with the second key once the first was refused.
func sticking(t *rapid.T) {
	refused := false
	calling(func(c *reference.Client) {
		attempts, refuses := c.Attempts, c.Refuses
		c.Attempts = func(k reference.Keys) []reference.Key {
			if refused && !k.Fallback.IsZero() {
				return []reference.Key{k.Fallback}
			}
			return attempts(k)
		}
		c.Refuses = func(status int) bool {
			refused = refused || refuses(status)
			return refuses(status)
		}
	})(t)
}

func rawBearer(t *rapid.T) {
	bearing(reference.Key.Text).TheClientTriesTheOtherKeyOnceAndOnlyThen(t)
}
