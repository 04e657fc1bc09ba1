package native

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
)

// A text is a key or it is rejected for one of two reasons. A key is the text
// without the white space around it, its secret is the text without the prefix, and
// its bearer is the hash of the decoded secret. Neither the key nor the error
// prints the secret.
func FuzzKey(f *testing.F) {
	for _, text := range keyTexts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := reference.ParseKey(text)
		trimmed := strings.TrimSpace(text)
		if want := secret(text); key.Secret() != want {
			t.Errorf("the secret of %q is %q, want %q", text, key.Secret(), want)
		}
		if err != nil {
			known := errors.Is(err, reference.ErrNoKey) || errors.Is(err, reference.ErrMalformedKey)
			if !known || !key.IsZero() || key.Text() != "" || key.Bearer() != "" {
				t.Errorf("%q is rejected and yet a key, or for no known reason: %v", text, err)
			}
			if len(trimmed) >= longKey && strings.Contains(err.Error(), trimmed) {
				t.Errorf("the error contains the key: %v", err)
			}
			return
		}
		if key.IsZero() || key.Text() != trimmed {
			t.Errorf("%q is read as %q", text, key.Text())
		}
		if want := expectedBearer(trimmed, key.Secret()); key.Bearer() != want {
			t.Errorf("the bearer of %q is %q, want %q", text, key.Bearer(), want)
		}
		if again, err := reference.ParseKey(key.Text()); err != nil || again != key {
			t.Errorf("%q does not read back: %v", key.Text(), err)
		}
		if shown := printed(key); len(key.Secret()) >= longKey && strings.Contains(shown, key.Secret()) {
			t.Errorf("printing reveals the key: %s", shown)
		}
	})
}

// longKey is a length that no text contains by chance.
const longKey = 16

// printed is all ways of printing a key, without its prefix, in which someone may
// have written the secret, too.
func printed(key reference.Key) string {
	all := fmt.Sprintf("%v %+v %#v %s %q %x %d", key, key, key, key, key, key, key)
	return strings.ReplaceAll(all, strings.TrimSuffix(key.Text(), key.Secret()), "")
}

func expectedBearer(text, secret string) string {
	raw, err := hex.DecodeString(secret)
	if err != nil {
		return "a key that is not hexadecimal has no bearer"
	}
	sum := sha256.Sum256(raw)
	return strings.TrimSuffix(text, secret) + hex.EncodeToString(sum[:])
}
