package zoo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// common: mutants with one mistake that shows in many places, as it does in real
// endpoints, which have one function for what the catalogue asks in many ways.
func common() []Mutant {
	header := func(r *http.Request) string { return r.Header.Get(reference.HeaderSignature) }
	times := func(why error) bool {
		return errors.Is(why, reference.ErrExpired) || errors.Is(why, reference.ErrFuture)
	}
	fallbackOnly := func(c *reference.Context, w reference.MatchedKey) bool {
		return w == reference.Fallback && !isCall(c.Request)
	}
	return []Mutant{
		{
			Name: "any-time-passes", Part: Window, Kills: "receiving.expired",
			Defect: "any integer is accepted for t, of any size and sign, and is never compared with the clock",
			Break:  anyInteger,
		},
		{
			Name: "window-for-calls-alone", Part: Window, Kills: "introspection.expired",
			Defect: "the age of a signature is checked for calls only, not for trust probes, introspection and in-band syncs",
			Break:  forgive(func(c *reference.Context, why error) bool { return times(why) && !isCall(c.Request) }),
		},
		{
			Name: "fallback-without-times", Part: InFallback, Kills: "keys.fallback-expired",
			Defect: "the age of a signature is not checked where the fallback key matches",
			Break:  forgive(func(c *reference.Context, why error) bool { return times(why) && rotating(c) && byFallback(c) }),
		},
		{
			Name: "fallback-for-calls-alone", Part: InFallback, Kills: "keys.fallback-introspection",
			Defect: "the fallback key verifies calls only, not introspection, in-band syncs and trust probes",
			Break:  lockOut(fallbackOnly),
		},
		{
			Name: "absent-t-passes", Part: Parsing, Kills: "headers.t-missing",
			Defect: "a missing or empty t is accepted, and no age is checked",
			Break:  parseAs(func(v url.Values, _ string) (string, bool) { return "", v.Get("t") == "" && v.Get("s") != "" }),
		},
		{
			Name: "undecodable-s-passes", Part: Parsing, Kills: "headers.s-not-hex",
			Defect: "an s that cannot be decoded from hex is compared with nothing",
			Break: letIn(headerIs(func(v url.Values, _ string) bool {
				_, err := hex.DecodeString(v.Get("s"))
				return err != nil && v.Get("t") != ""
			})),
		},
		{
			Name: "unusable-header-passes", Part: Parsing, Kills: "headers.words",
			Defect: "a signature header without a readable t or s is accepted",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				query, _ := url.ParseQuery(header(r))
				return len(r.Header.Values(reference.HeaderSignature)) == 1 && (query.Get("t") == "" || query.Get("s") == "")
			}),
		},
		{
			Name: "probe-unverified", Part: Comparison, Kills: "calls.probe-unsigned",
			Defect: "trust probes are answered without any verification",
			Break:  letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool { return isProbe(r) }),
		},
		{
			Name: "sync-unverified", Part: Comparison, Kills: "inband.unsigned",
			Defect: "in-band syncs are answered without any verification",
			Break:  letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool { return isInBand(r) }),
		},
		{
			Name: "unusable-key-is-empty", Part: KeyForms, Kills: "keys.prefix-only",
			Defect: "a signing key that is missing or malformed becomes the empty key, with which anyone can sign",
			Break:  forgiveWhich(reference.ErrNoKey, emptyKeySigned),
		},
		{
			Name: "unusable-key-turns-off", Part: KeyForms, Kills: "keys.not-hex-unsigned",
			Defect: "a malformed signing key turns verification off",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				_, err := e.ParseKey(e.Getenv(reference.EnvSigningKey))
				return err != nil && e.Getenv(reference.EnvSigningKey) != "" && e.Getenv(reference.EnvFallback) == ""
			}),
		},
		devWhen("any-value-is-dev", "modes.zero", "any value of INNGEST_DEV selects dev mode, even 0 and false",
			func(_ *http.Request, dev string) bool { return dev != "" }),
		devWhen("local-addresses-decide", "modes.local-host", "a request that names localhost or 127.0.0.1 in a header is not verified", namesLoopback),
		devWhen("headers-decide", "modes.server-kind-header", "a request that claims in a header to come from a dev server is not verified",
			func(r *http.Request, _ string) bool { return namesDev(r) }),
	}
}

// anyInteger also accepts a t that is an integer of any size, without a look at
// the clock. The body is decoded before it is verified.
func anyInteger(e *reference.Endpoint) {
	integer := regexp.MustCompile(`^-?[1-9][0-9]*$`)
	forgive(func(c *reference.Context, _ error) bool {
		query, _ := url.ParseQuery(c.Request.Header.Get(reference.HeaderSignature))
		mac, err := hex.DecodeString(query.Get("s"))
		return err == nil && len(mac) == sha256.Size && integer.MatchString(query.Get("t")) && (len(c.Body) == 0 || json.Valid(c.Body)) &&
			covers(c, func(message []byte) bool {
				return c.Match(c.Keys.Primary, message, query.Get("t"), [sha256.Size]byte(mac))
			})
	})(e)
}

func namesLoopback(r *http.Request, _ string) bool {
	for _, name := range []string{r.Host, r.Header.Get("X-Forwarded-Host"), r.Header.Get("X-Forwarded-For")} {
		if strings.HasPrefix(name, "localhost") || name == "127.0.0.1" {
			return true
		}
	}
	return false
}

func namesDev(r *http.Request) bool {
	for _, name := range []string{
		reference.HeaderServerKind, reference.HeaderExpectedServerKind, reference.HeaderEnv, "X-Inngest-Platform", "X-Inngest-Framework",
	} {
		if r.Header.Get(name) == "dev" {
			return true
		}
	}
	return r.Header.Get("X-Inngest-Dev") == "1" || r.Header.Get("User-Agent") == "inngest-dev-server"
}
