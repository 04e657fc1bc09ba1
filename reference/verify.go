package reference

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"iter"
	"time"
)

// The reasons for which a signature is refused, besides [ErrNoKey] and
// [*HeaderError].
var (
	ErrUnsigned = errors.New("no " + HeaderSignature + " header")
	ErrExpired  = errors.New("the signature is older than " + MaxAge.String())
	ErrFuture   = errors.New("the signature is more than " + MaxSkew.String() + " ahead")
	ErrMismatch = errors.New("the signature matches no key")
)

const (
	// MaxAge is the maximum age of a signature (SPEC 4.1.3(4), KEYS 3).
	MaxAge = 5 * time.Minute
	// MaxSkew is how far ahead of the verifier's clock a signature may be, to
	// allow for clock skew.
	MaxSkew = time.Minute
)

// MatchedKey says which key a signature was made with.
type MatchedKey int

// The values of [MatchedKey], in the order in which keys are tried.
const (
	NoKey MatchedKey = iota
	Primary
	Fallback
)

// Verify decides whether Inngest signed a body, and returns the key that it was
// signed with. header is the value of [HeaderSignature], empty where there is
// none; now is the verifier's clock. The order of the checks reveals as little as
// possible: the header is present and well-formed, a key is configured, the time
// is inside the window, and only then the MAC of one of the [Messages], in
// constant time, with the primary and then the fallback key (SPEC 4.1.3, KEYS 1,
// 3, 10).
//
// The MAC covers neither method nor URL. A caller must therefore decide by itself
// what a request may do, as [CheckShape] does.
func Verify(header string, body []byte, keys Keys, now time.Time) (MatchedKey, error) {
	headers := []string{header}
	if header == "" {
		headers = nil
	}
	return standard.verify(headers, body, keys, now)
}

// Verifier holds the steps of [Verify] in their order. Each step is a field, so
// that an [Endpoint] can be built with one of them replaced.
type Verifier struct {
	ParseHeaders func(values []string) (Signature, string, error)
	UsableKeys   func(Keys) (Keys, error)
	CheckWindow  func(at, now time.Time) error
	Messages     func(body []byte) iter.Seq[[]byte]
	Match        func(key Key, message []byte, t string, mac [32]byte) bool
	Choose       func(keys Keys, matches func(Key) bool) MatchedKey
}

var standard = Verifier{ParseHeaders, UsableKeys, CheckWindow, Messages, Match, Choose}

func (v Verifier) verify(headers []string, body []byte, keys Keys, now time.Time) (MatchedKey, error) {
	signature, t, err := v.ParseHeaders(headers)
	if err != nil {
		return NoKey, err
	}
	if keys, err = v.UsableKeys(keys); err != nil {
		return NoKey, err
	}
	if err := v.CheckWindow(signature.Time, now); err != nil {
		return NoKey, err
	}
	for message := range v.Messages(body) {
		matched := v.Choose(keys, func(k Key) bool { return v.Match(k, message, t, signature.MAC) })
		if matched != NoKey {
			return matched, nil
		}
	}
	return NoKey, ErrMismatch
}

// ParseHeaders parses the signature header of a request. It returns the
// signature and the text of `t` that the MAC covers. No header is
// [ErrUnsigned]; several headers are refused even where they are equal.
func ParseHeaders(values []string) (Signature, string, error) {
	switch len(values) {
	case 0:
		return Signature{}, "", ErrUnsigned
	case 1:
		s, err := ParseSignature(values[0])
		return s, s.T(), err
	}
	return Signature{}, "", &HeaderError{RuleOnce}
}

// UsableKeys returns [ErrNoKey] where both keys are zero.
func UsableKeys(keys Keys) (Keys, error) {
	if keys.Primary.IsZero() && keys.Fallback.IsZero() {
		return Keys{}, ErrNoKey
	}
	return keys, nil
}

// CheckWindow returns [ErrExpired] for a time more than [MaxAge] before now, and
// [ErrFuture] for one more than [MaxSkew] after it.
func CheckWindow(at, now time.Time) error {
	switch age := now.Sub(at); {
	case age > MaxAge:
		return ErrExpired
	case age < -MaxSkew: // not -age > MaxSkew: the difference saturates, and its negation overflows
		return ErrFuture
	}
	return nil
}

// Match reports, in constant time, whether mac is the key's MAC of message and
// t. The zero Key matches nothing.
func Match(key Key, message []byte, t string, mac [32]byte) bool {
	want := key.MAC(message, t)
	return hmac.Equal(want[:], mac[:]) && !key.IsZero()
}

// Choose tries the primary key, then the fallback (KEYS 10).
func Choose(keys Keys, matches func(Key) bool) MatchedKey {
	if matches(keys.Primary) {
		return Primary
	}
	if matches(keys.Fallback) {
		return Fallback
	}
	return NoKey
}

func (k Keys) get(matched MatchedKey) Key {
	switch matched {
	case Primary:
		return k.Primary
	case Fallback:
		return k.Fallback
	}
	return Key{}
}

// String is "primary", "fallback" or "none".
func (k MatchedKey) String() string {
	switch k {
	case NoKey:
		return "none"
	case Primary:
		return "primary"
	case Fallback:
		return "fallback"
	}
	return fmt.Sprintf("MatchedKey(%d)", int(k))
}
