package live

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// Vector is a request as it arrives, written like those of verify.json: every
// value that a verifier needs, and those that it comes by. Names of reasons are
// left to `go generate ./vectors`.
type Vector struct {
	Now       int64          `json:"now"` // unix seconds
	Keys      VectorKeys     `json:"keys"`
	Method    string         `json:"method"`
	Target    string         `json:"target"`
	Headers   []HeaderField  `json:"headers"`
	Body      *string        `json:"body,omitempty"`
	Base64    string         `json:"bodyBase64,omitempty"`
	Result    string         `json:"result"`        // accept or refuse
	Key       string         `json:"key,omitempty"` // which key verified it
	Canonical *string        `json:"canonical,omitempty"`
	Sender    *VectorMAC     `json:"sender,omitempty"`   // how the signature was made
	Verifier  *VectorChecked `json:"verifier,omitempty"` // what a verifier comes by
}

// VectorKeys are the texts of the two variables; nil where one is not set.
type VectorKeys struct {
	Primary  *string `json:"primary"`
	Fallback *string `json:"fallback"`
}

// VectorMAC is a MAC with all that it is made of. A key is text, or hex where it
// is none.
type VectorMAC struct {
	Algorithm string  `json:"algorithm"` // "HMAC-SHA256"
	HMACKey   *string `json:"hmacKey,omitempty"`
	KeyHex    string  `json:"hmacKeyHex,omitempty"`
	Signed    *string `json:"signed,omitempty"`
	Base64    string  `json:"signedBase64,omitempty"`
	MAC       string  `json:"mac"`
}

// VectorChecked are the values between a request and its verdict.
type VectorChecked struct {
	T   string `json:"t"`
	Age int64  `json:"age"` // seconds from t to now; negative is ahead
	VectorMessage
	Canonical *VectorMessage `json:"canonical,omitempty"` // where the body has another canonical form
}

// VectorMessage is a message that the MAC may cover, with the MAC of each key.
type VectorMessage struct {
	Signed      *string `json:"signed,omitempty"`
	Base64      string  `json:"signedBase64,omitempty"`
	PrimaryMAC  string  `json:"primaryMac,omitempty"`
	FallbackMAC string  `json:"fallbackMac,omitempty"`
}

// vectorWorld is the world of the published vectors.
func vectorWorld() World {
	s := suite.VectorScene()
	w := World{Keys: s.Keys, Now: s.Now, Nonce: s.Nonce, Path: s.Path, Host: s.Host, Elsewhere: "elsewhere.invalid", Sight: s.Visibility}
	answer := []byte(`{"nonce":"` + s.Nonce + `"}`)
	mac := s.Keys.Primary.MAC(answer, unix(s.Now)) // an answer is signed as its raw bytes
	w.Captured = Answered{"t=" + unix(s.Now) + "&s=" + hex.EncodeToString(mac[:]), answer}
	return w
}

// owed is what the request is owed in that world.
func (f CandidateFrom) owed() Owed {
	w := vectorWorld()
	return Judge(f.Exchange.Make(w), f.Exchange, w)
}

// newVector writes a request down, with what the reference makes of it. The error
// says why the reference refuses it.
func newVector(e Exchange, r suite.Request) (*Vector, error) {
	w := vectorWorld()
	primary, keys := w.Keys.Primary.Text(), reference.Keys{Primary: w.Keys.Primary}
	v := &Vector{Now: w.Now.Unix(), Keys: VectorKeys{Primary: &primary}, Method: r.Method, Target: r.Target, Result: "refuse"}
	if e.Rotating {
		fallback := w.Keys.Fallback.Text()
		v.Keys.Fallback, keys.Fallback = &fallback, w.Keys.Fallback
	}
	for _, field := range r.Header {
		v.Headers = append(v.Headers, HeaderField(field))
	}
	v.Body, v.Base64 = textOrBase64(r.Body)
	if form, err := reference.Canonicalise(r.Body); err == nil {
		text := string(form)
		v.Canonical = &text
	}
	signature, t, err := reference.ParseHeaders(v.signatures())
	if err != nil {
		return v, err
	}
	v.Verifier = checked(r, keys, t, w.Now.Unix()-signature.Time.Unix())
	which, err := reference.Verify(v.signatures()[0], r.Body, keys, w.Now)
	if err == nil {
		v.Result, v.Key = "accept", which.String()
	}
	return v, err
}

// checked are the values that a verifier comes by, as far as it comes.
func checked(r suite.Request, keys reference.Keys, t string, age int64) *VectorChecked {
	values := &VectorChecked{T: t, Age: age}
	for message := range reference.Messages(r.Body) {
		checked := checkedMessage(message, keys, t)
		if values.PrimaryMAC == "" { // the first message is the body itself
			values.VectorMessage = checked
		} else {
			values.Canonical = &checked
		}
	}
	return values
}

func checkedMessage(message []byte, keys reference.Keys, t string) (values VectorMessage) {
	values.Signed, values.Base64 = textOrBase64(append(slices.Clip(message), t...))
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
func senderOf(e Exchange, w World) *VectorMAC {
	w.Rotating = e.Rotating
	d := newDraft(e.Kind, w)
	for _, step := range e.Steps {
		operators[step.Op].apply(d, step)
	}
	made := &VectorMAC{Algorithm: map[int]string{20: "HMAC-SHA1", 32: "HMAC-SHA256", 64: "HMAC-SHA512"}[d.mac.hash().Size()], MAC: d.signed()}
	if d.header.absent || d.header.whole != nil || made.Algorithm == "" {
		return nil
	}
	message, t := d.message(), decoded(d.shown())
	if d.mac.over != nil {
		message = d.mac.over(message)
	}
	if d.mac.t != nil {
		t = *d.mac.t
	}
	made.Signed, made.Base64 = textOrBase64(d.mac.joined(message, t))
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

func textOrBase64(raw []byte) (*string, string) {
	if text := string(raw); utf8.ValidString(text) && !strings.Contains(text, "\x00") {
		return &text, ""
	}
	return nil, base64.StdEncoding.EncodeToString(raw)
}
