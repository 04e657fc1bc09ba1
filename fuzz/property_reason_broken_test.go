package fuzz_test

import (
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/fuzz"
	"github.com/countersign-dev/countersign/reference"
)

// Schemes that sign, spell or explain wrongly, but consistently.

// spelling is the reference with headers that are written otherwise.
func spelling(spell func(reference.Signature) string) fuzz.Scheme {
	s := fuzz.Reference()
	s.Spell = spell
	return s
}

func capitals(s reference.Signature) string {
	return "t=" + s.T() + "&s=" + strings.ToUpper(hex.EncodeToString(s.MAC[:]))
}

func sFirst(s reference.Signature) string {
	t, mac, _ := strings.Cut(s.String(), "&")
	return mac + "&" + t
}

// anyYear reads t whatever its year.
func anyYear(value string) (reference.Signature, error) {
	s, err := reference.ParseSignature(value)
	var broken *reference.HeaderError
	if errors.As(err, &broken) && broken.Rule == reference.RuleTRange {
		t, mac, _ := strings.Cut(strings.TrimPrefix(value, "t="), "&s=")
		raw, spoiled := hex.DecodeString(mac)
		second, wide := strconv.ParseInt(t, 10, 64)
		if spoiled == nil && wide == nil && len(raw) == len(s.MAC) {
			return reference.Signature{Time: time.Unix(second, 0), MAC: [32]byte(raw)}, nil
		}
	}
	return s, err
}

// hashing is the reference with another MAC, in Sign and in Verify.
func hashing(mac func(secret string, message []byte, t string) [32]byte) fuzz.Scheme {
	s := fuzz.Reference()
	s.Sign = func(key reference.Key, body []byte, at time.Time) (reference.Signature, error) {
		signature, err := reference.Sign(key, body, at)
		signature.MAC = mac(key.Secret(), body, signature.T())
		return signature, err
	}
	s.Verify = nil // the properties of Sign do not call it
	return s
}

func tFirstMAC(secret string, message []byte, t string) [32]byte {
	return macOf(secret, []byte(t), string(message))
}

func dotted(secret string, message []byte, t string) [32]byte {
	return macOf(secret, message, "."+t)
}

func decodedKey(secret string, message []byte, t string) [32]byte {
	raw, _ := hex.DecodeString(secret)
	return macOf(string(raw), message, t)
}

// signed is the reference with something else instead of some calls of Sign.
func signed(instead func(key reference.Key, body []byte, at time.Time) (reference.Signature, bool)) fuzz.Scheme {
	s := fuzz.Reference()
	s.Sign = func(key reference.Key, body []byte, at time.Time) (reference.Signature, error) {
		if signature, done := instead(key, body, at); done {
			return signature, nil
		}
		return reference.Sign(key, body, at)
	}
	return s
}

// rounding signs for the nearest second.
var rounding = signed(func(key reference.Key, body []byte, at time.Time) (reference.Signature, bool) {
	signature, err := reference.Sign(key, body, at.Round(time.Second))
	return signature, err == nil
})

// canonicalisingFirst signs the canonical form of a body that has one.
var canonicalisingFirst = signed(func(key reference.Key, body []byte, at time.Time) (reference.Signature, bool) {
	form, err := reference.Canonicalise(body)
	signature, failed := reference.Sign(key, form, at)
	return signature, err == nil && failed == nil
})

// zeros signs an empty body with a MAC of zeros.
var zeros = signed(func(_ reference.Key, body []byte, at time.Time) (reference.Signature, bool) {
	return reference.Signature{Time: at}, len(body) == 0
})

// keyless signs with the empty key, too.
var keyless = signed(func(key reference.Key, body []byte, at time.Time) (reference.Signature, bool) {
	signature := reference.Signature{Time: at}
	signature.MAC = key.MAC(body, signature.T())
	return signature, key.IsZero()
})

// keyFirst looks for a key before it parses the header.
func keyFirst(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	if _, err := reference.UsableKeys(keys); err != nil {
		return reference.NoKey, err
	}
	return reference.Verify(header, body, keys, now)
}

// macFirst compares the MAC before it checks the time.
func macFirst(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	if s, err := reference.ParseSignature(header); err == nil {
		if which, err := reference.Verify(header, body, keys, s.Time); err != nil {
			return which, err
		}
	}
	return reference.Verify(header, body, keys, now)
}

// oneTimeReason has one reason for both edges of the window.
func oneTimeReason(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	which, err := reference.Verify(header, body, keys, now)
	if errors.Is(err, reference.ErrFuture) {
		err = reference.ErrExpired
	}
	return which, err
}

// overflowing compares the negation of a distance that has none.
func overflowing(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	if s, err := reference.ParseSignature(header); err == nil && now.Sub(s.Time) == -1<<63 {
		now = s.Time
	}
	return reference.Verify(header, body, keys, now)
}

// oneReason has one reason.
func oneReason(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	which, err := reference.Verify(header, body, keys, now)
	if err != nil {
		err = reference.ErrMismatch
	}
	return which, err
}

// acceptingFuture accepts signatures of a future time.
func acceptingFuture(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
	if s, err := reference.ParseSignature(header); err == nil && now.Before(s.Time) {
		now = s.Time
	}
	return reference.Verify(header, body, keys, now)
}
