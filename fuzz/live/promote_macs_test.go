package live

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/vectors"
)

// checkMACs computes every MAC of a candidate from the values beside it.
func checkMACs(t *testing.T, c Candidate) {
	t.Helper()
	if s := c.Sender; s != nil {
		if got := hmacOf(t, s.Algorithm, keyOf(t, s.HMACKey, s.KeyHex), bytesOf(t, s.Text, s.Base64)); got != s.MAC {
			t.Errorf("%s: the sender's MAC is %s, not %s", c.From.Input, got, s.MAC)
		}
	}
	v := c.Verifier
	if v == nil || v.PrimaryMAC == "" {
		return
	}
	messages := []vectors.MACs{v.MACs}
	if v.Canonical != nil {
		messages = append(messages, *v.Canonical)
	}
	right := false
	for _, m := range messages {
		signed := bytesOf(t, m.Text, m.Base64)
		for _, side := range []struct {
			key *string
			mac string
		}{{c.Keys.Primary, m.PrimaryMAC}, {c.Keys.Fallback, m.FallbackMAC}} {
			if side.key == nil {
				continue
			}
			secret := strings.TrimPrefix(*side.key, "signkey-prod-")
			if got := hmacOf(t, "HMAC-SHA256", []byte(secret), signed); got != side.mac {
				t.Errorf("%s: a key's MAC is %s, not %s", c.From.Input, got, side.mac)
			}
			right = right || slices.ContainsFunc(c.Headers, func(f HeaderField) bool { return f.Value == "t="+v.T+"&s="+side.mac })
		}
	}
	onTime := v.Age <= 300 && v.Age >= -60
	if (c.Result == "accept") != (right && onTime) {
		t.Errorf("%s: the result is %s", c.From.Input, c.Result)
	}
}

func hmacOf(t *testing.T, algorithm string, key, signed []byte) string {
	t.Helper()
	if algorithm == "SHA-256" {
		sum := sha256.Sum256(signed)
		return hex.EncodeToString(sum[:])
	}
	made := map[string]func() hash.Hash{"HMAC-SHA256": sha256.New, "HMAC-SHA1": sha1.New, "HMAC-SHA512": sha512.New}[algorithm]
	if made == nil {
		t.Fatalf("there is no algorithm %q", algorithm)
	}
	mac := hmac.New(made, key)
	mac.Write(signed)
	return hex.EncodeToString(mac.Sum(nil))
}

func keyOf(t *testing.T, text *string, digits string) []byte {
	t.Helper()
	if text != nil {
		return []byte(*text)
	}
	key, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func bytesOf(t *testing.T, text *string, encoded string) []byte {
	t.Helper()
	if text != nil {
		return []byte(*text)
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Another program computes the same MAC, and the time is the one that was found.
func TestACandidateIsRecomputable(t *testing.T) {
	c := Promote(aFinding(t))
	checkMACs(t, c)
	if c.Result != "refuse" || c.Verifier.Age != -306 || c.Control != "receiving.signed" || c.Sender.MAC != c.Verifier.PrimaryMAC || strings.Contains(fmt.Sprint(c.Headers), "{{") {
		t.Errorf("%+v", c.Vector)
	}
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	openssl := exec.CommandContext(t.Context(), program, "dgst", "-sha256", "-hmac", strings.TrimPrefix(*c.Keys.Primary, "signkey-prod-"))
	openssl.Stdin = strings.NewReader(*c.Verifier.Text)
	output, err := openssl.Output()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(output)), " "+c.Verifier.PrimaryMAC) {
		t.Errorf("%v: openssl prints %s", err, output)
	}
}
