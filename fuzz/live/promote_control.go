package live

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// vectorsMade are a vector and its control, or why there is none.
type vectorsMade struct {
	vector, control *Vector // the control only where verify.json lacks it
	controlID       string
	differs         []string
	reason          string
}

// longestVector is how long a request may be in a file that people open.
const longestVector = 16 << 10

// vectorsOf makes the vectors of a candidate.
func vectorsOf(f candidateFrom) vectorsMade {
	now := vectorScene()
	r := f.Input.build(now)
	v, err := newVector(f.Input, r.Request)
	if reason := f.leftOut(r, err); reason != "" {
		return vectorsMade{reason: reason}
	}
	v.Sender = senderOf(f.Input, now)
	if err == nil {
		return vectorsMade{vector: v}
	}
	valid, _ := newVector(f.Input, f.Input.control().build(now).Request)
	resigned, err := newVector(f.Input, signedAnew(r.Request, now))
	known := publishedControls[f.Input.control().String()]
	switch {
	case known != "" && v.differsAtAll(valid):
		return vectorsMade{vector: v, controlID: known, differs: v.differs(valid)}
	case err == nil && len(v.differs(resigned)) == 1:
		return vectorsMade{vector: v, control: resigned, differs: v.differs(resigned)}
	case v.differsAtAll(valid):
		return vectorsMade{vector: v, control: valid, differs: v.differs(valid)}
	}
	return vectorsMade{reason: "no valid request differs from it only in what a verifier looks at"}
}

// publishedControls are the vectors of valid requests in verify.json.
var publishedControls = map[string]string{
	Input{Base: Call}.String(): "receiving.signed", Input{Base: Call, Rotating: true}.String(): "keys.primary-beside-fallback",
	Input{Base: RichCall}.String(): "calls.every-character", Input{Base: Probe}.String(): "calls.probe",
	Input{Base: Introspect}.String(): "introspection.answered", Input{Base: Introspect, Rotating: true}.String(): "introspection.keys",
	Input{Base: InBandSync}.String(): "inband.signed", Input{Base: InBandSync, Rotating: true}.String(): "inband.stranger-beside-fallback.twin",
}

// leftOut says why a request makes no vector; empty where it makes one. The
// verdict is the reference's.
func (f candidateFrom) leftOut(r request, verdict error) string {
	const travels = "it is about how bodies are transferred, and a verifier gets them whole"
	now, plain, size := vectorScene(), utf8.ValidString(r.Request.Target), len(r.Request.Body)+len(r.Request.Target)
	proof := examine(r, f.Input.keys(now), now.Now).proof
	for _, field := range r.Request.Header {
		size += len(field.Value)
		plain = plain && utf8.ValidString(field.Name+field.Value)
		switch strings.ToLower(field.Name) {
		case "transfer-encoding", "content-encoding", "content-length":
			return travels
		}
	}
	switch {
	case f.Input.inState():
		return "it shows only in a state of the target, and a verifier has none"
	case r.misframed:
		return travels
	case purposeOf(r.Request) == forSync:
		return "its kind of request is not verified as a call is"
	case size > longestVector:
		return "it is too long for a file"
	case !plain:
		return "not all of its header is text"
	case proof == arguable || (proof == genuine) != (verdict == nil):
		return "the specification can be read in more than one way about its signature, so verify.json requires nothing of it"
	case f.Class == FalseAccept && verdict == nil:
		return "its signature is valid: it must be rejected for another reason"
	}
	return ""
}

// signedAnew is a request with one valid signature in place of all that it has,
// or without any where it cannot be signed.
func signedAnew(r suite.Request, s scene) suite.Request {
	r.Header = slices.DeleteFunc(slices.Clone(r.Header), isSignature)
	message, ok := signedMessage(r.Method, r.Body)
	if signature, err := reference.Sign(s.Keys.Primary, message, s.Now); ok && err == nil {
		r.Header = append(r.Header, suite.Field{Name: reference.HeaderSignature, Value: signature.String()})
	}
	return r
}

// differs names what a vector and its control do not have in common, of what a
// verifier looks at.
func (v *Vector) differs(control *Vector) (what []string) {
	if !slices.Equal(v.signatures(), control.signatures()) {
		what = append(what, "signature")
	}
	if !reflect.DeepEqual(v.Body, control.Body) {
		what = append(what, "body")
	}
	if v.Method != control.Method {
		what = append(what, "method")
	}
	return what
}

// differsAtAll: they differ, and in nothing that a verifier does not look at. The
// type of a body that was lost does not count.
func (v *Vector) differsAtAll(control *Vector) bool {
	others := func(v *Vector) []HeaderField {
		return slices.DeleteFunc(slices.Clone(v.Headers), func(f HeaderField) bool { return isSignature(suite.Field(f)) || f.Name == "Content-Type" })
	}
	return len(v.differs(control)) > 0 && v.Target == control.Target && slices.Equal(others(v), others(control))
}
