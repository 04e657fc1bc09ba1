package live

import (
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// Vector is a request as it arrives, written like those of verify.json: every
// value that a verifier needs, and those that it comes by. Names of reasons are
// left to `go generate ./vectors`.
type Vector struct {
	Now     int64         `json:"now"` // unix seconds
	Keys    vectors.Keys  `json:"keys"`
	Method  string        `json:"method"`
	Target  string        `json:"target"`
	Headers []HeaderField `json:"headers"`
	vectors.Body
	Result    string                 `json:"result"`        // accept or refuse
	Key       string                 `json:"key,omitempty"` // which key verified it
	Canonical *string                `json:"canonical,omitempty"`
	Sender    *vectors.Sender        `json:"sender,omitempty"`   // how the signature was made
	Verifier  *vectors.Intermediates `json:"verifier,omitempty"` // what a verifier comes by
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
