package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

func TestRedactionLeavesNoSecret(t *testing.T) {
	keys := suite.VectorScene().Keys
	mac := strings.Repeat("fe", sha256.Size)
	redact := newRedactor(keys).forRequest(suite.Made{MAC: mac}, suite.Primary, keys, time.Unix(1000, 0))
	for _, secret := range []string{keys.Primary.Text(), keys.Fallback.Secret(), keys.Unknown.Bearer(), strings.ToUpper(mac)} {
		clean := redact.text("before " + secret + " after")
		for _, part := range []string{keys.Primary.Secret(), keys.Fallback.Secret(), suite.BearerHash(keys.Unknown), mac} {
			if len(clean) == len("before  after") || strings.Contains(strings.ToLower(clean), strings.ToLower(part)) {
				t.Errorf("%q still contains a secret", clean)
			}
		}
	}
	if got := redact.text("Bearer " + keys.Primary.Bearer()); got != "Bearer signkey-prod-{{primary.hash}}" {
		t.Errorf("a bearer becomes %q", got)
	}
}

// A target may leak the MAC of the bytes as received or of their canonical form, for
// any time in the request.
func TestTheRightMACBecomesAToken(t *testing.T) {
	keys := suite.VectorScene().Keys
	zeros := strings.Repeat("0", 2*sha256.Size)
	made := suite.Made{
		Request: suite.Request{
			Method: "POST", Body: []byte("8\r\n{\"a\": 1}\r\n0\r\n\r\n"),
			Header: []suite.Field{{Name: "x-inngest-signature", Value: "t=1&s=" + zeros + "&t=%32, t=3&s=" + zeros}, {Name: reference.HeaderSignature, Value: "t=4"}},
		},
		Entity: []byte(`{"a": 1}`),
	}
	redact := newRedactor(keys).forRequest(made, suite.Primary, keys, time.Unix(1000, 0))
	for _, message := range []string{`{"a": 1}`, `{"a":1}`} {
		for _, at := range []string{"1", "2", "3", "4"} {
			right := keys.Fallback.MAC([]byte(message), at)
			if got := redact.text("want " + hex.EncodeToString(right[:])); got != "want "+suite.RightMACToken(suite.Fallback) {
				t.Errorf("the MAC of %s at %s becomes %q", message, at, got)
			}
		}
	}
	for _, at := range []string{"1000", "1002"} { // none of the times is the present
		right := keys.Primary.MAC(made.Entity, at)
		if got := redact.text("want " + hex.EncodeToString(right[:])); got != "want "+suite.RightMACToken(suite.Primary) {
			t.Errorf("the MAC at %s, which is the present, becomes %q", at, got)
		}
	}
	sent := keys.Primary.MAC([]byte(`{"a":1}`), "1")
	made.Request.Header = []suite.Field{{Name: reference.HeaderSignature, Value: "t=1&s=" + hex.EncodeToString(sent[:])}}
	redact = newRedactor(keys).forRequest(made, suite.Primary, keys, time.Unix(1000, 0))
	if got := redact.text("want " + hex.EncodeToString(sent[:])); strings.Contains(got, "right-mac") {
		t.Errorf("the MAC that was sent becomes %q", got)
	}
}

// A request may have the signature of the one before it, which is a valid one.
func TestABorrowedMACBecomesAToken(t *testing.T) {
	keys := suite.VectorScene().Keys
	mac := strings.Repeat("fe", sha256.Size)
	before := &suite.Sent{Made: suite.Made{MAC: mac}}
	redact := newRedactor(keys).forRequest(suite.Made{MAC: strings.Repeat("ab", sha256.Size)}, suite.Primary, keys, time.Unix(1000, 0)).after(before)
	if got := redact.text("t=1&s=" + mac); got != "t=1&s={{mac:earlier}}" {
		t.Error(got)
	}
}
