package engine

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

func TestRedactionLeavesNoSecret(t *testing.T) {
	keys := suite.VectorScene().Keys
	mac := strings.Repeat("fe", sha256.Size)
	redact := newRedactor(keys).forRequest(suite.Made{MAC: mac}, suite.Primary, keys)
	for _, secret := range []string{keys.Primary.Text(), keys.Fallback.Secret(), keys.Unknown.Bearer(), strings.ToUpper(mac)} {
		clean := redact.text("before " + secret + " after")
		for _, part := range []string{keys.Primary.Secret(), keys.Fallback.Secret(), suite.BearerHash(keys.Unknown), mac} {
			if len(clean) == len("before  after") || strings.Contains(strings.ToLower(clean), strings.ToLower(part)) {
				t.Errorf("%q still holds a secret", clean)
			}
		}
	}
	if got := redact.text("Bearer " + keys.Primary.Bearer()); got != "Bearer signkey-prod-{{primary.hash}}" {
		t.Errorf("a bearer becomes %q", got)
	}
}
