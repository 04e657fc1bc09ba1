package zoo

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// guessingKeys are the mutants that also try a key which is none.
func guessingKeys(keyed func(key func(k reference.Key) string) func(*reference.Endpoint)) []Mutant {
	hash := func(k reference.Key) string { return k.Bearer()[strings.LastIndexByte(k.Bearer(), '-')+1:] }
	return []Mutant{
		{
			Name: "missing-fallback-is-undefined", Part: KeyForms, Kills: "facets.guessable-keys",
			Defect: "a missing fallback key becomes the text undefined, which is a key",
			Break:  keyed(func(reference.Key) string { return "undefined" }),
		},
		{
			Name: "missing-fallback-is-null", Part: KeyForms, Kills: "facets.guessable-keys",
			Defect: "a missing fallback key becomes the text null, which is a key",
			Break:  keyed(func(reference.Key) string { return "null" }),
		},
		{
			Name: "variable-not-expanded", Part: KeyForms, Kills: "facets.guessable-keys",
			Defect: "a configuration file whose variables were not expanded has their names as keys",
			Break:  keyed(func(reference.Key) string { return "${INNGEST_SIGNING_KEY}" }),
		},
		{
			Name: "default-secret", Part: KeyForms, Kills: "facets.rare-keys",
			Defect: "a default secret, built in for development, is tried besides the key",
			Break:  keyed(func(reference.Key) string { return "secret" }),
		},
		{
			Name: "sample-key", Part: KeyForms, Kills: "facets.rare-keys",
			Defect: "the sample key of the specification is tried besides the key",
			Break:  keyed(func(reference.Key) string { return "12345678" }),
		},
		{
			Name: "hash-is-a-key", Part: KeyForms, Kills: "facets.neighbour-keys",
			Defect: "the hash that the API gets as a bearer token is tried as a key, too",
			Break:  keyed(hash),
		},
		{
			Name: "event-key-is-a-key", Part: KeyForms, Kills: "facets.neighbour-keys",
			Defect: "the event key is tried as a signing key, too",
			Break: func(e *reference.Endpoint) {
				match := e.Match
				e.Match = func(k reference.Key, message []byte, t string, got [32]byte) bool {
					key := e.Getenv(reference.EnvEventKey)
					return match(k, message, t, got) || key != "" && string(mac(sha256.New, []byte(key), message, t)) == string(got[:])
				}
			},
		},
		{
			Name: "quotes-kept", Part: KeyForms, Kills: "facets.altered-keys",
			Defect: "the key in quotation marks, as a configuration file has it, is tried, too",
			Break:  keyed(func(k reference.Key) string { return `"` + k.Secret() + `"` }),
		},
		{
			Name: "blanks-are-a-key", Part: KeyForms, Kills: "keys.blank-literal",
			Defect: "a key of blanks is used as it is",
			Break: forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
				text := c.Getenv(reference.EnvSigningKey)
				s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
				return err == nil && text != "" && covers(c, func(message []byte) bool {
					return string(mac(sha256.New, []byte(text), message, t)) == string(s.MAC[:])
				})
			}),
		},
		{
			Name: "blanks-turn-off", Part: KeyForms, Kills: "keys.blank-unsigned",
			Defect: "a key of blanks turns verification off",
			Break:  whereKey(func(text string) bool { return text != "" && strings.TrimSpace(text) == "" }),
		},
		{
			Name: "quotes-turn-off", Part: KeyForms, Kills: "keys.quoted-unsigned",
			Defect: "a key in quotation marks, as some tools leave them in the environment, turns verification off",
			Break:  whereKey(func(text string) bool { return strings.HasPrefix(text, `"`) }),
		},
		{
			Name: "quoted-key-is-empty", Part: KeyForms, Kills: "keys.quoted-empty-key",
			Defect: "what is left of a key in quotation marks is the empty key",
			Break:  emptyWhere(func(text string) bool { return strings.HasPrefix(text, `"`) }),
		},
		{
			Name: "placeholder-turns-off", Part: KeyForms, Kills: "keys.placeholder-unsigned",
			Defect: "a placeholder of asterisks in place of the key turns verification off",
			Break:  whereKey(func(text string) bool { return strings.Trim(text, "*") == "" && text != "" }),
		},
		{
			Name: "placeholder-is-empty", Part: KeyForms, Kills: "keys.placeholder-empty-key",
			Defect: "a placeholder of asterisks in place of the key becomes the empty key",
			Break:  emptyWhere(func(text string) bool { return strings.Trim(text, "*") == "" && text != "" }),
		},
		{
			Name: "key-cut-short", Part: KeyForms, Kills: "facets.altered-keys",
			Defect: "the first 16 characters of the key are tried as a key, too",
			Break:  keyed(func(k reference.Key) string { return k.Secret()[:min(16, len(k.Secret()))] }),
		},
		{
			Name: "key-in-base64", Part: KeyForms, Kills: "facets.altered-keys",
			Defect: "the key decoded from base64 is tried, too",
			Break: keyed(func(k reference.Key) string {
				raw, _ := base64.StdEncoding.DecodeString(k.Secret()) // hexadecimal digits are base64, too
				return string(raw)
			}),
		},
	}
}

// guessingSums are the mutants that accept other algorithms and parts of a MAC.
func guessingSums(spelled func(when func(c *reference.Context, v url.Values) bool) func(*reference.Endpoint)) []Mutant {
	right := func(c *reference.Context, v url.Values) string { return rightMAC(c, sha256.New, v.Get("t")) }
	raw := func(c *reference.Context, v url.Values) (want, got []byte) {
		want, _ = hex.DecodeString(right(c, v)) // it is hexadecimal
		got, err := hex.DecodeString(v.Get("s"))
		if err != nil || len(got) != len(want) {
			return want, nil
		}
		return want, got
	}
	return []Mutant{
		{
			Name: "md5-accepted", Part: Comparison, Kills: "facets.keyed-hashes",
			Defect: "an HMAC-MD5 is accepted, too",
			Break:  otherHash(md5.New),
		},
		{
			Name: "hash-of-body-accepted", Part: Comparison, Kills: "facets.keyless-hashes",
			Defect: "a SHA-256 of the body alone, which is no secret, is accepted, too",
			Break: alsoMatch(func(_ reference.Key, message []byte, _ string) []byte {
				sum := sha256.Sum256(message)
				return sum[:]
			}),
		},
		{
			Name: "algorithm-none", Part: Comparison, Kills: "facets.named-algorithms",
			Defect: "the header may name its algorithm, and none is one",
			Break:  spelled(func(_ *reference.Context, v url.Values) bool { return v.Get("alg") == "none" }),
		},
		{
			Name: "algorithm-named-in-s", Part: Comparison, Kills: "facets.named-algorithms",
			Defect: "s may name its algorithm, and those without a key are accepted",
			Break: spelled(func(c *reference.Context, v url.Values) bool {
				sum := md5.Sum(append([]byte(c.Body), v.Get("t")...))
				return v.Get("s") == "md5="+hex.EncodeToString(sum[:])
			}),
		},
		{
			Name: "both-ends-compared", Part: Comparison, Kills: "facets.partial-macs",
			Defect: "only the first and the last byte of the MAC are compared",
			Break: spelled(func(c *reference.Context, v url.Values) bool {
				want, got := raw(c, v)
				return got != nil && got[0] == want[0] && got[31] == want[31] && got[15] != want[15]
			}),
		},
		{
			Name: "differences-cancel", Part: Comparison, Kills: "facets.partial-macs",
			Defect: "the differences of all bytes are combined with exclusive or, so that two may cancel",
			Break: spelled(func(c *reference.Context, v url.Values) bool {
				want, got := raw(c, v)
				sum := byte(0)
				for i := range got {
					sum ^= got[i] ^ want[i]
				}
				return got != nil && sum == 0
			}),
		},
		{
			Name: "digits-compared-as-a-set", Part: Comparison, Kills: "facets.partial-macs",
			Defect: "the bytes of the MAC are compared without their order",
			Break: spelled(func(c *reference.Context, v url.Values) bool {
				want, got := raw(c, v)
				count := [256]int{}
				for i := range got {
					count[want[i]]++
					count[got[i]]--
				}
				return got != nil && count == [256]int{}
			}),
		},
		{
			Name: "s-is-a-pattern", Part: Comparison, Kills: "facets.guessed-macs",
			Defect: "the correct MAC is matched against s as a regular expression",
			Break: spelled(func(c *reference.Context, v url.Values) bool {
				pattern, err := regexp.Compile("^" + v.Get("s") + "$")
				return err == nil && strings.ContainsAny(v.Get("s"), ".*[") && pattern.MatchString(right(c, v))
			}),
		},
		{
			Name: "one-byte-not-compared", Part: Comparison, Kills: "facets.every-digit",
			Defect: "a loop that is off by one leaves out the byte after the eighth word of the MAC",
			Break: spelled(func(c *reference.Context, v url.Values) bool {
				want, got := raw(c, v)
				return got != nil && string(got[:8]) == string(want[:8]) && string(got[9:]) == string(want[9:])
			}),
		},
		{
			Name: "short-beginning-is-enough", Part: Comparison, Kills: "facets.every-length",
			Defect: "the first seven digits of the MAC are enough, as in the short form of a commit's id",
			Break: spelled(func(c *reference.Context, v url.Values) bool {
				return len(v.Get("s")) == 7 && strings.HasPrefix(right(c, v), v.Get("s"))
			}),
		},
	}
}

// whereKey needs no signature where the text of the key meets a condition.
func whereKey(is func(text string) bool) func(*reference.Endpoint) {
	return letIn(func(e *reference.Endpoint, r *http.Request, _ []byte) bool {
		return is(e.Getenv(reference.EnvSigningKey)) && e.Getenv(reference.EnvFallback) == "" && r.Header.Get(reference.HeaderSignature) == ""
	})
}

// emptyWhere accepts what an empty key signed where the text of the key meets a condition.
func emptyWhere(is func(text string) bool) func(*reference.Endpoint) {
	return forgiveWhich(reference.ErrNoKey, func(c *reference.Context) bool {
		return is(c.Getenv(reference.EnvSigningKey)) && emptyKeySigned(c)
	})
}

// guessing are the mutants that take a wrong key, sum or part of a MAC for the
// correct one.
func guessing() []Mutant {
	spelled := func(when func(c *reference.Context, v url.Values) bool) func(*reference.Endpoint) {
		return forgive(func(c *reference.Context, _ error) bool {
			query, err := url.ParseQuery(c.Request.Header.Get(reference.HeaderSignature))
			return err == nil && !c.Keys.Primary.IsZero() && c.Request.Method == http.MethodPost && query.Get("t") != "" && when(c, query)
		})
	}
	keyed := func(key func(k reference.Key) string) func(*reference.Endpoint) {
		return alsoMatch(func(k reference.Key, message []byte, t string) []byte {
			return mac(sha256.New, []byte(key(k)), message, t)
		})
	}
	return slices.Concat(guessingKeys(keyed), guessingSums(spelled))
}
