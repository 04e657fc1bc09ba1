package native

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// Verify agrees with a verification by hand, for the input as it is and with MACs
// of the body, of its canonical form and of an empty body by either key; the
// result is deterministic, and the body is not modified.
func FuzzVerify(f *testing.F) {
	for _, v := range verifications() {
		f.Add(v.header, v.body, v.primary, v.fallback, v.now)
	}
	f.Fuzz(func(t *testing.T, header string, body []byte, primary, fallback string, now int64) {
		v := verification{header, bytes.Clone(body), primary, fallback, now}
		hand := takeInHand(v)
		first := judge(t, v, hand)
		if again := judge(t, v, hand); again != first || !bytes.Equal(v.body, body) {
			t.Errorf("%+v: first %s, then %s", v, first, again)
		}
		for _, key := range []string{hand.primary, hand.fallback} {
			if !hand.dated || key == "" {
				continue
			}
			for _, message := range append(hand.messages, nil) { // nil: the signature of an empty body
				signed := hand
				signed.mac = mac(key, message, hand.t)
				v.header = "t=" + hand.t + "&s=" + signed.mac
				judge(t, v, signed)
			}
		}
	})
}

// judge asks the reference and compares its answer.
func judge(t *testing.T, v verification, hand byHand) string {
	var keys reference.Keys
	keys.Primary, _ = reference.ParseKey(v.primary)
	keys.Fallback, _ = reference.ParseKey(v.fallback)
	which, err := reference.Verify(strings.Clone(v.header), v.body, keys, time.Unix(v.now, 0))
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
