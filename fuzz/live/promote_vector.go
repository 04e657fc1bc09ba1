package live

import (
	"encoding/hex"
	"slices"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// vectorScene is the scene of the published vectors.
func vectorScene() scene {
	s := scene{Scene: suite.VectorScene()}
	s.Elsewhere = elsewhere
	body := []byte(`{"nonce":"` + s.Nonce + `"}`)
	mac := s.Keys.Primary.MAC(body, unix(s.Now)) // a response is signed as its raw bytes
	s.captured = signedResponse{"t=" + unix(s.Now) + "&s=" + hex.EncodeToString(mac[:]), body}
	return s
}

// requirement is what is required of the request in that scene.
func (f candidateFrom) requirement() requirement {
	s := vectorScene()
	return require(f.Input.build(s), f.Input, s)
}

// newVector writes a request down, with what the reference makes of it. The error
// says why the reference refuses it.
func newVector(in Input, r suite.Request) (*Vector, error) {
	now := vectorScene()
	primary, keys := now.Keys.Primary.Text(), reference.Keys{Primary: now.Keys.Primary}
	v := &Vector{Now: now.Now.Unix(), Keys: vectors.Keys{Primary: &primary}, Method: r.Method, Target: r.Target, Result: "refuse"}
	if in.Rotating {
		fallback := now.Keys.Fallback.Text()
		v.Keys.Fallback, keys.Fallback = &fallback, now.Keys.Fallback
	}
	for _, field := range r.Header {
		v.Headers = append(v.Headers, HeaderField(field))
	}
	v.Body = vectors.NewBody(r.Body)
	if form, err := reference.Canonicalise(r.Body); err == nil {
		text := string(form)
		v.Canonical = &text
	}
	signature, t, err := reference.ParseHeaders(v.signatures())
	if err != nil {
		return v, err
	}
	v.Verifier = checked(r, keys, t, now.Now.Unix()-signature.Time.Unix())
	which, err := reference.Verify(v.signatures()[0], r.Body, keys, now.Now)
	if err == nil {
		v.Result, v.Key = "accept", which.String()
	}
	return v, err
}

// checked are the values that a verifier computes, as far as it comes.
func checked(r suite.Request, keys reference.Keys, t string, age int64) *vectors.Intermediates {
	values := &vectors.Intermediates{T: t, Age: age}
	for message := range reference.Messages(r.Body) {
		checked := checkedMessage(message, keys, t)
		if values.PrimaryMAC == "" { // the first message is the body itself
			values.MACs = checked
		} else {
			values.Canonical = &checked
		}
	}
	return values
}

func checkedMessage(message []byte, keys reference.Keys, t string) (values vectors.MACs) {
	values.Message = vectors.NewMessage(append(slices.Clip(message), t...))
	digits := func(key reference.Key) string {
		if key.IsZero() {
			return ""
		}
		mac := key.MAC(message, t)
		return hex.EncodeToString(mac[:])
	}
	values.PrimaryMAC, values.FallbackMAC = digits(keys.Primary), digits(keys.Fallback)
	return values
}

// senderOf says how a signature was made; nil where there is none, where it is
// another message's, and where verify.json has no name for its algorithm.
func senderOf(in Input, s scene) *vectors.Sender {
	d := in.draft(s)
	made := &vectors.Sender{Algorithm: map[int]string{20: "HMAC-SHA1", 32: "HMAC-SHA256", 64: "HMAC-SHA512"}[d.mac.hash().Size()], MAC: d.signed()}
	if d.header.absent || d.header.whole != nil || made.Algorithm == "" {
		return nil
	}
	made.Message = vectors.NewMessage(d.covered())
	switch key := string(d.mac.key); {
	case d.mac.plain:
		made.Algorithm = "SHA-256"
	case utf8.ValidString(key):
		made.HMACKey = &key
	default:
		made.KeyHex = hex.EncodeToString(d.mac.key)
	}
	return made
}
