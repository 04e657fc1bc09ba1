package fuzz_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/fuzz"
	"github.com/countersign-dev/countersign/reference"
)

// More schemes that are wrong on purpose, each in one way.

// watching is the reference with something done before or after each Verify.
func watching(verify func(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error)) fuzz.Scheme {
	s := fuzz.Reference()
	s.Verify = verify
	return s
}

// indexing reads the header by position, and finds none there.
func indexing(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	if strings.HasPrefix(header, "t=") {
		_ = strings.Split(header, "&s=")[1]
	}
	return reference.Verify(header, body, keys, now)
}

// wavering gives another reason every other time.
func wavering() func(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	odd := false
	return func(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
		which, err := reference.Verify(header, body, keys, now)
		if odd = !odd; odd && err != nil {
			err = reference.ErrMismatch
		}
		return which, err
	}
}

// halfhearted names a key for a signature that has expired.
func halfhearted(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	which, err := reference.Verify(header, body, keys, now)
	if err != nil && header != "" {
		which = reference.Primary
	}
	return which, err
}

// inPlace verifies a body in its own memory.
func inPlace(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	if form, err := reference.Canonicalise(body); err == nil {
		copy(body, form)
	}
	return reference.Verify(header, body, keys, now)
}

// kept is where the bodies of keepingCopies go, so that they are allocated.
var kept [][]byte

// keepingCopies keeps a copy of the body at each of the first arrays that open.
func keepingCopies(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	kept = nil
	for i, c := range body {
		if c == '[' && len(kept) < 256 {
			kept = append(kept, bytes.Clone(body[i:]))
		}
	}
	return reference.Verify(header, body, keys, now)
}

// allocatingByTime allocates as many bytes as t says.
func allocatingByTime(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	if s, err := reference.ParseSignature(header); err == nil {
		kept = [][]byte{make([]byte, min(s.Time.Unix(), 1<<20))}
	}
	return reference.Verify(header, body, keys, now)
}

// alsoWith tries one secret more than there are keys.
func alsoWith(secret func(reference.Keys) string) fuzz.Scheme {
	return watching(func(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
		which, err := reference.Verify(header, body, keys, now)
		if which != reference.NoKey {
			return which, err
		}
		signature, broken := reference.ParseSignature(header)
		for message := range reference.Messages(body) {
			if broken == nil && macOf(secret(keys), message, signature.T()) == signature.MAC {
				return reference.Fallback, nil
			}
		}
		return which, err
	})
}

func macOf(secret string, message []byte, t string) [32]byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(message)
	mac.Write([]byte(t))
	return [32]byte(mac.Sum(nil))
}

func fallbackText(k reference.Keys) string   { return orUnused(k.Fallback.Text()) }
func fallbackBearer(k reference.Keys) string { return orUnused(k.Fallback.Bearer()) }
func bothJoined(k reference.Keys) string     { return orUnused(k.Primary.Secret() + k.Fallback.Secret()) }

func fallbackDecoded(k reference.Keys) string {
	raw, _ := hex.DecodeString(k.Fallback.Secret())
	return orUnused(string(raw))
}

func orUnused(secret string) string {
	if secret == "" {
		return "no one signs with this"
	}
	return secret
}

// reading is the reference with keys whose text is changed before it is read.
func reading(change func(string) string) fuzz.Scheme {
	s := fuzz.Reference()
	s.ParseKey = func(text string) (reference.Key, error) { return reference.ParseKey(change(text)) }
	return s
}

// choosing is the reference with keys that are tried in another way.
func choosing(choose func(reference.Keys) reference.Keys) fuzz.Scheme {
	return watching(func(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
		return reference.Verify(header, body, choose(keys), now)
	})
}

// rawOnly verifies the MAC of the body as received.
func rawOnly(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	which, err := reference.Verify(header, body, keys, now)
	signature, broken := reference.ParseSignature(header)
	if err != nil || broken != nil {
		return which, err
	}
	for _, key := range []reference.Key{keys.Primary, keys.Fallback} {
		if reference.Match(key, body, signature.T(), signature.MAC) {
			return which, nil
		}
	}
	return reference.NoKey, reference.ErrMismatch
}

// canonicalOnly verifies the MAC of the canonical form.
func canonicalOnly(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	form, err := reference.Canonicalise(body)
	if err != nil && len(body) > 0 {
		return reference.NoKey, err
	}
	return rawOnly(header, form, keys, now)
}

// failingOpen verifies a body without a canonical form as if it were empty.
func failingOpen(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	if which, err := reference.Verify(header, body, keys, now); err == nil {
		return which, nil
	}
	form, _ := reference.Canonicalise(body)
	return reference.Verify(header, form, keys, now)
}

// lastNamed tries the fallback key first, and names it rightly.
func lastNamed(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	if which, err := reference.Verify(header, body, reference.Keys{Fallback: keys.Fallback}, now); err == nil {
		return which, nil
	}
	return reference.Verify(header, body, keys, now)
}

// canonicalising is the reference with another Canonicalise.
func canonicalising(canonicalise func([]byte) ([]byte, error)) fuzz.Scheme {
	s := fuzz.Reference()
	s.Canonicalise = canonicalise
	return s
}

// turning puts the elements of an outermost array in reverse order.
func turning(body []byte) ([]byte, error) {
	right, err := reference.Canonicalise(body)
	if err != nil || len(right) != len("[0,1]") || right[0] != '[' || right[2] != ',' {
		return right, err
	}
	right[1], right[3] = right[3], right[1]
	return right, nil
}

// overwriting canonicalises in the memory of its argument.
func overwriting(body []byte) ([]byte, error) {
	form, err := reference.Canonicalise(body)
	if err == nil && len(form) <= len(body) {
		copy(body, form)
	}
	return form, err
}

// untrimmed keeps what stands before the value.
func untrimmed(body []byte) ([]byte, error) {
	form, err := reference.Canonicalise(body)
	if err != nil {
		return nil, err
	}
	return slices.Concat(body[:len(body)-len(bytes.TrimLeft(body, " \t"))], form), nil
}
