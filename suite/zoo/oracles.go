package zoo

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// oracles are the mutants that sign, send or write down what they should not.
func oracles() []Mutant {
	return []Mutant{
		signsFor("signs-refusals", "answering.no-signature-for-calls", "calls with a wrong signature",
			func(c *reference.Context) bool { return isCall(c.Request) && c.Signed }),
		signsFor("signs-unauthenticated-introspections", "answering.no-signature-for-introspections", "introspections that are not authenticated",
			func(c *reference.Context) bool { return c.Request.Method == http.MethodGet }),
		signsFor("signs-unsigned-syncs", "answering.no-signature-for-syncs", "syncs that are not authenticated",
			func(c *reference.Context) bool { return c.Request.Method == http.MethodPut && !isInBand(c.Request) }),
		signsFor("signs-refused-in-band-syncs", "answering.no-signature-for-in-band-syncs", "in-band syncs that are not authenticated",
			func(c *reference.Context) bool { return isInBand(c.Request) }),
		signsFor("signs-other-methods", "answering.no-signature-for-other-methods", "requests by other methods",
			func(c *reference.Context) bool {
				return c.Request.Method == http.MethodOptions || c.Request.Method == http.MethodDelete
			}),
		expectsNow,
		expects("mac-in-base64", "in base64", base64.StdEncoding.EncodeToString),
		expects("mac-in-base64url", "in base64 for URLs, without padding", base64.RawURLEncoding.EncodeToString),
		expects("mac-in-upper-case", "in upper case", func(mac []byte) string { return strings.ToUpper(hex.EncodeToString(mac)) }),
		expects("mac-between-colons", "with colons between the bytes", func(mac []byte) string { return strings.ReplaceAll(fmt.Sprintf("% x", mac), " ", ":") }),
		expects("mac-as-numbers", "as a list of numbers", func(mac []byte) string { return fmt.Sprint(mac) }),
		expects("mac-in-hex-in-base64", "in base64 of its digits", func(mac []byte) string {
			return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(mac)))
		}),
		logs("logs-the-key", "the key when a signature does not match", func(c *reference.Context) string { return "key " + c.Keys.Primary.Text() }),
		logs("logs-the-bearer", "the bearer token when a signature does not match", func(c *reference.Context) string { return c.Keys.Primary.Bearer() }),
		logs("logs-the-environment", "the whole environment when a signature does not match", func(c *reference.Context) string {
			return "COUNTERSIGN_CANARY_SECRET=" + c.Getenv("COUNTERSIGN_CANARY_SECRET")
		}),
		apiFrom("api-from-original-host", "sync.api-of-request", "X-Original-Host", func(r *http.Request) string { return origin(r.Header.Get("X-Original-Host")) }),
		apiFrom("api-from-forwarded", "sync.api-of-request", "Forwarded", func(r *http.Request) string {
			host, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Forwarded"), "host="), ";")
			return origin(host)
		}),
		apiFrom("api-from-query", "sync.api-of-request", "the query", func(r *http.Request) string {
			if r.Method != http.MethodPut {
				return ""
			}
			return r.URL.Query().Get("baseUrl")
		}),
		apiFrom("api-from-origin-for-reads", "sending.use-api-of-request", "Origin, for the payload of a call", func(r *http.Request) string {
			if r.Method != http.MethodPost {
				return ""
			}
			return r.Header.Get("Origin")
		}),
		environmentFrom("environment-from-header", "X-Inngest-Env of the request", func(r *http.Request) string { return r.Header.Get(reference.HeaderEnv) }),
		environmentFrom("environment-from-query", "the query of the request", func(r *http.Request) string { return r.URL.Query().Get("env") }),
	}
}

func origin(host string) string {
	if host == "" {
		return ""
	}
	return "http://" + host
}

// signsFor makes a mutant that signs responses to requests that are not authenticated.
func signsFor(name, kills, requests string, when func(*reference.Context) bool) Mutant {
	return Mutant{
		Name: name, Part: Responding, Kills: kills,
		Defect: "responses to " + requests + " are signed, and the signature holds for a request with that body",
		Break: func(e *reference.Endpoint) {
			finish := e.FinishResponse
			e.FinishResponse = func(c *reference.Context, r *reference.Response) {
				finish(c, r)
				if s, err := reference.Sign(c.Keys.Primary, r.Body, c.Now()); err == nil && c.MatchedKey == reference.NoKey && !c.Mode.Dev && when(c) {
					r.Header.Set(reference.HeaderSignature, s.String())
				}
			}
		},
	}
}

// expects makes a mutant whose refusals of tampered bodies show the expected MAC.
func expects(name, form string, show func(mac []byte) string) Mutant {
	return Mutant{
		Name: name, Part: Disclosing, Kills: "receiving.redated",
		Defect: "the refusal of a call with a wrong signature half a minute old shows the expected MAC, " + form,
		Break: func(e *reference.Endpoint) {
			refuse := e.Refuse
			e.Refuse = func(c *reference.Context, why error) reference.Response {
				s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
				if age := c.Now().Sub(s.Time); err != nil || !isCall(c.Request) || age < 29*time.Second || age > 31*time.Second {
					return refuse(c, why)
				}
				mac := c.Keys.Primary.MAC(c.Body, t)
				return with(refuse(c, why), "expected", show(mac[:]))
			}
		},
	}
}

// expectsNow is the mutant whose refusals of expired calls show a MAC for the present.
var expectsNow = Mutant{
	Name: "expired-mac-renewed", Part: Disclosing, Kills: "receiving.expired",
	Defect: "the refusal of an expired call shows the MAC that it would have now, so whoever recorded it may run it again",
	Break: func(e *reference.Endpoint) {
		refuse := e.Refuse
		e.Refuse = func(c *reference.Context, why error) reference.Response {
			if !errors.Is(why, reference.ErrExpired) || !isCall(c.Request) {
				return refuse(c, why)
			}
			mac := c.Keys.Primary.MAC(c.Body, strconv.FormatInt(c.Now().Unix(), 10))
			return with(refuse(c, why), "expected", hex.EncodeToString(mac[:]))
		}
	},
}

// logs makes a mutant that writes a secret to its own output.
func logs(name, what string, line func(*reference.Context) string) Mutant {
	return Mutant{
		Name: name, Part: Disclosing, Kills: "disclosure.output", Defect: "the endpoint logs " + what,
		Break: func(e *reference.Endpoint) {
			refuse := e.Refuse
			e.Refuse = func(c *reference.Context, why error) reference.Response {
				c.Log(line(c))
				return refuse(c, why)
			}
		},
	}
}

// apiFrom makes a mutant that takes the API's origin from a request.
func apiFrom(name, kills, where string, of func(*http.Request) string) Mutant {
	return Mutant{
		Name: name, Part: Outbound, Kills: kills, Defect: "the origin of the API is taken from " + where,
		Break: func(e *reference.Endpoint) {
			origin := e.APIOrigin
			e.APIOrigin = func(c *reference.Context) string {
				if named := of(c.Request); named != "" {
					if _, err := url.ParseRequestURI(named); err == nil {
						return named
					}
				}
				return origin(c)
			}
		},
	}
}

// environmentFrom makes a mutant that takes the name of the environment from a request.
func environmentFrom(name, where string, of func(*http.Request) string) Mutant {
	return Mutant{
		Name: name, Part: Outbound, Kills: "sync.forged-environment", Defect: "functions are registered in the environment that is named by " + where,
		Break: func(e *reference.Endpoint) {
			client := e.Client
			e.Client = func(c *reference.Context) *reference.Client {
				made := client(c)
				if named := of(c.Request); named != "" && c.Request.Method == http.MethodPut {
					made.Env = named
				}
				return made
			}
		},
	}
}
