package reference

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrNoKey is returned for a text without a key: empty, only white space, or
// only a prefix (SPEC 4.1.3(2)).
var ErrNoKey = errors.New("no signing key")

// ErrMalformedKey is returned for a text whose part after the optional prefix
// is not hexadecimal.
var ErrMalformedKey = errors.New("malformed signing key")

// Key is a signing key: `signkey-<env>-<hex>`, or only the hex digits, as a
// self-hosted server uses them. The zero Key is no key: no signature verifies
// with it. Printing a Key does not reveal it.
type Key struct {
	prefix string // "signkey-prod-", or empty
	secret string // the text after the prefix; the HMAC key is this text, not the bytes it encodes
}

// Keys are the two keys that an SDK can be configured with (KEYS 4, KEYS 5).
// Either may be zero.
type Keys struct{ Primary, Fallback Key }

// ParseKey parses the value of an environment variable. Surrounding white space
// is ignored. The error is [ErrNoKey] or wraps [ErrMalformedKey].
func ParseKey(text string) (Key, error) {
	prefix, secret := splitPrefix(strings.TrimSpace(text))
	if secret == "" {
		return Key{}, ErrNoKey
	}
	if _, err := hex.DecodeString(secret); err != nil {
		return Key{}, fmt.Errorf("parsing a signing key of %d bytes: %w: not hexadecimal after the prefix", len(text), ErrMalformedKey)
	}
	return Key{prefix, secret}, nil
}

// splitPrefix splits a key after `^signkey-\w+-`; the prefix is empty where
// there is none.
func splitPrefix(text string) (prefix, secret string) {
	const word = "signkey-"
	if !strings.HasPrefix(text, word) {
		return "", text
	}
	end := len(word)
	for end < len(text) && isWord(text[end]) {
		end++
	}
	if end == len(word) || end == len(text) || text[end] != '-' {
		return "", text
	}
	return text[:end+1], text[end+1:]
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// IsZero reports whether k is no key.
func (k Key) IsZero() bool { return k.secret == "" }

// Text is the key with its prefix, as it is configured. It is a secret.
func (k Key) Text() string { return k.prefix + k.secret }

// Secret is the text after the prefix, which is the HMAC key (SPEC 4.1.3(5)).
func (k Key) Secret() string { return k.secret }

// String is the prefix and an ellipsis; it reveals nothing of the key.
func (k Key) String() string {
	if k.IsZero() {
		return "(no key)"
	}
	return k.prefix + "…"
}

// Format prints the result of String for every verb, so that %x and %#v do not
// write a key to a log. Package fmt handles %p and %w itself; go vet rejects
// both for a Key.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// Bearer is the token that an SDK sends to Inngest's API: the prefix and, in
// lower-case hex, the SHA-256 of the decoded rest (SPEC 4.1.4). It is empty for
// the zero Key.
func (k Key) Bearer() string {
	if k.IsZero() {
		return ""
	}
	raw, err := hex.DecodeString(k.secret)
	if err != nil {
		panic("a Key is hexadecimal by construction")
	}
	sum := sha256.Sum256(raw)
	return k.prefix + hex.EncodeToString(sum[:])
}

// MAC is HMAC-SHA256(key, message ‖ t): the message, then the text of `t`,
// without a delimiter (SPEC 4.1.1).
func (k Key) MAC(message []byte, t string) [sha256.Size]byte {
	h := hmac.New(sha256.New, []byte(k.secret))
	h.Write(message)
	h.Write([]byte(t))
	return [sha256.Size]byte(h.Sum(nil))
}
