package suite

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// KeyName names a key by its role. Cases never contain the text of a key.
type KeyName string

// The keys.
const (
	Primary    KeyName = "primary"
	Fallback   KeyName = "fallback"
	UnknownKey KeyName = "unknown" // well-formed, but configured nowhere
	EmptyKey   KeyName = "empty"   // an HMAC key of zero bytes
	Both       KeyName = "both"    // for the stand-in API: primary and fallback
)

// Keyring holds the keys of one run. They are generated for the run, unless it
// attaches to an endpoint that is already running.
type Keyring struct {
	Primary, Fallback, Unknown reference.Key
	EventKey                   string
	Canary                     string // a secret in the environment that must never be disclosed
}

// NewKeyring generates three signing keys, an event key and a canary.
func NewKeyring(random *rand.Rand) Keyring {
	return Keyring{
		Primary: drawKey(random), Fallback: drawKey(random), Unknown: drawKey(random),
		EventKey: hex.EncodeToString(drawBytes(random, 12)), // nothing but drawn: each part of it is a secret
		Canary:   "canary" + hex.EncodeToString(drawBytes(random, 20)),
	}
}

func drawKey(random *rand.Rand) reference.Key {
	key, err := reference.ParseKey("signkey-prod-" + hex.EncodeToString(drawBytes(random, 32)))
	if err != nil {
		panic("a drawn key is well-formed: " + err.Error())
	}
	return key
}

func drawBytes(random *rand.Rand, n int) []byte {
	drawn := make([]byte, n)
	for i := range drawn {
		drawn[i] = byte(random.Uint32())
	}
	return drawn
}

// crockford is the alphabet of a ULID, which has neither I, L, O nor U.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewNonce generates a ULID that identifies one request: it is its nonce, run id,
// request id, event id and deployId.
func NewNonce(random *rand.Rand) string {
	return "01" + crockford.EncodeToString(drawBytes(random, 15))
}

// Key returns the key with a name. An empty name is the primary key, and
// [EmptyKey] is the zero Key.
func (k Keyring) Key(name KeyName) reference.Key {
	switch name {
	case "", Primary:
		return k.Primary
	case Fallback:
		return k.Fallback
	case UnknownKey:
		return k.Unknown
	}
	return reference.Key{}
}

func (k Keyring) secret(name KeyName) string { return k.Key(name).Secret() }

// BearerHash is the bearer token of a key without its prefix.
func BearerHash(key reference.Key) string {
	bearer := key.Bearer()
	return bearer[strings.LastIndexByte(bearer, '-')+1:]
}

// TextHash is the hexadecimal SHA-256 of a text.
func TextHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Tokens replace secrets before anything is judged or printed.

// SecretToken replaces a key without its prefix.
func SecretToken(name KeyName) string { return fmt.Sprintf("{{%s.secret}}", name) }

// HashToken replaces the hash of a key in its bearer token.
func HashToken(name KeyName) string { return fmt.Sprintf("{{%s.hash}}", name) }

// TextHashToken replaces the SHA-256 of a key's text.
func TextHashToken(name KeyName) string { return fmt.Sprintf("{{%s.text-hash}}", name) }

// MACToken replaces a MAC that was made with a key.
func MACToken(name KeyName) string { return fmt.Sprintf("{{mac:%s}}", name) }

// RightMACToken replaces the correct MAC of a request that was sent with another
// one. Whoever learns it can send the request without a key.
func RightMACToken(name KeyName) string { return fmt.Sprintf("{{right-mac:%s}}", name) }

// CanaryToken and EventKeyToken replace the canary and the event key, encoded or
// not.
const (
	CanaryToken   = "{{canary}}"
	EventKeyToken = "{{event-key}}"
)
