package zoo

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"net/url"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// comparison are the mutants that compare the wrong things, or too little of them.
func comparison() []Mutant {
	return []Mutant{
		{
			Name: "no-comparison", Part: Comparison, Kills: "receiving.wrong-key",
			Defect: "the MAC is computed but not compared",
			Break: func(e *reference.Endpoint) {
				e.Match = func(k reference.Key, _ []byte, _ string, _ [32]byte) bool { return !k.IsZero() }
			},
		},
		{
			Name: "presence-is-enough", Part: Comparison, Kills: "receiving.tampered",
			Defect: "any signature header at all is accepted",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				return r.Header.Get(reference.HeaderSignature) != ""
			}),
		},
		{
			Name: "absence-is-enough", Part: Comparison, Kills: "receiving.unsigned",
			Defect: "a signature is verified if there is one, but none is required",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				return len(r.Header.Values(reference.HeaderSignature)) == 0
			}),
		},
		{
			Name: "half-compared", Part: Comparison, Kills: "headers.s-one-off",
			Defect: "only the first half of the MAC is compared",
			Break: func(e *reference.Endpoint) {
				e.Match = func(k reference.Key, message []byte, t string, got [32]byte) bool {
					want := k.MAC(message, t)
					return !k.IsZero() && string(want[:16]) == string(got[:16])
				}
			},
		},
		{
			Name: "first-byte-skipped", Part: Comparison, Kills: "headers.s-first-digit-off",
			Defect: "the first byte of the MAC is not compared",
			Break: func(e *reference.Endpoint) {
				e.Match = func(k reference.Key, message []byte, t string, got [32]byte) bool {
					want := k.MAC(message, t)
					return !k.IsZero() && string(want[1:]) == string(got[1:])
				}
			},
		},
		{
			Name: "prefix-is-enough", Part: Comparison, Kills: "headers.s-half",
			Defect: "only as many digits are compared as the sender gave, so a short prefix is enough",
			Break:  comparePrefix(2, 62),
		},
		{
			Name: "last-digit-forgotten", Part: Comparison, Kills: "headers.s-short",
			Defect: "a MAC without its last digit is accepted",
			Break:  comparePrefix(63, 63),
		},
		{
			Name: "zeros-match", Part: Comparison, Kills: "headers.s-zeros",
			Defect: "a MAC of zeros, the initial value of a buffer, is accepted",
			Break: func(e *reference.Endpoint) {
				match := e.Match
				e.Match = func(k reference.Key, message []byte, t string, got [32]byte) bool {
					return match(k, message, t, got) || got == [32]byte{}
				}
			},
		},
		{
			Name: "empty-key-also-tried", Part: Comparison, Kills: "receiving.empty-key",
			Defect: "besides the key, an empty key is tried, with which anyone can sign",
			Break:  alsoMatch(func(_ reference.Key, message []byte, t string) []byte { return mac(sha256.New, nil, message, t) }),
		},
		{
			Name: "body-not-covered", Part: Comparison, Kills: "receiving.mac-of-nothing",
			Defect: "a MAC over the time alone is accepted on any request",
			Break:  alsoMatch(func(k reference.Key, _ []byte, t string) []byte { return mac(sha256.New, []byte(k.Secret()), nil, t) }),
		},
		{
			Name: "first-half-covered", Part: Comparison, Kills: "receiving.mac-of-half",
			Defect: "a MAC over the part of the body that was already read is accepted",
			Break: alsoMatch(func(k reference.Key, message []byte, t string) []byte {
				return mac(sha256.New, []byte(k.Secret()), message[:len(message)/2], t)
			}),
		},
		{
			Name: "time-not-covered", Part: Comparison, Kills: "receiving.mac-without-time",
			Defect: "a MAC over the body alone is accepted, so t can be chosen freely",
			Break: alsoMatch(func(k reference.Key, message []byte, _ string) []byte {
				return mac(sha256.New, []byte(k.Secret()), message, "")
			}),
		},
		{
			Name: "time-first", Part: Comparison, Kills: "receiving.mac-time-first",
			Defect: "a MAC over the time and then the body is accepted, too",
			Break: alsoMatch(func(k reference.Key, message []byte, t string) []byte {
				return mac(sha256.New, []byte(k.Secret()), []byte(t), string(message))
			}),
		},
		{
			Name: "key-decoded-too", Part: Comparison, Kills: "receiving.key-decoded",
			Defect: "a MAC made with the hex-decoded key is accepted, too",
			Break: alsoMatch(func(k reference.Key, message []byte, t string) []byte {
				raw, _ := hex.DecodeString(k.Secret())
				return mac(sha256.New, raw, message, t)
			}),
		},
		{
			Name: "key-decoded", Part: Comparison, Kills: "receiving.signed",
			Defect: "the key is hex-decoded before it is used, so nothing that Inngest signs is accepted",
			Break: func(e *reference.Endpoint) {
				e.Match = func(k reference.Key, message []byte, t string, got [32]byte) bool {
					raw, _ := hex.DecodeString(k.Secret())
					return !k.IsZero() && hmac.Equal(mac(sha256.New, raw, message, t), got[:])
				}
			},
		},
		{
			Name: "prefix-kept-too", Part: Comparison, Kills: "receiving.key-prefix-kept",
			Defect: "a MAC made with the key including its prefix is accepted, too",
			Break: alsoMatch(func(k reference.Key, message []byte, t string) []byte {
				return mac(sha256.New, []byte(k.Text()), message, t)
			}),
		},
		{
			Name: "hash-without-key", Part: Comparison, Kills: "receiving.keyless-hash",
			Defect: "an unkeyed SHA-256 of body and time is accepted, which anyone can compute",
			Break: alsoMatch(func(_ reference.Key, message []byte, t string) []byte {
				sum := sha256.Sum256([]byte(string(message) + t))
				return sum[:]
			}),
		},
		{
			Name: "sha1-accepted", Part: Comparison, Kills: "receiving.sha1",
			Defect: "the length of s selects the algorithm, and HMAC-SHA1 is one of them",
			Break:  otherHash(sha1.New),
		},
		{
			Name: "sha512-accepted", Part: Comparison, Kills: "receiving.sha512",
			Defect: "the length of s selects the algorithm, and HMAC-SHA512 is one of them",
			Break:  otherHash(sha512.New),
		},
		{
			Name: "time-rounded", Part: Comparison, Kills: "receiving.redated",
			Defect: "a MAC that does not match is compared again for every second of the last minute, so t can be changed",
			Break: func(e *reference.Endpoint) {
				match := e.Match
				e.Match = func(k reference.Key, message []byte, t string, got [32]byte) bool {
					for second := range 60 {
						if match(k, message, reference.Signature{Time: e.Now().Add(-seconds(second))}.T(), got) {
							return true
						}
					}
					return match(k, message, t, got)
				}
			},
		},
		{
			Name: "probe-not-compared", Part: Comparison, Kills: "calls.probe-wrong-key",
			Defect: "the MAC of a trust probe is not compared",
			Break:  forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool { return isProbe(c.Request) }),
		},
		{
			Name: "sync-not-compared", Part: Comparison, Kills: "inband.wrong-key",
			Defect: "the MAC of an in-band sync is not compared",
			Break:  forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool { return isInBand(c.Request) }),
		},
		{
			Name: "refusal-ignored", Part: Comparison, Kills: "receiving.unsigned",
			Defect: "a failed verification has no effect: the request is handled all the same",
			Break:  forgive(func(*reference.Context, error) bool { return true }),
		},
		{
			Name: "probe-open", Part: Comparison, Kills: "calls.probe-unsigned",
			Defect: "a trust probe needs no signature",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				return isProbe(r) && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
		{
			Name: "sync-open", Part: Comparison, Kills: "inband.unsigned",
			Defect: "an in-band sync needs no signature",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				return isInBand(r) && r.Header.Get(reference.HeaderSignature) == ""
			}),
		},
	}
}

func mac(algorithm func() hash.Hash, key, message []byte, t string) []byte {
	h := hmac.New(algorithm, key)
	h.Write(message)
	h.Write([]byte(t))
	return h.Sum(nil)
}

// comparePrefix compares only as many digits as s has, if that number is in a range.
func comparePrefix(least, most int) func(*reference.Endpoint) {
	return forgive(func(c *reference.Context, why error) bool {
		query, err := url.ParseQuery(c.Request.Header.Get(reference.HeaderSignature))
		if s := query.Get("s"); err == nil && len(s) >= least && len(s) <= most {
			return strings.HasPrefix(rightMAC(c, sha256.New, query.Get("t")), s)
		}
		return false
	})
}

// otherHash also accepts a MAC of another algorithm, by the length of s.
func otherHash(algorithm func() hash.Hash) func(*reference.Endpoint) {
	return forgive(func(c *reference.Context, why error) bool {
		query, err := url.ParseQuery(c.Request.Header.Get(reference.HeaderSignature))
		var bad *reference.HeaderError
		return err == nil && errors.As(why, &bad) && query.Get("s") == rightMAC(c, algorithm, query.Get("t"))
	})
}

func rightMAC(c *reference.Context, algorithm func() hash.Hash, t string) string {
	return hex.EncodeToString(mac(algorithm, []byte(c.Keys.Primary.Secret()), c.Body, t))
}
