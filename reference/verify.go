package reference

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"time"
)

// Why a request is refused, besides [ErrNoKey], [*HeaderError] and
// [ErrNoCanonicalForm].
var (
	ErrUnsigned  = errors.New("no " + HeaderSignature + " header")
	ErrExpired   = errors.New("the signature is older than " + MaxAge.String())
	ErrFuture    = errors.New("the signature is more than " + MaxSkew.String() + " ahead")
	ErrMismatch  = errors.New("the signature matches no key")
	ErrNoMessage = errors.New("this shape of request is never signed")
)

const (
	// MaxAge is the oldest a signature may be (SPEC 4.1.3(4), KEYS 3).
	MaxAge = 5 * time.Minute
	// MaxSkew is how far ahead of the verifier's clock a signature may be: room
	// for clocks that differ, and no more.
	MaxSkew = time.Minute
)

// Which says which key matched.
type Which int

// The keys that can match, in the order in which they are tried.
const (
	Neither Which = iota
	Primary
	Fallback
)

// Verify decides whether a request came from Inngest and says which key signed
// it. header is the value of [HeaderSignature], empty where there is none; now
// is the verifier's clock. The checks come in the order that gives the least
// away: header there, header well-formed, a key there, time inside the window,
// and only then the MAC, in constant time, with the primary and then the
// fallback key (SPEC 4.1.3, KEYS 1, 3, 10).
func Verify(method, header string, body []byte, keys Keys, now time.Time) (Which, error) {
	headers := []string{header}
	if header == "" {
		headers = nil
	}
	return standard.verify(method, headers, body, keys, now)
}

// verifier is the order of the checks; what each check does is a field, so
// that [Endpoint] can be built wrong on purpose. [Verify] uses the standard one.
type verifier struct {
	parse   func(headers []string) (Signature, string, error)
	usable  func(Keys) (Keys, error)
	window  func(at, now time.Time) error
	message func(method string, body []byte) ([]byte, error)
	match   func(key Key, message []byte, t string, mac [32]byte) bool
	choose  func(keys Keys, matches func(Key) bool) Which
}

var standard = verifier{ParseHeaders, UsableKeys, CheckWindow, Message, Match, Choose}

func (v verifier) verify(method string, headers []string, body []byte, keys Keys, now time.Time) (Which, error) {
	signature, t, err := v.parse(headers)
	if err != nil {
		return Neither, err
	}
	if keys, err = v.usable(keys); err != nil {
		return Neither, err
	}
	if err := v.window(signature.Time, now); err != nil {
		return Neither, err
	}
	message, err := v.message(method, body)
	if err != nil {
		return Neither, err
	}
	which := v.choose(keys, func(k Key) bool { return v.match(k, message, t, signature.MAC) })
	if which == Neither {
		return Neither, ErrMismatch
	}
	return which, nil
}

// ParseHeaders reads the one signature header of a request and gives the
// signature and the text of `t` that the MAC covers. None is [ErrUnsigned];
// more than one is refused, even where they are equal.
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

// UsableKeys refuses two zero keys with [ErrNoKey].
func UsableKeys(keys Keys) (Keys, error) {
	if keys.Primary.IsZero() && keys.Fallback.IsZero() {
		return Keys{}, ErrNoKey
	}
	return keys, nil
}

// CheckWindow refuses a time more than [MaxAge] behind now ([ErrExpired]) or
// more than [MaxSkew] ahead of it ([ErrFuture]).
func CheckWindow(at, now time.Time) error {
	switch age := now.Sub(at); {
	case age > MaxAge:
		return ErrExpired
	case age < -MaxSkew: // not -age: the difference saturates, and its negation overflows
		return ErrFuture
	}
	return nil
}

// Match compares, in constant time, a MAC with the one that the key makes of
// message and t. The zero Key matches nothing.
func Match(key Key, message []byte, t string, mac [32]byte) bool {
	want := key.MAC(message, t)
	return hmac.Equal(want[:], mac[:]) && !key.IsZero()
}

// Choose tries the primary key and then the fallback (KEYS 10).
func Choose(keys Keys, matches func(Key) bool) Which {
	if matches(keys.Primary) {
		return Primary
	}
	if matches(keys.Fallback) {
		return Fallback
	}
	return Neither
}

func (k Keys) of(w Which) Key {
	switch w {
	case Primary:
		return k.Primary
	case Fallback:
		return k.Fallback
	}
	return Key{}
}

// String names the key.
func (w Which) String() string {
	switch w {
	case Primary:
		return "primary"
	case Fallback:
		return "fallback"
	case Neither:
		return "neither"
	}
	return fmt.Sprintf("Which(%d)", int(w))
}
