package zoo

import (
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// keyForms are the mutants that use the wrong texts as keys.
func keyForms() []Mutant {
	key := func(e *reference.Endpoint) string { return e.Getenv(reference.EnvSigningKey) }
	fallback := func(e *reference.Endpoint) string { return e.Getenv(reference.EnvFallback) }
	return []Mutant{
		{
			Name: "keyless-is-open", Part: KeyForms, Kills: "keys.absent",
			Defect: "without a key, everything is accepted",
			Break:  forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool { return c.Mode.String() == "cloud" }),
		},
		{
			Name: "keyless-unsigned-is-open", Part: KeyForms, Kills: "keys.absent-unsigned",
			Defect: "without a key, an unsigned call is accepted",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				return isCall(r) && key(e) == "" && fallback(e) == "" && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
		{
			Name: "absent-key-is-the-empty-one", Part: KeyForms, Kills: "keys.absent-empty-key",
			Defect: "an unset key is used as an empty HMAC key",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return isCall(c.Request) && key(c.Endpoint) == "" && emptyKeySigned(c)
			}),
		},
		{
			Name: "keyless-introspection-is-open", Part: KeyForms, Kills: "keys.absent-introspection",
			Defect: "without a key, introspection accepts every signature",
			Break:  forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool { return c.Request.Method == http.MethodGet }),
		},
		{
			Name: "keyless-sync-is-open", Part: KeyForms, Kills: "inband.keyless",
			Defect: "without a key, an in-band sync signed with an empty key is accepted",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return isInBand(c.Request) && emptyKeySigned(c)
			}),
		},
		{
			Name: "key-from-the-request", Part: KeyForms, Kills: "receiving.key-of-request",
			Defect: "a key in a header field, which a proxy used to set, is used to verify the request",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				key := c.Request.Header.Get("X-Inngest-Signing-Key")
				return key != "" && signedWith(c, key)
			}),
		},
		{
			Name: "unknown-environment-has-an-empty-key", Part: KeyForms, Kills: "receiving.key-selected",
			Defect: "the environment in a header field selects the key, and one that does not exist has an empty key",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Request.Header.Get(reference.HeaderEnv) != "" && emptyKeySigned(c)
			}),
		},
		{
			Name: "prefix-is-a-key", Part: KeyForms, Kills: "keys.prefix-only",
			Defect: "a key that is only a prefix is used as an empty HMAC key",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return strings.HasSuffix(key(c.Endpoint), "-") && emptyKeySigned(c)
			}),
		},
		{
			Name: "prefix-only-turns-off", Part: KeyForms, Kills: "keys.prefix-only-unsigned",
			Defect: "a key that is only a prefix turns verification off",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				return strings.HasSuffix(key(e), "-") && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
		{
			Name: "set-but-empty-is-a-key", Part: KeyForms, Kills: "keys.empty",
			Defect: "a variable that is set but empty is used as an empty HMAC key",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return key(c.Endpoint) == "" && fallback(c.Endpoint) == "" && emptyKeySigned(c)
			}),
		},
		{
			Name: "blank-is-a-key", Part: KeyForms, Kills: "keys.blank",
			Defect: "a key of white space is trimmed and used as an empty HMAC key",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				text := key(c.Endpoint)
				return text != "" && strings.TrimSpace(text) == "" && emptyKeySigned(c)
			}),
		},
		{
			Name: "empty-primary-beside-fallback", Part: KeyForms, Kills: "keys.only-fallback-empty-key",
			Defect: "with only a fallback key set, the primary key is tried as an empty HMAC key",
			Break: func(e *reference.Endpoint) {
				e.Match = func(k reference.Key, message []byte, t string, got [32]byte) bool {
					return k.MAC(message, t) == got && (!k.IsZero() || fallback(e) != "" && key(e) == "")
				}
			},
		},
		{
			Name: "only-fallback-is-open", Part: KeyForms, Kills: "keys.only-fallback-unsigned",
			Defect: "with only a fallback key set, nothing is verified",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				return key(e) == "" && fallback(e) != "" && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
		{
			Name: "bare-key-unknown", Part: KeyForms, Kills: "keys.bare",
			Defect: "a key without a prefix is not used",
			Break: parseKey(func(text string, parse func(string) (reference.Key, error)) (reference.Key, error) {
				if !strings.HasPrefix(strings.TrimSpace(text), "signkey-") {
					return reference.Key{}, reference.ErrNoKey
				}
				return parse(text)
			}),
		},
		{
			Name: "test-key-malformed", Part: KeyForms, Kills: "keys.test",
			Defect: "keys with the prefix signkey-test- are taken for malformed",
			Break:  unknownPrefix("signkey-test-"),
		},
		{
			Name: "test-key-is-open", Part: KeyForms, Kills: "keys.test-unsigned",
			Defect: "with a key of a test environment, requests need no signature",
			Break:  whereKey(func(text string) bool { return strings.HasPrefix(text, "signkey-test-") }),
		},
		{
			Name: "bare-key-unverified", Part: KeyForms, Kills: "keys.bare-stranger",
			Defect: "a key without a prefix turns verification off",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				return key(e) != "" && strings.Trim(key(e), "0123456789abcdef") == ""
			}),
		},
		{
			Name: "branch-key-unknown", Part: KeyForms, Kills: "keys.branch",
			Defect: "only the prefixes of production and test are known",
			Break:  unknownPrefix("signkey-branch-"),
		},
		{
			Name: "branch-unverified", Part: KeyForms, Kills: "keys.branch-refusal",
			Defect: "in a branch environment, wrong signatures are accepted",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Getenv(reference.EnvEnvironment) != ""
			}),
		},
		{
			Name: "two-words-are-a-prefix", Part: KeyForms, Kills: "keys.two-words",
			Defect: "a malformed key with two dashes is used as an empty HMAC key",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return strings.Contains(key(c.Endpoint), "-eu-") && emptyKeySigned(c)
			}),
		},
		{
			Name: "not-hex-is-empty", Part: KeyForms, Kills: "keys.not-hex",
			Defect: "a key that is not hexadecimal is used as an empty HMAC key",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return strings.Contains(key(c.Endpoint), "-zz") && emptyKeySigned(c)
			}),
		},
		{
			Name: "not-hex-turns-off", Part: KeyForms, Kills: "keys.not-hex-unsigned",
			Defect: "a key that is not hexadecimal turns verification off",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				return strings.Contains(key(e), "-zz") && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
		{
			Name: "key-cut-off", Part: KeyForms, Kills: "keys.very-long",
			Defect: "only the first 64 digits of a long key are used",
			Break: parseKey(func(text string, parse func(string) (reference.Key, error)) (reference.Key, error) {
				const most = len("signkey-prod-") + 64
				return parse(text[:min(len(text), most)])
			}),
		},
		{
			Name: "malformed-primary-locks-out", Part: KeyForms, Kills: "keys.malformed-beside-fallback",
			Defect: "a malformed primary key prevents the use of the fallback key",
			Break: lockOut(func(c *reference.Context, w reference.MatchedKey) bool {
				return w == reference.Fallback && c.Keys.Primary.IsZero() && key(c.Endpoint) != ""
			}),
		},
		{
			Name: "malformed-primary-is-empty", Part: KeyForms, Kills: "keys.malformed-beside-fallback-empty-key",
			Defect: "with a fallback key set, a malformed primary key is used as an empty HMAC key",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Keys.Primary.IsZero() && key(c.Endpoint) != "" && emptyKeySigned(c)
			}),
		},
		{
			Name: "padding-kept", Part: KeyForms, Kills: "keys.padded",
			Defect: "white space around the key becomes part of it, so no valid request is accepted",
			Break: parseKey(func(text string, parse func(string) (reference.Key, error)) (reference.Key, error) {
				if strings.TrimSpace(text) != text {
					return reference.Key{}, reference.ErrMalformedKey
				}
				return parse(text)
			}),
		},
		{
			Name: "padding-turns-off", Part: KeyForms, Kills: "keys.padded-stranger",
			Defect: "white space around the key turns verification off",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return key(c.Endpoint) != strings.TrimSpace(key(c.Endpoint))
			}),
		},
		{
			Name: "padding-becomes-empty", Part: KeyForms, Kills: "keys.padded-empty-key",
			Defect: "a key with white space around it is used as an empty HMAC key",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return key(c.Endpoint) != strings.TrimSpace(key(c.Endpoint)) && emptyKeySigned(c)
			}),
		},
	}
}

// unknownPrefix takes keys with a prefix for malformed.
func unknownPrefix(prefix string) func(*reference.Endpoint) {
	return parseKey(func(text string, parse func(string) (reference.Key, error)) (reference.Key, error) {
		if strings.HasPrefix(text, prefix) {
			return reference.Key{}, reference.ErrMalformedKey
		}
		return parse(text)
	})
}

func parseKey(change func(text string, parse func(string) (reference.Key, error)) (reference.Key, error)) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		parse := e.ParseKey
		e.ParseKey = func(text string) (reference.Key, error) { return change(text, parse) }
	}
}

// signedWith reports whether a text is the key that signed a request.
func signedWith(c *reference.Context, key string) bool {
	s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
	return err == nil && covers(c, func(message []byte) bool {
		return string(mac(sha256.New, []byte(key), message, t)) == string(s.MAC[:])
	})
}

// emptyKeySigned reports whether a request was signed with an empty key.
func emptyKeySigned(c *reference.Context) bool { return signedWith(c, "") }
