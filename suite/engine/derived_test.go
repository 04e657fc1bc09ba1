package engine_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// forms are what an endpoint may make of a secret.
func forms(secret []byte) map[string]string {
	one, two, three, four := md5.Sum(secret), sha1.Sum(secret), sha256.Sum256(secret), sha512.Sum512(secret)
	made := map[string]string{}
	for name, bytes := range map[string][]byte{"itself": secret, "MD5": one[:], "SHA-1": two[:], "SHA-256": three[:], "SHA-512": four[:]} {
		inHex := hex.EncodeToString(bytes)
		made[name+" in hex"], made[name+" in HEX"] = inHex, strings.ToUpper(inHex)
		for encoding, e := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "raw base64": base64.RawStdEncoding, "base64url": base64.URLEncoding, "raw base64url": base64.RawURLEncoding} {
			made[name+" in "+encoding] = e.EncodeToString(bytes)
		}
		for _, separator := range []string{":", "-", " ", "_", ":\n"} {
			var pairs []string
			for i := 0; i < len(inHex); i += 2 {
				pairs = append(pairs, inHex[i:i+2])
			}
			made[fmt.Sprintf("%s in hex with %q", name, separator)] = strings.Join(pairs, separator)
		}
	}
	return made
}

// Whatever is derived from a random key, no twelve characters of it are left.
func TestNothingDerivedIsLeft(t *testing.T) {
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	for range 25 {
		keys := suite.NewKeyring(random)
		for _, key := range []reference.Key{keys.Primary, keys.Fallback} {
			decoded, err := hex.DecodeString(key.Secret())
			if err != nil {
				t.Fatal(err)
			}
			bearer, err := hex.DecodeString(suite.BearerHash(key))
			if err != nil {
				t.Fatal(err)
			}
			for what, secret := range map[string][]byte{
				"text": []byte(key.Text()), "secret": []byte(key.Secret()), "decoded": decoded, "bearer": []byte(suite.BearerHash(key)), "decoded bearer": bearer,
			} {
				made := forms(secret)
				if what != "decoded" && what != "decoded bearer" {
					made["as it is"] = string(secret)
				}
				for form, text := range made {
					if what == "text" && (strings.HasPrefix(form, "itself in") || form == "as it is") {
						text = text[4*len("signkey-prod-"):] // the prefix is no secret
					}
					from := random.IntN(len(text) - 11)
					for _, part := range []string{text, text[from : from+12+random.IntN(len(text)-from-11)]} {
						least := 12
						if strings.HasPrefix(form, "itself in hex") || strings.HasPrefix(form, "itself in HEX") {
							if !strings.HasPrefix(what, "decoded") { // two digits for each character
								least = 24
							}
						}
						if squeezed := len(squeeze(part)); squeezed < least {
							continue
						}
						checkGone(t, keys, what+", "+form, part, "\u00e9<"+part+"> zqzqz "+part)
					}
				}
			}
		}
	}
}

func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(":- _\n", r) {
			return -1
		}
		return r
	}, text)
}

func checkGone(t *testing.T, keys suite.Keyring, what, part, text string) {
	t.Helper()
	clean := engine.Redact(keys, text)
	folded := strings.ToLower(squeeze(clean))
	for piece, i := strings.ToLower(squeeze(strings.TrimRight(part, "="))), 0; i+12 <= len(piece); i++ {
		different := map[byte]bool{}
		for _, c := range []byte(piece[i : i+12]) {
			different[c] = true
		}
		if len(different) < 6 { // it may be of a key typed by hand, and occur anywhere
			continue
		}
		if strings.Contains(folded, piece[i:i+12]) {
			t.Fatalf("%s: %q is left in %q", what, piece[i:i+12], clean)
		}
	}
	if !strings.HasPrefix(clean, "\u00e9<") || !strings.Contains(clean, "> zqzqz ") {
		t.Fatalf("%s: what stands around it is gone: %q", what, clean)
	}
}

// What is no secret stays as it is, also next to one.
func TestOtherTextIsLeft(t *testing.T) {
	keys := suite.NewKeyring(rand.New(rand.NewPCG(3, 4)))
	other := suite.NewKeyring(rand.New(rand.NewPCG(5, 6)))
	for _, text := range []string{
		"", "short", strings.Repeat("0123456789abcdef", 100), other.Primary.Text(), suite.BearerHash(other.Primary), keys.Primary.Secret()[:11],
		"01JQXA3Z1Y6W7V8T9S0R1Q2P3N", "https://127.0.0.1:3000/api/inngest?fnId=countersign-echo&stepId=step",
	} {
		if got := engine.Redact(keys, text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := engine.Redact(keys, "a "+keys.Primary.Secret()+" b"); got != "a "+suite.SecretToken(suite.Primary)+" b" {
		t.Error(got)
	}
}
