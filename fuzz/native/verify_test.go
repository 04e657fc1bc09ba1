package native

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// Verify agrees with an independent verification, for the input as it is and with MACs
// of the body, of its canonical form and of an empty body by either key; the
// result is deterministic, and the body is not modified.
func FuzzVerify(f *testing.F) {
	for _, v := range verifications() {
		f.Add(v.header, v.body, v.primary, v.fallback, v.now)
	}
	f.Fuzz(func(t *testing.T, header string, body []byte, primary, fallback string, now int64) {
		v := verification{header, bytes.Clone(body), primary, fallback, now}
		computed := newIndependent(v)
		first := compare(t, v, computed)
		if again := compare(t, v, computed); again != first || !bytes.Equal(v.body, body) {
			t.Errorf("%+v: first %s, then %s", v, first, again)
		}
		for _, key := range []string{computed.primary, computed.fallback} {
			if !computed.dated || key == "" {
				continue
			}
			for _, message := range append(computed.messages, nil) { // nil: the signature of an empty body
				signed := computed
				signed.mac = mac(key, message, computed.t)
				v.header = "t=" + computed.t + "&s=" + signed.mac
				compare(t, v, signed)
			}
		}
	})
}

// compare compares the result of the reference with the independent one.
func compare(t *testing.T, v verification, computed independent) string {
	var keys reference.Keys
	keys.Primary, _ = reference.ParseKey(v.primary)
	keys.Fallback, _ = reference.ParseKey(v.fallback)
	which, err := reference.Verify(strings.Clone(v.header), v.body, keys, time.Unix(v.now, 0))
	if (err == nil) != (which != reference.NoKey) {
		t.Errorf("%+v: the key is %s and the error is %v", v, which, err)
	}
	if want := computed.verdict(v.now); which.String() != want {
		t.Errorf("%+v: %s, want %s", v, which, want)
	}
	if err != nil {
		return err.Error()
	}
	return which.String()
}
