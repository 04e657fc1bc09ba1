package reference

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrNoKey says that a text holds no key: it is unset, empty, white space, or a
// prefix with nothing behind it (SPEC 4.1.3(2)).
var ErrNoKey = errors.New("no signing key")

// ErrMalformedKey says that a text is not a signing key: what follows the
// optional prefix is not hexadecimal.
var ErrMalformedKey = errors.New("malformed signing key")

// Key is a signing key: `signkey-<env>-<hex>`, or the bare hex that a
// self-hosted server uses. The zero Key is no key; nothing verifies with it.
// Printing a Key prints no secret.
type Key struct {
	prefix string // "signkey-prod-", or empty
	secret string // the text behind the prefix; never decoded for the HMAC
}

// Keys are the two keys that an SDK may hold (KEYS 4, KEYS 5). Either may be zero.
type Keys struct{ Primary, Fallback Key }

// ParseKey reads a key as it stands in the environment. White space around it
// is dropped. The error is [ErrNoKey] or wraps [ErrMalformedKey].
func ParseKey(text string) (Key, error) {
	prefix, secret := splitPrefix(strings.TrimSpace(text))
	if secret == "" {
		return Key{}, ErrNoKey
	}
	if _, err := hex.DecodeString(secret); err != nil {
		return Key{}, fmt.Errorf("reading a signing key of %d characters: %w: not hexadecimal behind the prefix", len(text), ErrMalformedKey)
	}
	return Key{prefix, secret}, nil
}

// splitPrefix cuts `^signkey-\w+-` off a key.
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

// Text is the key as it is configured, prefix included. It is a secret.
func (k Key) Text() string { return k.prefix + k.secret }

// Secret is the text behind the prefix: the HMAC key, as ASCII (SPEC 4.1.3(5)).
func (k Key) Secret() string { return k.secret }

// String names the key's kind and shows nothing of it.
func (k Key) String() string {
	if k.IsZero() {
		return "(no key)"
	}
	return k.prefix + "…"
}

// Format prints what String does, so that no key reaches a log. It holds for
// every verb but %p and %w, which package fmt keeps for itself and go vet refuses.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// Bearer is what an SDK presents to Inngest's API: the prefix and the SHA-256
// of the decoded rest, in lower-case hex (SPEC 4.1.4). The zero Key has none.
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

// MAC is HMAC-SHA256(key, message ‖ t), 32 bytes: the message first, then the
// text of `t`, nothing between them (SPEC 4.1.1).
func (k Key) MAC(message []byte, t string) [sha256.Size]byte {
	h := hmac.New(sha256.New, []byte(k.secret))
	h.Write(message)
	h.Write([]byte(t))
	return [sha256.Size]byte(h.Sum(nil))
}
