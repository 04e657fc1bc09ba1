package main

import (
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

var signFlags = map[string]vectors.Flag{
	"Normal":      {About: "a request as the server makes it"},
	"Canonical":   {About: "a sync whose body is not its own canonical form", Bug: "the bytes are signed without canonicalising them"},
	"RawBytes":    {About: "the body of a request is not its own canonical form, or has none", Bug: "other bytes are signed than those that are sent"},
	"KeyForm":     {About: "an unusual key", Bug: "the HMAC key is not exactly the text after the prefix"},
	"Time":        {About: "an unusual time", Bug: "the time is padded, grouped, truncated or in milliseconds"},
	"RawResponse": {About: "a response, which is signed as its raw bytes", Bug: "responses are canonicalised"},
	"Undelimited": {About: "there is no delimiter between body and time", Bug: "a delimiter is inserted"},
	"NoKey":       {About: "no key to sign with", Bug: "something is signed with the empty key"},
}

// What is signed of a body.
const (
	aRequest  = "request"  // its bytes
	aSync     = "sync"     // its canonical form
	aResponse = "response" // its bytes
)

// sign generates sign.json.
func sign() (output, error) {
	l := newFileBuilder[vectors.Sign]("a key, a request, sync or response, and a time: the exact bytes that are signed, the MAC and the header", signFlags)
	const spec = "signkey-prod-12345678"
	add := func(c vectors.Common, what, key, body string, at time.Time) {
		v := vectors.Sign{Common: c, What: what, Key: key, Body: vectors.NewBody([]byte(body)), Now: at.Unix()}
		err := fillSigned(&v, []byte(body), at)
		v.Result, v.Reference = scored(c, vectors.Accept)
		if err != nil {
			v.Result, v.Reference = scored(c, vectors.Refuse)
			v.Reason = reasonOf(err)
		}
		l.add(v)
	}
	request := func(name, flag, comment, key, body string, at time.Time) {
		add(about("sign."+name, "4.1.1", 2, must, interoperability, comment, flag), aRequest, key, body, at)
	}
	sync := func(name, flag, comment, body string) {
		add(about("sign."+name, "4.1.1", 2, must, interoperability, comment, flag), aSync, spec, body, now)
	}
	response := func(name, comment, body string) {
		add(about("sign."+name, "4.1.1", 2, should, interoperability, comment, "RawResponse"), aResponse, spec, body, now)
	}
	const call = `{"ctx":{"run_id":"01"},"event":{"name":"a"}}`
	long := keyring.Primary.Text()

	request("call", "Normal", "a call", spec, call, now)
	request("call-long-key", "Normal", "a call, with a key of the usual length", long, call, now)
	request("introspection", "Normal", "an introspection has no body: only the time is signed", spec, "", now)
	request("probe", "Normal", "the smallest body", spec, "{}", now)
	request("digits-at-end", "Undelimited", "a body that ends in digits, before the digits of the time", spec, "12", now)
	request("bare-key", "KeyForm", "a key without a prefix", strings.TrimPrefix(spec, "signkey-prod-"), call, now)
	request("branch-key", "KeyForm", "the environment in the prefix makes no difference", "signkey-branch-12345678", call, now)
	request("upper-key", "KeyForm", "upper case in a key is kept", "signkey-prod-ABCDEF12", call, now)
	request("lower-key", "KeyForm", "the same digits in lower case are another HMAC key", "signkey-prod-abcdef12", call, now)
	request("long-key", "KeyForm", "a key longer than the HMAC block", "signkey-prod-"+strings.Repeat("ab", 40), call, now)
	request("epoch", "Time", "zero is written as 0", spec, call, time.Unix(0, 0))
	request("nine-digits", "Time", "nine digits are not padded", spec, call, time.Unix(999999999, 0))
	request("beyond-32-bits", "Time", "the first second that overflows a signed 32-bit integer", spec, call, time.Unix(1<<31, 0))
	request("last", "Time", "the last second of the year 9999", spec, call, time.Unix(253402300799, 0))
	complete := suite.Make(suite.Call{Body: suite.Rich}, scene)
	request("whole-call", "Normal", "a complete call, with every kind of character and number", long, string(complete.Request.Body), now)
	for _, raw := range []struct{ name, comment, body string }{
		{"form", "a form, for a durable endpoint", "a=1&b=2"},
		{"spaced-request", "white space in a request is signed", "{ \"b\": 1,\n  \"a\": 2 }\n"},
		{"name-twice", "a duplicate name", `{"a":1,"a":2}`},
		{"lone-surrogate", "a lone surrogate", `{"a":"\ud800"}`},
		{"not-utf-8", "a byte that is not UTF-8", "{\"a\":\"\xff\"}"},
		{"not-json", "not JSON", "{"},
	} {
		request(raw.name, "RawBytes", raw.comment+": the bytes are signed as they are sent", spec, raw.body, now)
	}

	sync("sync", "Normal", "a sync", `{"url":"http://a.example/api/inngest"}`)
	sync("sync-escaped", "Canonical", "a sync as the server encodes it, with &, < and > escaped", `{"url":"http://a.example/?a=1\u0026b=\u003c2\u003e"}`)
	sync("spaced", "Canonical", "white space is not signed", "{ \"b\": 1,\n  \"a\": 2 }\n")
	sync("reordered", "Canonical", "names are sorted before signing", `{"b":{"d":1,"c":2},"a":3}`)
	sync("numbers", "Canonical", "numbers are signed in the ECMAScript format", `[1.0,1e2,1E21,1e-7,0.1e1,-0]`)
	sync("escapes", "Canonical", "unnecessary escape sequences are removed", `{"a":"\u0041\/\u00e9\ud83d\ude00"}`)
	sync("beyond-bmp", "Canonical", "names are sorted by UTF-16 code units", "{\"\ufb33\":1,\"😀\":2}")

	response("answer", "a response", `{"nonce":"01"}`)
	response("answer-spaced", "the white space of a response is signed", "{ \"b\": 1, \"a\": 2 }\n")
	response("answer-empty", "an empty response: only the time is signed", "")
	response("answer-no-json", "a response that is not JSON", "not JSON, \xff")

	refuse := func(name, comment, key string) {
		c := about("sign."+name, "4.1.1", 2, should, forgery, comment, "NoKey")
		add(withControl(c, "sign.call", "key"), aRequest, key, call, now)
	}
	refuse("no-key", "no key", "")
	refuse("prefix-only", "only a prefix", "signkey-prod-")
	refuse("blank-key", "a space instead of a key", " ")
	return l.done()
}

// fillSigned signs the input of a vector and fills in the results.
func fillSigned(v *vectors.Sign, body []byte, at time.Time) error {
	key, err := reference.ParseKey(v.Key)
	if err != nil {
		return err
	}
	if v.What == aSync {
		if body, err = reference.Canonicalise(body); err != nil {
			return err
		}
		canonical := string(body)
		v.Canonical = &canonical
	}
	signature, err := reference.Sign(key, body, at)
	if err != nil {
		return err
	}
	v.Message = vectors.NewMessage(append(slices.Clip(body), signature.T()...))
	v.MAC, v.Header = hexOf(signature.MAC), signature.String()
	return nil
}
