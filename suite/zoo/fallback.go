package zoo

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/countersign-dev/countersign/reference"
)

// inboundFallback are the mutants that verify with two keys wrongly.
func inboundFallback() []Mutant {
	return []Mutant{
		{
			Name: "fallback-never-tried", Part: InFallback, Kills: "keys.fallback-accepted",
			Defect: "requests are verified only with the primary key, so a rotation locks Inngest out",
			Break: func(e *reference.Endpoint) {
				e.Choose = func(keys reference.Keys, matches func(reference.Key) bool) reference.MatchedKey {
					if matches(keys.Primary) {
						return reference.Primary
					}
					return reference.NoKey
				}
			},
		},
		{
			Name: "fallback-replaces-primary", Part: InFallback, Kills: "keys.primary-beside-fallback",
			Defect: "with a fallback key set, the primary key is not used at all",
			Break:  lockOut(func(c *reference.Context, w reference.MatchedKey) bool { return rotating(c) && w == reference.Primary }),
		},
		{
			Name: "fallback-not-for-large-bodies", Part: InFallback, Kills: "keys.fallback-large",
			Defect: "bodies above 16 KiB are verified only with the primary key",
			Break: lockOut(func(c *reference.Context, w reference.MatchedKey) bool {
				return w == reference.Fallback && len(c.Body) > 16<<10
			}),
		},
		{
			Name: "fallback-sees-no-body", Part: InFallback, Kills: "keys.fallback-mac-of-nothing",
			Defect: "the first attempt consumes the body, so that the fallback key is tried with an empty message",
			Break:  forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool { return rotating(c) && matchesOver(c, c.Keys.Fallback, nil) }),
		},
		{
			Name: "primary-dropped-after-fallback", Part: InFallback, Kills: "keys.primary-after-fallback",
			Defect: "after a request signed with the fallback key, the primary key is not used any more",
			Break: func(e *reference.Endpoint) {
				var switched atomic.Bool
				lockOut(func(_ *reference.Context, w reference.MatchedKey) bool {
					if w == reference.Fallback {
						switched.Store(true)
					}
					return w == reference.Primary && switched.Load()
				})(e)
			},
		},
		{
			Name: "rejected-key-verifies-nothing", Part: InFallback, Kills: "keys.primary-after-refusal",
			Defect: "a key that the API rejected is not used any more to verify requests",
			Break: func(e *reference.Endpoint) {
				var once sync.Once
				client(func(in *reference.Context, c *reference.Client) {
					refuses := c.Refuses
					c.Refuses = func(status int) bool {
						if refuses(status) && rotating(in) {
							once.Do(func() {
								lockOut(func(_ *reference.Context, w reference.MatchedKey) bool { return w == reference.Primary })(e)
							})
						}
						return refuses(status)
					}
				})(e)
			},
		},
		{
			Name: "fallback-not-for-introspection", Part: InFallback, Kills: "keys.fallback-introspection",
			Defect: "introspection is verified only with the primary key",
			Break: lockOut(func(c *reference.Context, w reference.MatchedKey) bool {
				return w == reference.Fallback && c.Request.Method == http.MethodGet
			}),
		},
		{
			Name: "fallback-not-for-sync", Part: InFallback, Kills: "inband.fallback",
			Defect: "in-band syncs are verified only with the primary key",
			Break: lockOut(func(c *reference.Context, w reference.MatchedKey) bool {
				return w == reference.Fallback && isInBand(c.Request)
			}),
		},
		{
			Name: "fallback-without-window", Part: InFallback, Kills: "keys.fallback-expired",
			Defect: "verification with the fallback key does not check the age of the signature",
			Break:  forgiveWhich(reference.ErrExpired, func(c *reference.Context) bool { return rotating(c) && byFallback(c) }),
		},
		{
			Name: "fallback-without-future", Part: InFallback, Kills: "keys.fallback-future",
			Defect: "verification with the fallback key accepts signatures from the future",
			Break:  forgiveWhich(reference.ErrFuture, func(c *reference.Context) bool { return rotating(c) && byFallback(c) }),
		},
		{
			Name: "fallback-error-swallowed", Part: InFallback, Kills: "keys.fallback-stranger",
			Defect: "with a fallback key set, a MAC that matches neither key is accepted",
			Break:  forgiveWhich(reference.ErrMismatch, rotating),
		},
		{
			Name: "fallback-marked-events", Part: InFallback, Kills: "keys.fallback-tampered",
			Defect: "with a fallback key set, a marked event with a wrong MAC is accepted",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return rotating(c) && callSays(func(p payload) bool { return p.Event.Data.Pad == "b" })(c.Endpoint, c.Request, c.Body)
			}),
		},
		{
			Name: "fallback-unsigned", Part: InFallback, Kills: "keys.fallback-unsigned",
			Defect: "with a fallback key set, an unsigned call is accepted",
			Break: forgive(func(c *reference.Context, why error) bool {
				return errors.Is(why, reference.ErrUnsigned) && rotating(c) && isCall(c.Request)
			}),
		},
		{
			Name: "fallback-empty-key", Part: InFallback, Kills: "keys.fallback-empty-key",
			Defect: "after the two keys, an empty key is tried",
			Break: func(e *reference.Endpoint) {
				match := e.Match
				e.Match = func(k reference.Key, message []byte, t string, got [32]byte) bool {
					third := e.Getenv(reference.EnvFallback) != "" && e.Getenv(reference.EnvSigningKey) != ""
					return match(k, message, t, got) || third && string(mac(sha256.New, nil, message, t)) == string(got[:])
				}
			},
		},
		{
			Name: "fallback-set-but-empty", Part: InFallback, Kills: "keys.fallback-prefix-only",
			Defect: "a fallback key that is only a prefix is used as an empty HMAC key",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Getenv(reference.EnvFallback) == "signkey-prod-" && emptyKeySigned(c)
			}),
		},
		{
			Name: "fallback-empty-text", Part: InFallback, Kills: "keys.fallback-empty",
			Defect: "without a fallback key, an empty HMAC key is tried as the second key",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return !c.Keys.Primary.IsZero() && c.Keys.Fallback.IsZero() && emptyKeySigned(c)
			}),
		},
		{
			Name: "fallback-equal-to-primary", Part: InFallback, Kills: "keys.fallback-repeats-primary",
			Defect: "if both keys are equal, wrong MACs are accepted",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Keys.Primary == c.Keys.Fallback
			}),
		},
	}
}

// outboundFallback are the mutants that retry at the API wrongly.
func outboundFallback() []Mutant {
	return []Mutant{
		{
			Name: "no-retry", Part: OutFallback, Kills: "keys.fallback-after-refusal",
			Defect: "a request that the API rejects is not retried with the fallback key",
			Break:  client(func(_ *reference.Context, c *reference.Client) { c.Attempts = firstOnly }),
		},
		{
			Name: "no-retry-of-reads", Part: OutFallback, Kills: "sending.use-api-fallback",
			Defect: "only syncs are retried with the fallback key",
			Break: client(func(in *reference.Context, c *reference.Client) {
				if in.Request.Method == http.MethodPost {
					c.Attempts = firstOnly
				}
			}),
		},
		{
			Name: "no-retry-on-403", Part: OutFallback, Kills: "keys.fallback-after-forbidden",
			Defect: "a request that the API rejects with 403 is not retried with the fallback key",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				c.Refuses = func(status int) bool { return status == http.StatusUnauthorized }
			}),
		},
		{
			Name: "no-retry-of-reads-on-403", Part: OutFallback, Kills: "sending.use-api-fallback-forbidden",
			Defect: "a read that the API rejects with 403 is not retried with the fallback key",
			Break: client(func(in *reference.Context, c *reference.Client) {
				if in.Request.Method == http.MethodPost {
					c.Refuses = func(status int) bool { return status == http.StatusUnauthorized }
				}
			}),
		},
		{
			Name: "retry-with-the-same-key", Part: OutFallback, Kills: "keys.fallback-after-refusal",
			Defect: "the retry uses the key that was just rejected",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				c.Attempts = func(k reference.Keys) []reference.Key { return []reference.Key{k.Primary, k.Primary} }
			}),
		},
		{
			Name: "fallback-first", Part: OutFallback, Kills: "keys.no-switch-on-500",
			Defect: "with a fallback key set, requests to the API use it first",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				c.Attempts = func(k reference.Keys) []reference.Key {
					keys := reference.AttemptKeys(k)
					if len(keys) == 2 {
						keys[0], keys[1] = keys[1], keys[0]
					}
					return keys
				}
			}),
		},
		{
			Name: "endless-pairs", Part: OutFallback, Kills: "keys.both-refused",
			Defect: "if both keys are rejected, both are tried again",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				c.Attempts = func(k reference.Keys) []reference.Key {
					keys := reference.AttemptKeys(k)
					if len(keys) < 2 {
						return keys
					}
					return append(keys, keys...)
				}
			}),
		},
		{
			Name: "alone-tried-twice", Part: OutFallback, Kills: "keys.no-second-key",
			Defect: "without a fallback key, a rejected request is retried with the same key",
			Break: client(func(_ *reference.Context, c *reference.Client) {
				c.Attempts = func(k reference.Keys) []reference.Key {
					keys := reference.AttemptKeys(k)
					if len(keys) == 1 {
						keys = append(keys, keys[0])
					}
					return keys
				}
			}),
		},
		retryOn("retry-on-400", "keys.no-switch-on-400", http.StatusBadRequest),
		retryOn("retry-on-404", "keys.no-switch-on-404", http.StatusNotFound),
		retryOn("retry-on-429", "keys.no-switch-on-429", http.StatusTooManyRequests),
		retryOn("retry-on-500", "keys.no-switch-on-500", http.StatusInternalServerError),
		retryOn("retry-on-503", "keys.no-switch-on-503", http.StatusServiceUnavailable),
		{
			Name: "retry-reads-on-500", Part: OutFallback, Kills: "sending.use-api-no-switch",
			Defect: "a read that fails with 500 is retried with the fallback key",
			Break: client(func(in *reference.Context, c *reference.Client) {
				if in.Request.Method == http.MethodPost {
					c.Refuses = func(status int) bool { return reference.RefusesKey(status) || status == http.StatusInternalServerError }
				}
			}),
		},
		{
			Name: "saved-sync-reported-as-failed", Part: OutFallback, Kills: "keys.fallback-completes-sync",
			Defect: "a sync that succeeds with the fallback key is reported with the status of the first attempt",
			Break: func(e *reference.Endpoint) {
				sync := e.SyncOut
				e.SyncOut = func(c *reference.Context) reference.Response {
					var first int
					own := *c
					copied := *c.Endpoint
					own.Endpoint = &copied
					make := copied.Client
					copied.Client = func(c *reference.Context) *reference.Client {
						made := make(c)
						do := made.Do
						made.Do = func(r *http.Request) (*http.Response, error) {
							response, err := do(r)
							if err == nil && first == 0 {
								first = response.StatusCode
							}
							return response, err
						}
						return made
					}
					response := sync(&own)
					if first == http.StatusUnauthorized {
						response.Status = http.StatusInternalServerError
					}
					return response
				}
			},
		},
	}
}

// client changes the client that an endpoint makes.
func client(change func(in *reference.Context, c *reference.Client)) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		make := e.Client
		e.Client = func(in *reference.Context) *reference.Client {
			made := make(in)
			change(in, made)
			return made
		}
	}
}

func firstOnly(k reference.Keys) []reference.Key {
	keys := reference.AttemptKeys(k)
	return keys[:min(1, len(keys))]
}

// retryOn retries syncs with the fallback key after one more status.
func retryOn(name, kills string, status int) Mutant {
	return Mutant{
		Name: name, Part: OutFallback, Kills: kills,
		Defect: "status " + strconv.Itoa(status) + " from the API to a sync triggers the fallback key",
		Break: client(func(in *reference.Context, c *reference.Client) {
			if in.Request.Method == http.MethodPut {
				c.Refuses = func(got int) bool { return reference.RefusesKey(got) || got == status }
			}
		}),
	}
}

// rotating: both keys are set.
func rotating(c *reference.Context) bool {
	return !c.Keys.Fallback.IsZero() && !c.Keys.Primary.IsZero()
}

// byFallback reports whether a request was signed with the fallback key, at any time.
func byFallback(c *reference.Context) bool {
	s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
	return err == nil && covers(c, func(message []byte) bool { return c.Match(c.Keys.Fallback, message, t, s.MAC) })
}
