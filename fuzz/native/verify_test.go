package native

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// Verify says what a verification by hand says, of the request as it came and
// of the same one with its MAC made right by either key; equal questions get
// equal answers, and the body is left as it was.
func FuzzVerify(f *testing.F) {
	for _, v := range verifications() {
		f.Add(v.method, v.header, v.body, v.primary, v.fallback, v.now)
	}
	f.Fuzz(func(t *testing.T, method, header string, body []byte, primary, fallback string, now int64) {
		v := verification{method, header, bytes.Clone(body), primary, fallback, now}
		hand := takeInHand(v)
		first := judge(t, v, hand)
		if again := judge(t, v, hand); again != first || !bytes.Equal(v.body, body) {
			t.Errorf("%+v: first %s, then %s", v, first, again)
		}
		for _, key := range []string{hand.primary, hand.fallback} {
			if !hand.covered || !hand.dated || key == "" {
				continue
			}
			right := hand
			right.mac = mac(key, hand.message, hand.t)
			v.header = "t=" + hand.t + "&s=" + right.mac
			judge(t, v, right)
		}
	})
}

// judge asks the reference and compares its answer.
func judge(t *testing.T, v verification, hand byHand) string {
	var keys reference.Keys
	keys.Primary, _ = reference.ParseKey(v.primary)
	keys.Fallback, _ = reference.ParseKey(v.fallback)
	which, err := reference.Verify(v.method, strings.Clone(v.header), v.body, keys, time.Unix(v.now, 0))
	if (err == nil) != (which != reference.NoKey) {
		t.Errorf("%+v: the key is %s and the error is %v", v, which, err)
	}
	if want := hand.verdict(v.now); which.String() != want {
		t.Errorf("%+v: %s, by hand %s", v, which, want)
	}
	if err != nil {
		return err.Error()
	}
	return which.String()
}
