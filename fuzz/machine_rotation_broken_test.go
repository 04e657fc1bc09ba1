package fuzz_test

import (
	"errors"
	"net/http"
	"time"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// These defects show only in a sequence of actions. Some have a state, so each run
// of a machine starts with a scheme of its own.

// rotating is a whole rotation with endpoints that are built wrong.
func rotating(breaker func() func(*reference.Endpoint)) func(*rapid.T) {
	return func(t *rapid.T) { serving(breaker()).ARotationLosesNothingAndLetsNothingIn(t) }
}

// always is a defect without a state.
func always(breakIt func(*reference.Endpoint)) func() func(*reference.Endpoint) {
	return func() func(*reference.Endpoint) { return breakIt }
}

// noFallback never tries the second key.
func noFallback(e *reference.Endpoint) {
	e.Choose = func(k reference.Keys, matches func(reference.Key) bool) reference.MatchedKey {
		return reference.Choose(reference.Keys{Primary: k.Primary}, matches)
	}
}

// fallbackOnly tries the first key only where there is no second.
func fallbackOnly(e *reference.Endpoint) {
	e.Choose = func(k reference.Keys, matches func(reference.Key) bool) reference.MatchedKey {
		if !k.Fallback.IsZero() {
			k.Primary = reference.Key{}
		}
		return reference.Choose(k, matches)
	}
}

// oneBearer contacts the API with the first key and no other.
func oneBearer(e *reference.Endpoint) {
	e.Client = func(c *reference.Context) *reference.Client {
		client := reference.ClientOf(c)
		client.Attempts = func(k reference.Keys) []reference.Key { return []reference.Key{k.Primary} }
		return client
	}
}

// remembering accepts every key that any process ever had.
func remembering() func(*reference.Endpoint) {
	var ever []reference.Key
	return func(e *reference.Endpoint) {
		e.Choose = func(k reference.Keys, matches func(reference.Key) bool) reference.MatchedKey {
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

// switching stays with the key that the API accepted.
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
				response, err := c.Do(r)
				if err == nil && response.StatusCode == http.StatusOK && r.Header.Get("Authorization") == "Bearer "+c.Keys.Fallback.Bearer() {
					taken = c.Keys.Fallback
				}
				return response, err
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

// windowless checks the time only of what the first key signed.
func windowless(e *reference.Endpoint) {
	e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
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

// window is right but for how old a signature may be.
func window(seconds int) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		e.CheckWindow = func(at, now time.Time) error {
			if now.Sub(at) > time.Duration(seconds)*time.Second {
				return reference.ErrExpired
			}
			return nil
		}
	}
}

// backwards contacts the API with the fallback first.
func backwards(e *reference.Endpoint) {
	e.Client = func(c *reference.Context) *reference.Client {
		client := reference.ClientOf(c)
		placesChanged(client)
		return client
	}
}

// bodiless takes the MAC of one message for any.
func bodiless(e *reference.Endpoint) {
	e.Match = func(key reference.Key, message []byte, t string, mac [32]byte) bool {
		return reference.Match(key, message, t, mac) || reference.Match(key, []byte(`{"other":true}`), t, mac)
	}
}

// wornOut accepts the third request that a process would reject.
func wornOut() func(*reference.Endpoint) {
	rejections := 0
	return func(e *reference.Endpoint) {
		e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
			which, err := c.Check()
			if err != nil && c.Signed {
				if rejections++; rejections == 3 {
					return reference.Primary, nil
				}
			}
			return which, err
		}
	}
}
