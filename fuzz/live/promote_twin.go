package live

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// promoted is a vector with its valid neighbour, or why there is none.
type promoted struct {
	vector, twin *Vector // the twin only where verify.json lacks it
	twinID       string
	differs      []string
	lacking      string
}

// longestOfVector is how long a request may be in a file that people open.
const longestOfVector = 16 << 10

// vectorOf makes the vectors of a candidate.
func vectorOf(f CandidateFrom) promoted {
	w := vectorWorld()
	sent := f.Exchange.Make(w)
	v, err := newVector(f.Exchange, sent.Request)
	if why := f.leftOut(sent, err); why != "" {
		return promoted{lacking: why}
	}
	v.Sender = senderOf(f.Exchange, w)
	if err == nil {
		return promoted{vector: v}
	}
	honest, _ := newVector(f.Exchange, f.Exchange.Honest().Make(w).Request)
	resigned, err := newVector(f.Exchange, signedAnew(sent.Request, w))
	known := twins[Exchange{Kind: f.Exchange.Kind, Rotating: f.Exchange.Rotating}.Honest().String()]
	switch {
	case known != "" && v.differsAtAll(honest):
		return promoted{vector: v, twinID: known, differs: v.differs(honest)}
	case err == nil && len(v.differs(resigned)) == 1:
		return promoted{vector: v, twin: resigned, differs: v.differs(resigned)}
	case v.differsAtAll(honest):
		return promoted{vector: v, twin: honest, differs: v.differs(honest)}
	}
	return promoted{lacking: "no valid request differs from it only in what a verifier looks at"}
}

// twins are the vectors of honest requests in verify.json.
var twins = map[string]string{
	Exchange{Kind: Call}.String(): "receiving.signed", Exchange{Kind: Call, Rotating: true}.String(): "keys.primary-beside-fallback",
	Exchange{Kind: RichCall}.String(): "calls.every-character", Exchange{Kind: Probe}.String(): "calls.probe",
	Exchange{Kind: Introspect}.String(): "introspection.answered", Exchange{Kind: Introspect, Rotating: true}.String(): "introspection.keys",
	Exchange{Kind: InBandSync}.String(): "inband.signed", Exchange{Kind: InBandSync, Rotating: true}.String(): "inband.stranger-beside-fallback.twin",
}

// leftOut says why a request makes no vector; empty where it makes one. verdict
// is the reference's.
func (f CandidateFrom) leftOut(sent Sent, verdict error) string {
	w, plain, size := vectorWorld(), utf8.ValidString(sent.Target), len(sent.Body)+len(sent.Target)
	proof := examine(sent, keysHeld(f.Exchange, w), w.Now).proof
	for _, field := range sent.Header {
		size += len(field.Value)
		plain = plain && utf8.ValidString(field.Name+field.Value)
		switch strings.ToLower(field.Name) {
		case "transfer-encoding", "content-encoding", "content-length":
			return "it is about how bodies travel, and a verifier gets them whole"
		}
	}
	switch {
	case sent.Lying:
		return "it is about how bodies travel, and a verifier gets them whole"
	case shapeOf(sent.Request) == asksSync:
		return "its kind of request is not verified as a call is"
	case size > longestOfVector:
		return "it is too long for a file"
	case !plain:
		return "not all of its header is text"
	case proof == arguable || (proof == genuine) != (verdict == nil):
		return "readings differ about its signature, so verify.json owes nothing to it"
	case f.Class == FalseAccept && verdict == nil:
		return "its signature holds: it is refused for something else"
	}
	return ""
}

// signedAnew is a request with one signature in place of all that it has, made as
// it should be, or its equal where nothing can be signed.
func signedAnew(r suite.Request, w World) suite.Request {
	r.Header = slices.DeleteFunc(slices.Clone(r.Header), isSignature)
	message, ok := signedMessage(r.Method, r.Body)
	if signature, err := reference.Sign(w.Keys.Primary, message, w.Now); ok && err == nil {
		r.Header = append(r.Header, suite.Field{Name: reference.HeaderSignature, Value: signature.String()})
	}
	return r
}

func isSignature(f suite.Field) bool { return strings.EqualFold(f.Name, reference.HeaderSignature) }

func (v *Vector) signatures() (values []string) {
	for _, f := range v.Headers {
		if isSignature(suite.Field(f)) {
			values = append(values, f.Value)
		}
	}
	return values
}

// differs names what a vector and its twin do not have in common, of what a
// verifier looks at.
func (v *Vector) differs(twin *Vector) (what []string) {
	if !slices.Equal(v.signatures(), twin.signatures()) {
		what = append(what, "signature")
	}
	if v.Base64 != twin.Base64 || (v.Body == nil) != (twin.Body == nil) || v.Body != nil && *v.Body != *twin.Body {
		what = append(what, "body")
	}
	if v.Method != twin.Method {
		what = append(what, "method")
	}
	return what
}

// differsAtAll: they differ, and in nothing that a verifier does not look at. The
// type of a body that was lost does not count.
func (v *Vector) differsAtAll(twin *Vector) bool {
	others := func(v *Vector) []HeaderField {
		return slices.DeleteFunc(slices.Clone(v.Headers), func(f HeaderField) bool { return isSignature(suite.Field(f)) || f.Name == "Content-Type" })
	}
	return len(v.differs(twin)) > 0 && v.Target == twin.Target && slices.Equal(others(v), others(twin))
}
