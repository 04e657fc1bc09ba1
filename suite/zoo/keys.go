package zoo

import (
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// keyForms: mutants that take the wrong texts for keys, or none for one.
func keyForms() []Mutant {
	key := func(e *reference.Endpoint) string { return e.Getenv(reference.EnvSigningKey) }
	fallback := func(e *reference.Endpoint) string { return e.Getenv(reference.EnvFallback) }
	return []Mutant{
		{
			Name: "keyless-is-open", Part: KeyForms, Kills: "keys.absent",
			Defect: "without a key nothing can be verified, so everything is let in",
			Break:  forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool { return c.Mode.String() == "cloud" }),
		},
		{
			Name: "keyless-unsigned-is-open", Part: KeyForms, Kills: "keys.absent-unsigned",
			Defect: "without a key and without a signature there is nothing to compare, so the call is let in",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				return isCall(r) && key(e) == "" && fallback(e) == "" && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
		{
			Name: "absent-key-is-the-empty-one", Part: KeyForms, Kills: "keys.absent-empty-key",
			Defect: "an unset key is read as the empty text, and verifies what the empty key signed",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return isCall(c.Request) && key(c.Endpoint) == "" && emptyKeySigned(c)
			}),
		},
		{
			Name: "keyless-introspection-is-open", Part: KeyForms, Kills: "keys.absent-introspection",
			Defect: "without a key introspection takes every signature for a good one",
			Break:  forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool { return c.Request.Method == http.MethodGet }),
		},
		{
			Name: "keyless-sync-is-open", Part: KeyForms, Kills: "inband.keyless",
			Defect: "without a key an in-band sync signed with the empty one is answered",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return isInBand(c.Request) && emptyKeySigned(c)
			}),
		},
		{
			Name: "prefix-is-a-key", Part: KeyForms, Kills: "keys.prefix-only",
			Defect: "a prefix with nothing behind it passes for a key, and what is left is the empty one",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return strings.HasSuffix(key(c.Endpoint), "-") && emptyKeySigned(c)
			}),
		},
		{
			Name: "prefix-only-turns-off", Part: KeyForms, Kills: "keys.prefix-only-unsigned",
			Defect: "a key that turns out empty behind its prefix turns verification off",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				return strings.HasSuffix(key(e), "-") && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
		{
			Name: "set-but-empty-is-a-key", Part: KeyForms, Kills: "keys.empty",
			Defect: "an empty text is not nothing: the empty key is used",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return key(c.Endpoint) == "" && fallback(c.Endpoint) == "" && emptyKeySigned(c)
			}),
		},
		{
			Name: "blank-is-a-key", Part: KeyForms, Kills: "keys.blank",
			Defect: "white space is trimmed after it was taken for a key, and the empty key is left",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				text := key(c.Endpoint)
				return text != "" && strings.TrimSpace(text) == "" && emptyKeySigned(c)
			}),
		},
		{
			Name: "empty-primary-beside-fallback", Part: KeyForms, Kills: "keys.only-fallback-empty-key",
			Defect: "only the fallback is set, and the primary that is not there is tried all the same",
			Break: func(e *reference.Endpoint) {
				e.Match = func(k reference.Key, message []byte, t string, got [32]byte) bool {
					return k.MAC(message, t) == got && (!k.IsZero() || fallback(e) != "" && key(e) == "")
				}
			},
		},
		{
			Name: "only-fallback-is-open", Part: KeyForms, Kills: "keys.only-fallback-unsigned",
			Defect: "only a fallback is set, so the SDK believes that it has no key and verifies nothing",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				return key(e) == "" && fallback(e) != "" && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
		{
			Name: "bare-key-unknown", Part: KeyForms, Kills: "keys.bare",
			Defect: "a key without a prefix is no key",
			Break: parseKey(func(text string, parse func(string) (reference.Key, error)) (reference.Key, error) {
				if !strings.HasPrefix(strings.TrimSpace(text), "signkey-") {
					return reference.Key{}, reference.ErrNoKey
				}
				return parse(text)
			}),
		},
		{
			Name: "bare-key-unverified", Part: KeyForms, Kills: "keys.bare-stranger",
			Defect: "a key without a prefix is taken for a local one, and nothing is verified",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				return key(e) != "" && strings.Trim(key(e), "0123456789abcdef") == ""
			}),
		},
		{
			Name: "branch-key-unknown", Part: KeyForms, Kills: "keys.branch",
			Defect: "only the prefixes of production and test are known",
			Break: parseKey(func(text string, parse func(string) (reference.Key, error)) (reference.Key, error) {
				if strings.HasPrefix(text, "signkey-branch-") {
					return reference.Key{}, reference.ErrMalformedKey
				}
				return parse(text)
			}),
		},
		{
			Name: "branch-unverified", Part: KeyForms, Kills: "keys.branch-refusal",
			Defect: "a preview environment is trusted, and wrong signatures pass",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Getenv(reference.EnvEnvironment) != ""
			}),
		},
		{
			Name: "two-words-are-a-prefix", Part: KeyForms, Kills: "keys.two-words",
			Defect: "a key that does not parse is cut at its last dash and again at the first, and the empty key is left",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return strings.Contains(key(c.Endpoint), "-eu-") && emptyKeySigned(c)
			}),
		},
		{
			Name: "not-hex-is-empty", Part: KeyForms, Kills: "keys.not-hex",
			Defect: "a key that cannot be decoded becomes the empty key",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				return strings.Contains(key(c.Endpoint), "-zz") && emptyKeySigned(c)
			}),
		},
		{
			Name: "not-hex-turns-off", Part: KeyForms, Kills: "keys.not-hex-unsigned",
			Defect: "a key that cannot be decoded turns verification off",
			Break: letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
				return strings.Contains(key(e), "-zz") && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
		{
			Name: "key-cut-off", Part: KeyForms, Kills: "keys.very-long",
			Defect: "of a long key only the first 64 digits are used",
			Break: parseKey(func(text string, parse func(string) (reference.Key, error)) (reference.Key, error) {
				const most = len("signkey-prod-") + 64
				return parse(text[:min(len(text), most)])
			}),
		},
		{
			Name: "malformed-primary-locks-out", Part: KeyForms, Kills: "keys.malformed-beside-fallback",
			Defect: "a primary key that does not parse keeps the fallback from being tried",
			Break: lockOut(func(c *reference.Context, w reference.MatchedKey) bool {
				return w == reference.Fallback && c.Keys.Primary.IsZero() && key(c.Endpoint) != ""
			}),
		},
		{
			Name: "malformed-primary-is-empty", Part: KeyForms, Kills: "keys.malformed-beside-fallback-empty-key",
			Defect: "beside a fallback, a primary key that does not parse is tried as the empty one",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Keys.Primary.IsZero() && key(c.Endpoint) != "" && emptyKeySigned(c)
			}),
		},
		{
			Name: "padding-kept", Part: KeyForms, Kills: "keys.padded",
			Defect: "white space around the key becomes part of it, and everyone is locked out",
			Break: parseKey(func(text string, parse func(string) (reference.Key, error)) (reference.Key, error) {
				if strings.TrimSpace(text) != text {
					return reference.Key{}, reference.ErrMalformedKey
				}
				return parse(text)
			}),
		},
		{
			Name: "padding-turns-off", Part: KeyForms, Kills: "keys.padded-stranger",
			Defect: "a key between blanks does not parse, and what does not parse is not verified",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return key(c.Endpoint) != strings.TrimSpace(key(c.Endpoint))
			}),
		},
		{
			Name: "padding-becomes-empty", Part: KeyForms, Kills: "keys.padded-empty-key",
			Defect: "a key between blanks is cut at the first blank, and the empty key is left",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return key(c.Endpoint) != strings.TrimSpace(key(c.Endpoint)) && emptyKeySigned(c)
			}),
		},
	}
}

func parseKey(change func(text string, parse func(string) (reference.Key, error)) (reference.Key, error)) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		parse := e.ParseKey
		e.ParseKey = func(text string) (reference.Key, error) { return change(text, parse) }
	}
}

// emptyKeySigned reports whether a request was signed with a key of no bytes.
func emptyKeySigned(c *reference.Context) bool {
	s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
	if err != nil {
		return false
	}
	return covers(c, func(message []byte) bool { return string(mac(sha256.New, nil, message, t)) == string(s.MAC[:]) })
}
