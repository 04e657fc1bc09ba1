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

// KeyName names a key by its part in the play; no text of a key stands in a case.
type KeyName string

// The keys.
const (
	Primary    KeyName = "primary"
	Fallback   KeyName = "fallback"
	UnknownKey KeyName = "unknown" // well-formed, but configured nowhere
	EmptyKey   KeyName = "empty"   // an HMAC key of no bytes
	Both       KeyName = "both"    // for the stand-in API: primary and fallback
)

// Keyring is the keys of one run. Where the run starts the target itself they
// are made for it and end with it.
type Keyring struct {
	Primary, Fallback, Unknown reference.Key
	EventKey                   string
	Canary                     string // a secret of the environment that no one may ever be told
}

// NewKeyring draws three keys and an event key.
func NewKeyring(random *rand.Rand) Keyring {
	return Keyring{
		Primary: drawKey(random), Fallback: drawKey(random), Unknown: drawKey(random),
		EventKey: "countersign-" + hex.EncodeToString(drawBytes(random, 12)),
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

// NewNonce draws a ULID: the name of one request, which is its run id, request
// id, event id and deployId as well.
func NewNonce(random *rand.Rand) string {
	return "01" + crockford.EncodeToString(drawBytes(random, 15))
}

// Key gives the key of a name; the empty name is the primary key, and
// [EmptyKey] the zero Key.
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

func BearerHash(key reference.Key) string {
	bearer := key.Bearer()
	return bearer[strings.LastIndexByte(bearer, '-')+1:]
}

func TextHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Tokens that stand for secrets in everything that is judged or printed.
func SecretToken(name KeyName) string { return fmt.Sprintf("{{%s.secret}}", name) }
func HashToken(name KeyName) string   { return fmt.Sprintf("{{%s.hash}}", name) }
func TextHashToken(name KeyName) string {
	return fmt.Sprintf("{{%s.text-hash}}", name)
}
func MACToken(name KeyName) string { return fmt.Sprintf("{{mac:%s}}", name) }

// RightMACToken stands for the MAC that a request should have had and did not
// have: who is told it needs no key.
func RightMACToken(name KeyName) string { return fmt.Sprintf("{{right-mac:%s}}", name) }

// canaryToken and eventKeyToken stand for the canary and the event key, whole
// or disguised.
const (
	CanaryToken   = "{{canary}}"
	EventKeyToken = "{{event-key}}"
)
