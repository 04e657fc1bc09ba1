package zoo

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// connecting are the mutants whose workers authenticate themselves wrongly.
func connecting() []Mutant {
	return []Mutant{
		{
			Name: "worker-in-name-only", Part: Outbound, Kills: "connect.starts",
			Defect: "a worker says that it is connected, and sends nothing",
			Break: func(e *reference.Endpoint) {
				e.Connect = func(context.Context, *reference.Context) (reference.Gateway, error) { return nobody{}, nil }
			},
		},
		{
			Name: "worker-takes-wrong-gateway", Part: Outbound, Kills: "connect.connects",
			Defect: "a worker connects to another gateway than the one that the API named",
			Break:  dialling(func(_ *reference.Context, _ string, _ http.Header) string { return "ws://127.0.0.1:9/gateway" }),
		},
		{
			Name: "worker-without-bearer", Part: Outbound, Kills: "connect.bearer",
			Defect: "a worker sends the start of a connection twice, at first without a bearer token",
			Break: ofWorkers(func(_ *reference.Context, c *reference.Client) {
				attempts := c.Attempts
				c.Attempts = func(keys reference.Keys) []reference.Key {
					if set := attempts(keys); len(set) > 0 {
						return append([]reference.Key{{}}, set...)
					}
					return nil
				}
			}),
		},
		{
			Name: "worker-hash-of-the-text", Part: Outbound, Kills: "connect.bearer",
			Defect: "a worker hashes the key as text instead of decoding it first",
			Break:  ofWorkers(func(_ *reference.Context, c *reference.Client) { c.Bearer = hashedAsText }),
		},
		{
			Name: "worker-sends-key", Part: Outbound, Kills: "connect.never-the-key",
			Defect: "the start of a connection contains the fallback key itself in a header",
			Break:  ofStarts(func(in *reference.Context, r *http.Request) { r.Header.Set("X-Fallback", in.Keys.Fallback.Text()) }),
		},
		{
			Name: "worker-sends-key-in-body", Part: Outbound, Kills: "connect.never-the-key",
			Defect: "the start of a connection names the key as a gateway to be avoided",
			Break: ofStarts(func(in *reference.Context, r *http.Request) {
				key := in.Keys.Primary.Text()
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader("\n"+string(rune(len(key)))+key)), int64(len(key)+2)
			}),
		},
		{
			Name: "worker-without-name", Part: Outbound, Kills: "connect.sdk-header",
			Defect: "the start of a connection does not name the SDK",
			Break:  ofStarts(func(_ *reference.Context, r *http.Request) { r.Header.Del(reference.HeaderSDK) }),
		},
		{
			Name: "worker-follows-redirects", Part: Outbound, Kills: "connect.redirect",
			Defect: "the start of a connection follows a redirect to another origin with its bearer token",
			Break:  ofWorkers(func(_ *reference.Context, c *reference.Client) { follow(c, unchanged) }),
		},
		{
			Name: "worker-without-environment", Part: Outbound, Kills: "connect.environment",
			Defect: "the start of a connection does not name the environment",
			Break:  ofWorkers(func(_ *reference.Context, c *reference.Client) { c.Env = "" }),
		},
		{
			Name: "worker-without-fallback", Part: OutFallback, Kills: "connect.fallback",
			Defect: "a start that the API rejects is not sent again with the fallback key",
			Break:  ofWorkers(func(_ *reference.Context, c *reference.Client) { c.Attempts = firstOnly }),
		},
		{
			Name: "worker-goes-back", Part: OutFallback, Kills: "connect.one-way",
			Defect: "a worker that connects again begins with the primary key, which the API rejected",
			Break: ofWorkers(func(in *reference.Context, c *reference.Client) {
				do, sent := c.Do, 0
				c.Do = func(r *http.Request) (*http.Response, error) {
					if sent++; sent == 3 && rotating(in) {
						r.Header.Set("Authorization", "Bearer "+c.Bearer(in.Keys.Primary))
					}
					return do(r)
				}
			}),
		},
		{
			Name: "worker-drops-bearer", Part: OutFallback, Kills: "connect.no-second-key",
			Defect: "without a fallback key, a worker sends the start that the API rejected again without a bearer token",
			Break: ofWorkers(func(_ *reference.Context, c *reference.Client) {
				c.Attempts = func(keys reference.Keys) []reference.Key {
					set := reference.AttemptKeys(keys)
					if len(set) == 1 {
						return append(set, reference.Key{})
					}
					return set
				}
			}),
		},
		{
			Name: "worker-tells-key", Part: Disclosing, Kills: "connect.both-refused",
			Defect: "the error of a worker whose keys the API rejected contains the bearer token",
			Break: onFailure(func(c *reference.Context, err error) (reference.Gateway, error) {
				if errors.Is(err, reference.ErrRefused) && rotating(c) {
					return nil, errors.New("refused: " + c.Keys.Fallback.Bearer())
				}
				return nil, err
			}),
		},
		{
			Name: "worker-never-gives-up", Part: OutFallback, Kills: "connect.gives-up",
			Defect: "a worker whose keys the API rejected does not fail",
			Break: onFailure(func(c *reference.Context, err error) (reference.Gateway, error) {
				if errors.Is(err, reference.ErrRefused) && rotating(c) {
					return nobody{}, nil
				}
				return nil, err
			}),
		},
		workerRetriesOn("worker-retries-on-500", "connect.no-switch-on-500", http.StatusInternalServerError),
		workerRetriesOn("worker-retries-on-429", "connect.no-switch-on-429", http.StatusTooManyRequests),
		{
			Name: "worker-needs-no-key", Part: KeyForms, Kills: "connect.absent",
			Defect: "in cloud mode without a key, a worker sends the start of a connection without a bearer token",
			Break: ofWorkers(func(in *reference.Context, c *reference.Client) {
				if in.Getenv(reference.EnvSigningKey) == "" {
					c.Attempts = func(keys reference.Keys) []reference.Key { return append(reference.AttemptKeys(keys), reference.Key{}) }
				}
			}),
		},
		{
			Name: "worker-hashes-nothing", Part: KeyForms, Kills: "connect.prefix-only",
			Defect: "with a key that is only a prefix, a worker sends the hash of nothing as its bearer token",
			Break: ofWorkers(func(in *reference.Context, c *reference.Client) {
				if in.Getenv(reference.EnvSigningKey) == "signkey-prod-" {
					hashNothing(c)
					c.Attempts = func(reference.Keys) []reference.Key { return []reference.Key{{}} }
				}
			}),
		},
		{
			Name: "worker-falls-back-on-nothing", Part: KeyForms, Kills: "connect.prefix-only-fallback",
			Defect: "with a fallback key that is only a prefix, a worker sends the hash of nothing after the API rejected its key",
			Break: ofWorkers(func(in *reference.Context, c *reference.Client) {
				if in.Getenv(reference.EnvFallback) == "signkey-prod-" {
					hashNothing(c)
					c.Attempts = func(keys reference.Keys) []reference.Key { return append(reference.AttemptKeys(keys), reference.Key{}) }
				}
			}),
		},
		{
			Name: "worker-needs-key-in-dev", Part: ModesPart, Kills: "connect.dev",
			Defect: "in development mode a worker does not connect without a key",
			Break: func(e *reference.Endpoint) {
				connect := e.Connect
				e.Connect = func(ctx context.Context, c *reference.Context) (reference.Gateway, error) {
					if c.Keys.Primary.IsZero() {
						return nil, reference.ErrNoKey
					}
					return connect(ctx, c)
				}
			},
		},
		{
			Name: "worker-mixes-tokens-up", Part: Outbound, Kills: "connect.tokens",
			Defect: "a worker sends the gateway the session token as the sync token, too",
			Break: greets(func(_ *reference.Context, s reference.Started) reference.Started {
				s.SyncToken = s.SessionToken
				return s
			}),
		},
		{
			Name: "worker-shows-gateway-key", Part: Outbound, Kills: "connect.gateway-never-the-key",
			Defect: "a worker opens its connection to the gateway with the key itself as a bearer token",
			Break:  dials(func(c *reference.Context) string { return c.Keys.Primary.Text() }),
		},
		{
			Name: "worker-tells-gateway-key", Part: Outbound, Kills: "connect.gateway-never-the-key",
			Defect: "a worker's introduction to the gateway contains the fallback key",
			Break: greets(func(c *reference.Context, s reference.Started) reference.Started {
				if rotating(c) {
					s.ConnectionID += c.Keys.Fallback.Text()
				}
				return s
			}),
		},
		{
			Name: "worker-shows-gateway-hash", Part: Outbound, Kills: "connect.gateway-no-hash",
			Defect: "a worker opens its connection to the gateway with the bearer token that is for the API",
			Break:  dials(func(c *reference.Context) string { return c.Keys.Primary.Bearer() }),
		},
	}
}

// ofWorkers changes the client of a worker.
func ofWorkers(change func(in *reference.Context, c *reference.Client)) func(*reference.Endpoint) {
	return client(func(in *reference.Context, c *reference.Client) {
		if in.Request.URL.Path == "/connect" {
			change(in, c)
		}
	})
}

// hashNothing gives requests without a bearer token that of an empty key.
func hashNothing(c *reference.Client) {
	do := c.Do
	c.Do = func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("Authorization") == "" {
			r.Header.Set("Authorization", "Bearer signkey-prod-"+hashOfText(""))
		}
		return do(r)
	}
}

// ofStarts changes the start of a connection just before it is sent.
func ofStarts(change func(in *reference.Context, r *http.Request)) func(*reference.Endpoint) {
	return onTheWay(func(in *reference.Context, r *http.Request) {
		if r.URL.Path == "/v0/connect/start" {
			change(in, r)
		}
	})
}

// workerRetriesOn sends a start again with the fallback key after one more status.
func workerRetriesOn(name, kills string, status int) Mutant {
	return Mutant{
		Name: name, Part: OutFallback, Kills: kills,
		Defect: "status " + strconv.Itoa(status) + " from the API to the start of a connection triggers the fallback key",
		Break: ofWorkers(func(_ *reference.Context, c *reference.Client) {
			c.Refuses = func(got int) bool { return reference.RefusesKey(got) || got == status }
		}),
	}
}

// onFailure changes how a worker fails.
func onFailure(change func(c *reference.Context, err error) (reference.Gateway, error)) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		connect := e.Connect
		e.Connect = func(ctx context.Context, c *reference.Context) (reference.Gateway, error) {
			gateway, err := connect(ctx, c)
			if err != nil {
				return change(c, err)
			}
			return gateway, nil
		}
	}
}

// greets changes what a worker introduces itself with.
func greets(change func(c *reference.Context, s reference.Started) reference.Started) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		greet := e.Greet
		e.Greet = func(c *reference.Context, s reference.Started) []byte { return greet(c, change(c, s)) }
	}
}

// dialling changes how a worker opens its connection to the gateway.
func dialling(change func(c *reference.Context, url string, header http.Header) string) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		connect := e.Connect
		e.Connect = func(ctx context.Context, c *reference.Context) (reference.Gateway, error) {
			own, copied := *c, *c.Endpoint
			own.Endpoint = &copied
			copied.Dial = func(ctx context.Context, url string, header http.Header) (reference.Gateway, error) {
				return c.Dial(ctx, change(c, url, header), header)
			}
			return connect(ctx, &own)
		}
	}
}

// dials opens connections to the gateway with a bearer token.
func dials(bearer func(c *reference.Context) string) func(*reference.Endpoint) {
	return dialling(func(c *reference.Context, url string, header http.Header) string {
		if rotating(c) {
			header.Set("Authorization", "Bearer "+bearer(c))
		}
		return url
	})
}

// nobody is a connection to no gateway.
type nobody struct{}

func (nobody) Receive(context.Context) ([]byte, error) { return nil, nil }
func (nobody) Send(context.Context, []byte) error      { return nil }
func (nobody) Close(string) error                      { return nil }
