package live

import (
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// Vector is a request as it arrives, written like those of verify.json: every
// value that a verifier needs, and those that it comes by. Names of reasons are
// left to `go generate ./vectors`.
type Vector struct {
	Now       int64          `json:"now"` // unix seconds
	Keys      vectorKeys     `json:"keys"`
	Method    string         `json:"method"`
	Target    string         `json:"target"`
	Headers   []HeaderField  `json:"headers"`
	Body      *string        `json:"body,omitempty"`
	Base64    string         `json:"bodyBase64,omitempty"`
	Result    string         `json:"result"`        // accept or refuse
	Key       string         `json:"key,omitempty"` // which key verified it
	Canonical *string        `json:"canonical,omitempty"`
	Sender    *vectorMAC     `json:"sender,omitempty"`   // how the signature was made
	Verifier  *vectorChecked `json:"verifier,omitempty"` // what a verifier comes by
}

// vectorKeys are the texts of the two variables; nil where one is not set.
type vectorKeys struct {
	Primary  *string `json:"primary"`
	Fallback *string `json:"fallback"`
}

// vectorMAC is a MAC with all that it is made of. A key is text, or hex where it
// is none.
type vectorMAC struct {
	Algorithm string  `json:"algorithm"` // "HMAC-SHA256"
	HMACKey   *string `json:"hmacKey,omitempty"`
	KeyHex    string  `json:"hmacKeyHex,omitempty"`
	Signed    *string `json:"signed,omitempty"`
	Base64    string  `json:"signedBase64,omitempty"`
	MAC       string  `json:"mac"`
}

// vectorChecked are the values between a request and its verdict.
type vectorChecked struct {
	T   string `json:"t"`
	Age int64  `json:"age"` // seconds from t to now; negative is ahead
	vectorMessage
	Canonical *vectorMessage `json:"canonical,omitempty"` // where the body has another canonical form
}

// vectorMessage is a message that the MAC may cover, with the MAC of each key.
type vectorMessage struct {
	Signed      *string `json:"signed,omitempty"`
	Base64      string  `json:"signedBase64,omitempty"`
	PrimaryMAC  string  `json:"primaryMac,omitempty"`
	FallbackMAC string  `json:"fallbackMac,omitempty"`
}

func (v *Vector) signatures() (values []string) {
	for _, f := range v.Headers {
		if isSignature(suite.Field(f)) {
			values = append(values, f.Value)
		}
	}
	return values
}

func isSignature(f suite.Field) bool { return strings.EqualFold(f.Name, reference.HeaderSignature) }
