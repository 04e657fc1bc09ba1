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
	add := func(c vectors.Common, stance suite.Stance, body, message string) {
		request, sender := signedRequest(http.MethodPost, []byte(body), []byte(message))
		v := newVerify(c, keysFrom(keyring.Primary.Text()), request)
		v.Sender = sender
		b.expect(&v, stance)
		b.add(v)
	}
	canonical := func(name, level, comment, body string) {
		add(about("body-table."+name, "4.1.3", 5, level, lockout, comment, "CanonicalForm"), suite.Accepts, body, body)
	}
	open := func(name, flag, comment, body, message string) {
		c := about("body-table."+name, "4.1.3", 5, may, forgery, comment, flag)
		add(ambiguous("R10", c), suite.Leaves, body, message)
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
	for _, o := range []struct{ name, flag, comment, body, message string }{
		{"trailing-newline", "CanonicalForm", "a trailing newline; the canonical form is signed", "{}\n", "{}"},
		{"trailing-newline-raw", "CanonicalForm", "a trailing newline; the raw bytes are signed", "{}\n", "{}\n"},
		{"escaped-raw", "CanonicalForm", "escaped as the server escapes syncs; the raw bytes are signed", `{"a":"\u0026"}`, `{"a":"\u0026"}`},
		{"reordered-raw", "CanonicalForm", "names out of order; the raw bytes are signed", `{"b":1,"a":2}`, `{"b":1,"a":2}`},
		{"number-raw", "CanonicalForm", "a number in non-canonical form; the raw bytes are signed", `{"a":1.0}`, `{"a":1.0}`},
		{"big-integer", "CanonicalForm", "an integer that a double cannot represent; the rounded number is signed", `{"a":9007199254740993}`, `{"a":9007199254740992}`},
		{"big-integer-kept", "CanonicalForm", "an integer that a double cannot represent; its digits are signed", `{"a":9007199254740993}`, `{"a":9007199254740993}`},
		{"duplicate-raw", "NoForm", "a duplicate name; the raw bytes are signed", `{"a":1,"a":2}`, `{"a":1,"a":2}`},
		{"duplicate-last", "NoForm", "a duplicate name; the last member is signed", `{"a":1,"a":2}`, `{"a":2}`},
		{"duplicate-first", "NoForm", "a duplicate name; the first member is signed", `{"a":1,"a":2}`, `{"a":1}`},
		{"surrogate-raw", "NoForm", "a lone surrogate; the raw bytes are signed", `{"a":"\ud800"}`, `{"a":"\ud800"}`},
		{"surrogate-replaced", "NoForm", "a lone surrogate; the replacement character is signed", `{"a":"\ud800"}`, "{\"a\":\"\ufffd\"}"},
		{"not-utf-8-raw", "NoForm", "a byte that is not UTF-8; the raw bytes are signed", "{\"a\":\"\xff\"}", "{\"a\":\"\xff\"}"},
		{"not-utf-8-replaced", "NoForm", "a byte that is not UTF-8; the replacement character is signed", "{\"a\":\"\xff\"}", "{\"a\":\"\ufffd\"}"},
		{"mark-raw", "NoForm", "a byte order mark; the raw bytes are signed", "\ufeff{}", "\ufeff{}"},
		{"mark-dropped", "NoForm", "a byte order mark; the body without it is signed", "\ufeff{}", "{}"},
		{"trailing-raw", "NoForm", "a second value; the raw bytes are signed", "{} {}", "{} {}"},
		{"trailing-dropped", "NoForm", "a second value; only the first is signed", "{} {}", "{}"},
		{"overflow-raw", "NoForm", "a number that overflows a double; the raw bytes are signed", `{"a":1e999}`, `{"a":1e999}`},
		{"overflow-clamped", "NoForm", "a number that overflows a double; the largest double is signed", `{"a":1e999}`, `{"a":1.7976931348623157e+308}`},
		{"overflow-null", "NoForm", "a number that overflows a double; null is signed", `{"a":1e999}`, `{"a":null}`},
		{"not-json-raw", "NoForm", "not JSON; the raw bytes are signed", "nonce=1", "nonce=1"},
	} {
		open(o.name, o.flag, o.comment, o.body, o.message)
	}
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
		add(about("shape-table."+name, "4.1.3", 0, may, forgery, comment, "Shape"), suite.Leaves, method, body, message)
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
