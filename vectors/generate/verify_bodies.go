package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// bodyTable adds bodies other than calls, with several candidates for what is signed.
func bodyTable(b *verifyBuilder) {
	canonical := func(name, level, comment, body string) {
		b.addSigned(about("body-table."+name, "4.1.3", 5, level, lockout, comment, "CanonicalForm"), suite.Accepts, body, body)
	}
	canonical("empty-object", must, "the smallest object", `{}`)
	canonical("unicode", must, "characters of every length", `{"text":"é€😀"}`)
	canonical("controls", must, "control characters in their canonical escape sequences", `{"text":"\u0000\b\t\n\u000b\f\r\u001f`+"\x7f"+`"}`)
	canonical("line-separators", must, "line separators are not escaped", "{\"text\":\"\u2028\u2029\"}")
	canonical("html", must, "nothing is escaped for HTML", `{"text":"<&>"}`)
	canonical("numbers", must, "numbers in their canonical form", `[0,0.1,1e+21,1e-7,5e-324,1.7976931348623157e+308,-9007199254740992]`)
	canonical("utf-16-order", must, "names in UTF-16 order", "{\"€\":1,\"😀\":2,\"\ufb33\":3}")
	canonical("deep", must, "100 levels of nesting", strings.Repeat("[", 100)+strings.Repeat("]", 100))
	canonical("long", must, "4 KiB of text", `{"text":"`+strings.Repeat("0123456789abcdef", 256)+`"}`)
	canonical("array", should, "an array", `[1,"a",null]`)
	canonical("null", should, "null", `null`)
	canonical("digits", should, "digits, before the digits of the time", `12`)
	for _, o := range []struct{ name, comment, body, message string }{
		{"trailing-newline", "a trailing newline; the canonical form is signed", "{}\n", "{}"},
		{"trailing-newline-raw", "a trailing newline; the raw bytes are signed", "{}\n", "{}\n"},
		{"escaped-raw", "escaped as the server escapes syncs; the raw bytes are signed", `{"a":"\u0026"}`, `{"a":"\u0026"}`},
		{"reordered-raw", "names out of order; the raw bytes are signed", `{"b":1,"a":2}`, `{"b":1,"a":2}`},
		{"number-raw", "a number in non-canonical form; the raw bytes are signed", `{"a":1.0}`, `{"a":1.0}`},
		{"big-integer", "an integer that a double cannot represent; the rounded number is signed", `{"a":9007199254740993}`, `{"a":9007199254740992}`},
		{"big-integer-kept", "an integer that a double cannot represent; its digits are signed", `{"a":9007199254740993}`, `{"a":9007199254740993}`},
	} {
		b.addUnspecified("body-table."+o.name, o.comment, "CanonicalForm", o.body, o.message)
	}
}

// formless are bodies of every class without a canonical form, what a lenient
// parser may take them for, and whether the server was observed to send such a body.
var formless = []struct {
	name, comment, body string
	sent                bool
	lenient             []struct{ name, comment, message string }
}{
	{"duplicate", "a duplicate name", `{"a":1,"a":2}`, false, []struct{ name, comment, message string }{
		{"last", "the last member is signed", `{"a":2}`}, {"first", "the first member is signed", `{"a":1}`}}},
	{"surrogate", "a lone surrogate", `{"a":"\ud800"}`, false, []struct{ name, comment, message string }{
		{"replaced", "the replacement character is signed", "{\"a\":\"\ufffd\"}"}}},
	{"not-utf-8", "a step output with a byte that is not UTF-8", "{\"a\":\"\xff\"}", true, []struct{ name, comment, message string }{
		{"replaced", "the replacement character is signed", "{\"a\":\"\ufffd\"}"}}},
	{"too-deep", "nesting deeper than 1000 levels", strings.Repeat("[", 1001) + strings.Repeat("]", 1001), true, nil},
	{"mark", "a byte order mark", "\ufeff{}", false, []struct{ name, comment, message string }{
		{"dropped", "the body without it is signed", "{}"}}},
	{"trailing", "a second value", "{} {}", false, []struct{ name, comment, message string }{
		{"dropped", "only the first is signed", "{}"}}},
	{"overflow", "a number that overflows a double", `{"a":1e999}`, false, []struct{ name, comment, message string }{
		{"clamped", "the largest double is signed", `{"a":1.7976931348623157e+308}`}, {"null", "null is signed", `{"a":null}`}}},
	{"not-json", "not JSON", "nonce=1", false, nil},
}

// formlessTable adds bodies without a canonical form. The raw bytes and what
// lenient parsers make of them are unspecified, except for what the server sends
// (R10). A MAC of an empty, a partial or another message must be refused: it is
// what remains where a canonicaliser fails and its error is ignored.
func formlessTable(b *verifyBuilder) {
	for _, f := range formless {
		id := "body-table." + f.name
		raw := f.comment + "; the raw bytes are signed"
		if f.sent {
			b.addSigned(about(id+"-raw", "4.1.3", 5, should, lockout, raw, "NoForm"), suite.Accepts, f.body, f.body)
		} else {
			b.addUnspecified(id+"-raw", raw, "NoForm", f.body, f.body)
		}
		for _, l := range f.lenient {
			b.addUnspecified(id+"-"+l.name, f.comment+"; "+l.comment, "NoForm", f.body, l.message)
		}
		for _, other := range []struct{ name, comment, message string }{
			{"over-nothing", "an empty message is signed", ""},
			{"over-half", "the first half is signed", f.body[:len(f.body)/2]},
			{"over-other", "another body is signed", `{"event":{"name":"a"}}`},
		} {
			c := about(id+"-"+other.name, "4.1.3", 5, must, forgery, f.comment+"; "+other.comment, "NoForm", "WrongMessage")
			b.addSigned(sentBy(suite.Observer, withControl(c, id+"-raw", "signature")), suite.Refuses, f.body, other.message)
		}
	}
}

// addSigned adds a call with a body and the MAC of a message.
func (b *verifyBuilder) addSigned(c vectors.Common, stance suite.Stance, body, message string) {
	request, sender := signedRequest(http.MethodPost, []byte(body), []byte(message))
	v := newVerify(c, keysFrom(keyring.Primary.Text()), request)
	v.Sender = sender
	b.expect(&v, stance)
	b.add(v)
}

// addUnspecified adds a call with a body and the MAC of a message that may be
// accepted or refused.
func (b *verifyBuilder) addUnspecified(id, comment, flag, body, message string) {
	b.addSigned(ambiguous("R10", about(id, "4.1.3", 5, may, forgery, comment, flag)), suite.Unspecified, body, message)
}

// shapeTable adds requests of every method, with and without a body.
func shapeTable(b *verifyBuilder) {
	const body = `{"event":{"name":"a"}}`
	add := func(c vectors.Common, stance suite.Stance, method, body, message string) {
		request, sender := signedRequest(method, []byte(body), []byte(message))
		v := newVerify(c, keysFrom(keyring.Primary.Text()), request)
		v.Sender = sender
		b.expect(&v, stance)
		b.add(v)
	}
	unbound := func(name, method, comment string) {
		add(about("shape-table."+name, "4.1.1", 2, must, lockout, comment, "Unbound"), suite.Accepts, method, body, body)
	}
	open := func(name, method, comment, body, message string) {
		add(about("shape-table."+name, "4.1.3", 0, may, forgery, comment, "Shape"), suite.Unspecified, method, body, message)
	}
	unbound("post", http.MethodPost, "a POST; the next vector has the same MAC")
	unbound("put", http.MethodPut, "a PUT with the same body and MAC")
	add(about("shape-table.get", "4.5", 0, must, lockout, "a GET to the path of a call", "Unbound"), suite.Accepts, http.MethodGet, "", "")
	open("get-with-body", http.MethodGet, "a GET with a body that the MAC covers", body, body)
	open("get-with-uncovered-body", http.MethodGet, "a GET with a body that the MAC does not cover", body, "")
	open("post-empty", http.MethodPost, "a POST without a body; only the time is signed", "", "")
	open("put-empty", http.MethodPut, "a PUT without a body; only the time is signed", "", "")
	for _, method := range []string{http.MethodDelete, http.MethodPatch, "QUERY", "post"} {
		open(strings.ToLower(method)+suffixOf(method), method, "a signed "+method, body, body)
	}
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodTrace} {
		open(strings.ToLower(method), method, "a signed "+method+" without a body", "", "")
	}
}

// suffixOf distinguishes the ids of `post` and POST.
func suffixOf(method string) string {
	if method == strings.ToLower(method) {
		return "-in-lower-case"
	}
	return ""
}

// signedRequest returns a request with a method and body, and a MAC of a message.
func signedRequest(method string, body, message []byte) (suite.Request, *vectors.Sender) {
	t := reference.Signature{Time: now}.T()
	mac := hexOf(keyring.Primary.MAC(message, t))
	key := keyring.Primary.Secret()
	return suite.Request{
		Method: method, Target: "/api/inngest?fnId=countersign-echo&stepId=step", Body: body,
		Header: []suite.Field{{Name: "Host", Value: "app.countersign.example"}, {Name: reference.HeaderSignature, Value: "t=" + t + "&s=" + mac}},
	}, &vectors.Sender{Algorithm: "HMAC-SHA256", HMACKey: &key, Message: vectors.NewMessage(append(slices.Clone(message), t...)), MAC: mac}
}
