package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

var signFlags = map[string]vectors.Flag{
	"Normal":        {About: "a request as the server makes it"},
	"Canonical":     {About: "the body is not its own canonical form", Bug: "the bytes are signed without canonicalising them"},
	"KeyForm":       {About: "an unusual key", Bug: "the HMAC key is not exactly the text after the prefix"},
	"Time":          {About: "an unusual time", Bug: "the time is padded, grouped, truncated or in milliseconds"},
	"RawAnswer":     {About: "a response, which is signed as its raw bytes", Bug: "responses are canonicalised"},
	"Undelimited":   {About: "there is no delimiter between body and time", Bug: "a delimiter is inserted"},
	"NoKey":         {About: "no key to sign with", Bug: "something is signed with the empty key"},
	"NoMessage":     {About: "a request of a kind that is never signed", Bug: "a MAC is made that covers only the time"},
	"NoForm":        {About: "a body without a canonical form", Bug: "bytes are signed that two parsers interpret differently"},
	"MethodUnbound": {About: "the MAC does not cover the method", Bug: "something besides the body and the time is signed"},
}

// sign generates sign.json.
func sign() (output, error) {
	l := newFileBuilder[vectors.Sign]("a key, a request or a response, and a time: the exact bytes that are signed, the MAC and the header", signFlags)
	const spec = "signkey-prod-12345678"
	add := func(c vectors.Common, what, key, method, body string, at time.Time) {
		v := vectors.Sign{Common: c, What: what, Key: key, Method: method, Body: vectors.NewBody([]byte(body)), Now: at.Unix()}
		err := fillSigned(&v, []byte(body), at)
		v.Result, v.Reference = scored(c, vectors.Accept)
		if err != nil {
			v.Result, v.Reference = scored(c, vectors.Refuse)
			v.Reason = reasonOf(err)
		}
		l.add(v)
	}
	request := func(name, flag, comment, key, method, body string, at time.Time) {
		add(about("sign."+name, "4.1.1", 2, must, interoperability, comment, flag), "request", key, method, body, at)
	}
	response := func(name, flag, comment, body string) {
		add(about("sign."+name, "4.1.1", 2, should, interoperability, comment, flag), "response", spec, "", body, now)
	}
	const call = `{"ctx":{"run_id":"01"},"event":{"name":"a"}}`
	long := keyring.Primary.Text()

	request("call", "Normal", "a call", spec, http.MethodPost, call, now)
	request("call-long-key", "Normal", "a call, with a key of the usual length", long, http.MethodPost, call, now)
	request("introspection", "Normal", "an introspection has no body: only the time is signed", spec, http.MethodGet, "", now)
	request("sync", "Normal", "a sync", spec, http.MethodPut, `{"url":"http://a.example/api/inngest"}`, now)
	request("sync-escaped", "Canonical", "a sync as the server encodes it, with &, < and > escaped", spec, http.MethodPut,
		`{"url":"http://a.example/?a=1\u0026b=\u003c2\u003e"}`, now)
	request("probe", "Normal", "the smallest body", spec, http.MethodPost, "{}", now)
	request("put-like-post", "MethodUnbound", "the same body and time give the same MAC, whatever the method", spec, http.MethodPut, call, now)
	request("spaced", "Canonical", "the white space is not signed", spec, http.MethodPost, "{ \"b\": 1,\n  \"a\": 2 }\n", now)
	request("reordered", "Canonical", "names are sorted before signing", spec, http.MethodPost, `{"b":{"d":1,"c":2},"a":3}`, now)
	request("numbers", "Canonical", "numbers are signed in the ECMAScript format", spec, http.MethodPost, `[1.0,1e2,1E21,1e-7,0.1e1,-0]`, now)
	request("escapes", "Canonical", "unnecessary escape sequences are removed", spec, http.MethodPost, `{"a":"\u0041\/\u00e9\ud83d\ude00"}`, now)
	request("beyond-bmp", "Canonical", "names are sorted by UTF-16 code units", spec, http.MethodPost, "{\"\ufb33\":1,\"😀\":2}", now)
	request("digits-at-end", "Undelimited", "a body that ends in digits, before the digits of the time", spec, http.MethodPost, "12", now)
	request("bare-key", "KeyForm", "a key without a prefix", strings.TrimPrefix(spec, "signkey-prod-"), http.MethodPost, call, now)
	request("branch-key", "KeyForm", "the environment in the prefix makes no difference", "signkey-branch-12345678", http.MethodPost, call, now)
	request("upper-key", "KeyForm", "upper case in a key is kept", "signkey-prod-ABCDEF12", http.MethodPost, call, now)
	request("lower-key", "KeyForm", "the same digits in lower case are another HMAC key", "signkey-prod-abcdef12", http.MethodPost, call, now)
	request("long-key", "KeyForm", "a key longer than the HMAC block", "signkey-prod-"+strings.Repeat("ab", 40), http.MethodPost, call, now)
	request("epoch", "Time", "zero is written as 0", spec, http.MethodPost, call, time.Unix(0, 0))
	request("nine-digits", "Time", "nine digits are not padded", spec, http.MethodPost, call, time.Unix(999999999, 0))
	request("beyond-32-bits", "Time", "the first second that overflows a signed 32-bit integer", spec, http.MethodPost, call, time.Unix(1<<31, 0))
	request("last", "Time", "the last second of the year 9999", spec, http.MethodPost, call, time.Unix(253402300799, 0))
	complete := suite.Make(suite.Call{Body: suite.Rich}, scene)
	request("whole-call", "Normal", "a complete call, with every kind of character and number", long, http.MethodPost, string(complete.Request.Body), now)

	response("answer", "RawAnswer", "a response", `{"nonce":"01"}`)
	response("answer-spaced", "RawAnswer", "the white space of a response is signed", "{ \"b\": 1, \"a\": 2 }\n")
	response("answer-empty", "RawAnswer", "an empty response: only the time is signed", "")
	response("answer-no-json", "RawAnswer", "a response that is not JSON", "not JSON, \xff")

	refuse := func(name, control, differs, flag, comment, key, method, body string) {
		c := about("sign."+name, "4.1.1", 2, should, forgery, comment, flag)
		add(withControl(c, "sign."+control, differs), "request", key, method, body, now)
	}
	refuse("no-key", "call", "key", "NoKey", "no key", "", http.MethodPost, call)
	refuse("prefix-only", "call", "key", "NoKey", "only a prefix", "signkey-prod-", http.MethodPost, call)
	refuse("blank-key", "call", "key", "NoKey", "a space instead of a key", " ", http.MethodPost, call)
	refuse("not-json", "probe", "body", "NoForm", "not JSON", spec, http.MethodPost, "{")
	refuse("name-twice", "probe", "body", "NoForm", "a duplicate name", spec, http.MethodPost, `{"a":1,"a":2}`)
	refuse("lone-surrogate", "probe", "body", "NoForm", "a lone surrogate", spec, http.MethodPost, `{"a":"\ud800"}`)
	refuse("not-utf-8", "probe", "body", "NoForm", "a byte that is not UTF-8", spec, http.MethodPost, "{\"a\":\"\xff\"}")
	refuse("empty-post", "probe", "body", "NoMessage", "a call without a body", spec, http.MethodPost, "")
	refuse("empty-put", "sync", "body", "NoMessage", "a sync without a body", spec, http.MethodPut, "")
	refuse("get-with-body", "introspection", "body", "NoMessage", "an introspection with a body", spec, http.MethodGet, "{}")
	refuse("delete", "probe", "method", "NoMessage", "a method that the server never signs", spec, http.MethodDelete, "{}")
	return l.done()
}

// fillSigned signs the input of a vector and fills in the results.
func fillSigned(v *vectors.Sign, body []byte, at time.Time) error {
	key, err := reference.ParseKey(v.Key)
	if err != nil {
		return err
	}
	message, make := body, func() (reference.Signature, error) { return reference.SignResponse(key, body, at) }
	if v.What == "request" {
		make = func() (reference.Signature, error) { return reference.Sign(key, v.Method, body, at) }
		if message, err = reference.Message(v.Method, body); err != nil {
			return err
		}
		if len(message) > 0 {
			canonical := string(message)
			v.Canonical = &canonical
		}
	}
	signature, err := make()
	if err != nil {
		return err
	}
	v.Message = vectors.NewMessage(append(message[:len(message):len(message)], signature.T()...))
	v.MAC, v.Header = hexOf(signature.MAC), signature.String()
	return nil
}
