package fuzz_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/fuzz"
	"github.com/countersign-dev/countersign/reference"
)

// calling is the retry machine with a client that is built wrong.
func calling(breakIt func(*reference.Client)) func(*rapid.T) {
	s := fuzz.Reference()
	s.Call = func(c *reference.Client, ctx context.Context, method, url string, header http.Header, body []byte) (reference.APIResponse, error) {
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
func withoutType(r *http.Request)  { r.Header.Del("Content-Type") }
func withoutSDK(r *http.Request)   { r.Header.Del(reference.HeaderSDK) }

func threeTimes(c *reference.Client) {
	c.Attempts = func(k reference.Keys) []reference.Key { return append(reference.AttemptKeys(k), k.Primary) }
}

func fallbackFirst(c *reference.Client) {
	c.Keys = reference.Keys{Primary: c.Keys.Fallback, Fallback: c.Keys.Primary}
}

// placesChanged is right about the keys and wrong about their order.
func placesChanged(c *reference.Client) {
	c.Attempts = func(k reference.Keys) []reference.Key {
		keys := reference.AttemptKeys(k)
		slices.Reverse(keys)
		return keys
	}
}

func primaryNeeded(c *reference.Client) {
	c.Attempts = func(k reference.Keys) []reference.Key {
		if k.Primary.IsZero() {
			return nil
		}
		return reference.AttemptKeys(k)
	}
}

func primaryOnly(c *reference.Client) {
	c.Attempts = func(k reference.Keys) []reference.Key {
		return reference.AttemptKeys(k)[:min(1, len(reference.AttemptKeys(k)))]
	}
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
func reporting(say func(c *reference.Client, reply reference.APIResponse, err error) (reference.APIResponse, error)) func(*rapid.T) {
	s := fuzz.Reference()
	s.Call = func(c *reference.Client, ctx context.Context, method, url string, header http.Header, body []byte) (reference.APIResponse, error) {
		reply, err := c.Call(ctx, method, url, header, body)
		return say(c, reply, err)
	}
	return s.TheClientTriesTheOtherKeyOnceAndOnlyThen
}

func withoutError(_ *reference.Client, reply reference.APIResponse, err error) (reference.APIResponse, error) {
	if errors.Is(err, reference.ErrRefused) {
		return reference.APIResponse{Status: http.StatusUnauthorized}, nil
	}
	return reply, err
}

func withKeyInError(c *reference.Client, reply reference.APIResponse, err error) (reference.APIResponse, error) {
	if err != nil {
		err = fmt.Errorf("with the key %s: %w", c.Keys.Primary.Text(), err)
	}
	return reply, err
}

func droppingBody(_ *reference.Client, reply reference.APIResponse, err error) (reference.APIResponse, error) {
	return reference.APIResponse{Status: reply.Status}, err
}

// afterConnecting tries the second key if the first request had no response.
func afterConnecting() func(*rapid.T) {
	s := fuzz.Reference()
	s.Call = func(c *reference.Client, ctx context.Context, method, url string, header http.Header, body []byte) (reference.APIResponse, error) {
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
