package native

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// Verify says what a verification by hand says, of the request as it came and
// of the same one with its MAC made right; equal questions get equal answers.
func FuzzVerify(f *testing.F) {
	for _, v := range verifications() {
		f.Add(v.method, v.header, v.body, v.primary, v.fallback, v.now)
	}
	f.Fuzz(func(t *testing.T, method, header string, body []byte, primary, fallback string, now int64) {
		v := verification{method, header, body, primary, fallback, now}
		judge(t, v)
		for _, key := range []string{primary, fallback} {
			if right, signed := v.signedWith(key); signed {
				judge(t, right)
			}
		}
	})
}

func judge(t *testing.T, v verification) {
	var keys reference.Keys
	keys.Primary, _ = reference.ParseKey(v.primary)
	keys.Fallback, _ = reference.ParseKey(v.fallback)
	which, err := reference.Verify(v.method, v.header, v.body, keys, time.Unix(v.now, 0))
	again, errAgain := reference.Verify(v.method, strings.Clone(v.header), v.body, keys, time.Unix(v.now, 0))
	if which != again || (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() {
		t.Errorf("%+v: first %s, %v, then %s, %v", v, which, err, again, errAgain)
	}
	if (err == nil) != (which != reference.Neither) {
		t.Errorf("%+v: the key is %s and the error is %v", v, which, err)
	}
	if want := v.byHand(); which.String() != want {
		t.Errorf("%+v: %s, by hand %s", v, which, want)
	}
}

// signedWith puts the right MAC into the header, where there is one to put.
func (v verification) signedWith(key string) (verification, bool) {
	seconds, _, there := v.seconds()
	message, covered := v.message()
	if !there || !covered || secret(key) == "" {
		return v, false
	}
	v.header = "t=" + seconds + "&s=" + mac(secret(key), message, seconds)
	return v, true
}

// byHand is the rules of Verify once more, in the order that reads best.
func (v verification) byHand() string {
	seconds, at, there := v.seconds()
	message, covered := v.message()
	if !there || !covered || !inWindow(at, v.now) {
		return "neither"
	}
	_, s, _ := v.parameters()
	for _, holder := range []struct{ name, key string }{{"primary", v.primary}, {"fallback", v.fallback}} {
		if secret(holder.key) != "" && mac(secret(holder.key), message, seconds) == s {
			return holder.name
		}
	}
	return "neither"
}

func mac(secret string, message []byte, seconds string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(message)
	h.Write([]byte(seconds))
	return hex.EncodeToString(h.Sum(nil))
}
