// Package explain says why a signature holds or does not: [Explain] judges one
// captured request, and where its MAC does not match it searches for what was
// signed instead: with which form of which key, over which earlier state of the
// body, with which time and algorithm. [CheckKey] and [KeyForms] know the usual
// mistakes with keys.
//
// Nothing is sent, and nothing of what it returns contains a key.
package explain

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// Request is a captured request.
type Request struct {
	Method string // empty if it is not known
	Header []suite.Field
	Body   []byte
	// Announced is the Content-Length that the request has, or -1.
	Announced int
}

// Verdicts of a request.
const (
	Valid   = "valid"
	Expired = "expired"         // otherwise valid
	Future  = "from the future" // otherwise valid
	Invalid = "invalid"
)

// BrokenRule is a rule that a request breaks.
type BrokenRule struct {
	Rule   string `json:"rule"`
	Clause string `json:"clause"`
	Seen   string `json:"seen,omitempty"`
}

// Explanation is what is known about a request.
type Explanation struct {
	Verdict string       `json:"verdict"`
	Summary string       `json:"summary"`          // one sentence
	Signed  time.Time    `json:"signed,omitzero"`  // the time of the signature
	Broken  []BrokenRule `json:"broken,omitempty"` // in the order in which an SDK would find them
	// Matches are the simplest ways to make the signature. Several are equally likely.
	Matches []Match  `json:"matches,omitempty"`
	Advice  []string `json:"advice,omitempty"`
	Tried   int      `json:"tried,omitempty"`   // combinations of key, message, time and algorithm
	Partial bool     `json:"partial,omitempty"` // the body is too large for all of them
}

// Explain judges a request that was received at a time. The zero time stands for
// the signature's own: then it is not judged whether it is too old. now is only for
// signatures that say no time.
func Explain(r Request, keys []Key, received, now time.Time) Explanation {
	x := explaining{Request: r, keys: keys, received: received}
	values, renamed := x.signatures()
	if len(values) == 0 {
		return x.unsigned()
	}
	if renamed != "" {
		x.breaks("the signature is in the header "+reference.HeaderSignature, "4.1.1", "it is in "+renamed)
		x.advise("something between Inngest and the app renames the header: let it pass " + reference.HeaderSignature + " through as it is")
	}
	t, mac := x.readHeader(values)
	x.checkShape()
	x.findWay(t, mac, now)
	x.checkWindow(t)
	return x.conclude()
}

// explaining is an explanation that is being made.
type explaining struct {
	Request
	keys     []Key
	received time.Time
	Explanation
}

func (x *explaining) breaks(rule, clause, seen string) {
	x.Broken = append(x.Broken, BrokenRule{rule, "SPEC " + clause, seen})
}

func (x *explaining) advise(text string) {
	if text != "" && !slices.Contains(x.Advice, text) {
		x.Advice = append(x.Advice, text)
	}
}

// looksSigned is a value that only a signature header has.
var looksSigned = regexp.MustCompile(`(?i)\bt=\d{9,14}\b.*\bs=[0-9a-f]{40,128}\b|\bs=[0-9a-f]{40,128}\b.*\bt=\d{9,14}\b`)

// signatures are the values of the signature header; if there is none, those of a
// header that has its form, and that header's name.
func (x *explaining) signatures() (values []string, renamed string) {
	for _, f := range x.Header {
		if strings.EqualFold(f.Name, reference.HeaderSignature) {
			values = append(values, f.Value)
		}
	}
	for _, f := range x.Header {
		if len(values) == 0 && looksSigned.MatchString(f.Value) {
			return []string{f.Value}, f.Name
		}
	}
	return values, ""
}

func (x *explaining) unsigned() Explanation {
	x.breaks("the request has the header "+reference.HeaderSignature, "4.1.3(3)", "it has none")
	x.Verdict = Invalid
	x.Summary = "unsigned: there is no " + reference.HeaderSignature + " header, and no other header has its form"
	x.advise("either Inngest did not send this request, or something before the app removed the header; look at the request one hop earlier")
	return x.Explanation
}

// readHeader checks the header's grammar, and reads it leniently.
func (x *explaining) readHeader(values []string) (t string, mac []byte) {
	_, _, err := reference.ParseHeaders(values)
	if broken := (*reference.HeaderError)(nil); errors.As(err, &broken) {
		x.breaks(string(broken.Rule), "4.1.1", fmt.Sprintf("%.200q", values[0]))
		x.advise("the header is `t=<unix seconds>&s=<64 lower-case hexadecimal digits>`, once, without quotes, blanks or encoding")
	}
	parameters := lenient(values[0])
	mac, written := decodeMAC(parameters["s"])
	if written == "base64" {
		x.advise("write s as 64 lower-case hexadecimal digits; this one is base64")
	}
	return parameters["t"], mac
}

// lenient reads the parameters of a signature header that may be quoted, encoded or
// written as that of another scheme.
func lenient(value string) map[string]string {
	value = strings.Trim(strings.TrimSpace(value), `"'`)
	value = strings.NewReplacer("%3D", "=", "%3d", "=", "%26", "&", "&amp;", "&").Replace(value)
	found := map[string]string{}
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune("&,; ", r) }) {
		name, text, is := strings.Cut(part, "=")
		switch {
		case !is && found["s"] == "":
			name, text = "s", part
		case slices.Contains([]string{"S", "v1", "sig", "signature", "sha256"}, name):
			name = "s"
		case slices.Contains([]string{"T", "ts", "timestamp"}, name):
			name = "t"
		}
		if _, known := found[name]; !known {
			found[name] = text
		}
	}
	return found
}

func (x *explaining) checkShape() {
	if x.Method == "" || x.Method != http.MethodGet && x.Method != http.MethodPost && x.Method != http.MethodPut {
		return
	}
	r := &http.Request{Method: x.Method}
	if err := reference.CheckShape(r, x.Body); err != nil {
		x.breaks("a POST or PUT has a body, and a GET has none", "4.3 to 4.5", fmt.Sprintf("%s with a body of %d bytes", x.Method, len(x.Body)))
	}
	if x.Announced >= 0 && x.Announced != len(x.Body) {
		x.breaks("the body is as long as Content-Length says", "4.1.3", fmt.Sprintf("%d bytes, of %d", len(x.Body), x.Announced))
		x.advise("the capture is not the whole body: without the rest its signature cannot be checked")
	}
}

// findWay finds out how the MAC was made.
func (x *explaining) findWay(t string, mac []byte, now time.Time) {
	usable := slices.ContainsFunc(x.keys, func(k Key) bool { return len(KeyForms(k.Text)) > 0 })
	if !usable {
		x.breaks("a key is configured", "4.1.3(2)", "there is none")
		x.advise("set " + reference.EnvSigningKey + ", or name a file with --key-file")
		return
	}
	seen := now
	if !x.received.IsZero() {
		seen = x.received
	}
	var all bool
	x.Matches, x.Tried, all = search(mac, x.Body, t, seen, x.keys)
	x.Partial = !all
	if len(x.Matches) == 0 || !x.Matches[0].right(x.Body) {
		x.breaks("s is the HMAC-SHA256 of the body and t, with the signing key or the fallback", "4.1.3(5)", "")
	}
	for _, m := range x.Matches {
		x.advise(m.advice(x.Body))
	}
	if len(x.Matches) == 0 {
		x.adviseUnknown()
	}
}

// right reports whether the protocol allows the match: the message may be the body
// or its canonical form.
func (m Match) right(body []byte) bool {
	if m.Form != "" || m.T != "" || m.Algorithm != "" || strings.HasPrefix(m.Key, "the ") {
		return false
	}
	canonical, err := reference.Canonicalise(body)
	return bytes.Equal(m.message.text, body) || err == nil && bytes.Equal(m.message.text, canonical)
}

func (m Match) advice(body []byte) string {
	switch {
	case m.right(body) && m.Message != "":
		return "an SDK that canonicalises the body accepts it; one that verifies the bytes as received does not"
	case m.Fix != "":
		return m.Fix
	case m.T != "":
		return "the MAC covers the text of t exactly as the header says it, in seconds"
	case m.Algorithm != "":
		return "sign with HMAC-SHA256 over the body and then t, with nothing between them"
	case len(m.message.text) == 0:
		return "the body was not there when it was signed or verified: a middleware may have consumed it, or this is the signature of a GET"
	case strings.HasPrefix(m.message.over, "only"):
		return "sign the whole body: something cut it"
	case m.Message != "":
		return "verify the bytes that were received, before any middleware reads or changes them; if this is the request as it arrived, a proxy changes bodies"
	case strings.HasPrefix(m.Key, "the key"):
		return "the request is from another environment: configure its key, or send it to its own app"
	}
	return ""
}

// adviseUnknown says what may be the reason where the search found none.
func (x *explaining) adviseUnknown() {
	if n := len(x.Body); slices.Contains(limits(), n) {
		x.advise(fmt.Sprintf("the body has exactly %d bytes, at which programs cut: it may be truncated, and then its signature cannot be checked", n))
	} else if _, err := parseJSON(x.Body); err != nil && n > 0 && strings.ContainsRune("{[", rune(x.Body[0])) {
		x.advise("the body begins as JSON and is none: it may be truncated or edited, and then its signature cannot be checked")
	}
	if bytes.Contains(x.Body, []byte("\uFFFD")) {
		x.advise("the body contains U+FFFD, which stands for characters that were lost: capture it as bytes")
	}
	x.advise("it is signed with another key: compare `countersign keys hash` with the hash that Inngest or the app's introspection shows, and try the keys of other environments as " + reference.EnvSigningKey + "_<NAME>")
	if len(x.Body) > 0 {
		x.advise("or the body lost something on the way, as its case, its accents or a member: compare it with the request that Inngest shows")
	}
}

func (x *explaining) checkWindow(t string) {
	seconds, err := strconv.ParseInt(strings.TrimSpace(t), 10, 64)
	if err != nil {
		return
	}
	if len(t) > 11 {
		seconds /= 1000
	}
	x.Signed = time.Unix(seconds, 0).UTC()
	if x.received.IsZero() {
		return
	}
	age := x.received.Sub(x.Signed)
	switch err := reference.CheckWindow(x.Signed, x.received); {
	case errors.Is(err, reference.ErrExpired):
		x.breaks("the signature is at most 5 minutes old", "4.1.3(4)", fmt.Sprintf("it was made %s before the request was received", age.Round(time.Second)))
		x.advise("if it arrived at once, a clock is wrong: compare the app's with `date -u`")
	case errors.Is(err, reference.ErrFuture):
		x.breaks("the signature is not from the future", "4.1.3(4)", fmt.Sprintf("it was made %s after the request was received", (-age).Round(time.Second)))
		x.advise("a clock is wrong: compare the app's with `date -u`")
	}
}

func (x *explaining) conclude() Explanation {
	x.Verdict = Invalid
	switch {
	case len(x.Broken) == 0:
		x.Verdict = Valid
	case len(x.Broken) == 1 && x.Broken[0].Clause == "SPEC 4.1.3(4)":
		if x.Verdict = Expired; x.Signed.After(x.received) {
			x.Verdict = Future
		}
	}
	switch {
	case len(x.Matches) > 0:
		x.Summary = x.Matches[0].String()
	case x.Tried > 0:
		x.Summary = fmt.Sprintf("none of %d combinations of key, body, time and algorithm makes this signature", x.Tried)
	default:
		x.Summary = "there is no key to check the signature with"
	}
	return x.Explanation
}
