package diagnosis_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/explain"
	"github.com/countersign-dev/countersign/suite"
)

// call is what Inngest sends, in its canonical form.
const call = `{"ctx":{"run_id":"1"},"event":{"data":{"text":"Zoë <b>&</b> a/b"},"name":"app/hello"},"steps":{}}`

// Of the mistakes that let a request reach the app, `verify` explains the request as it
// was captured there, with the keys of the app's environment.
func TestVerifyExplainsTheSameMistakes(t *testing.T) {
	for _, m := range []struct {
		name   string
		app    app   // its keys are those that verify is given
		front  front // what the request went through
		signed string
		delay  time.Duration
		says   string // in the summary
		broken string // a rule, or what is wrong with the key
	}{
		{name: "healthy", app: app{key: key}, says: "signed with your signing key"},
		{name: "healthy, with the fallback", app: app{key: other, fallback: key}, says: "signed with your fallback key"},
		{name: "a line feed behind the key", app: app{key: key + "\n"}, says: "signed with your signing key", broken: "a line break is behind it"},
		{name: "a carriage return behind the key", app: app{key: key + "\r"}, says: "signed with your signing key", broken: "a carriage return is behind it"},
		{name: "a blank behind the key", app: app{key: key + " "}, says: "signed with your signing key", broken: "a blank is behind it"},
		{name: "a blank before the key", app: app{key: " " + key}, says: "signed with your signing key", broken: "white space is before it"},
		{name: "double quotes", app: app{key: `"` + key + `"`}, says: "signed with your signing key", broken: "in quotes"},
		{name: "single quotes", app: app{key: "'" + key + "'"}, says: "signed with your signing key", broken: "in quotes"},
		{name: "the prefix twice", app: app{key: "signkey-prod-" + key}, says: "signed with your signing key without a second prefix", broken: "there twice"},
		{name: "base64", app: app{key: base64.StdEncoding.EncodeToString([]byte(key))}, says: "signed with your signing key decoded from base64", broken: "no hexadecimal digits"},
		{name: "the hash in place of the key", app: app{key: "signkey-prod-" + explain.BearerHash(key)}, says: "none of ", broken: "s is the HMAC"},
		{name: "another environment's request", app: app{key: key}, signed: staging, says: "signed with the key in INNGEST_SIGNING_KEY_STAGING", broken: "s is the HMAC"},
		{name: "another key", app: app{key: key}, signed: other, says: "none of ", broken: "s is the HMAC"},
		{name: "the header is removed", app: app{key: key}, front: renaming(""), says: "unsigned", broken: "has the header"},
		{name: "the header is renamed", app: app{key: key}, front: renaming("X-Signature"), says: "signed with your signing key", broken: "is in the header"},
		{name: "the body is consumed", app: app{key: key}, front: rewriting(func([]byte) []byte { return nil }), says: "none of ", broken: "a POST or PUT has a body"},
		{name: "the body is a Buffer", app: app{key: key}, front: rewriting(intoBuffer), says: "before a Buffer with it was written as JSON", broken: "s is the HMAC"},
		{name: "a line feed is added", app: app{key: key}, front: rewriting(func(b []byte) []byte { return append(b, '\n') }), says: "before a line feed was added"},
		{name: "rewritten as Python does", app: app{key: key}, front: rewriting(asPython), says: "over its canonical form"},
		{name: "escaped as Go does", app: app{key: key}, front: rewriting(asGo), says: "over its canonical form"},
		{name: "mojibake", app: app{key: key}, front: rewriting(mojibake), says: "before its UTF-8 was read as Latin-1", broken: "s is the HMAC"},
		{name: "Latin-1", app: app{key: key}, front: rewriting(func(b []byte) []byte { return []byte(strings.ReplaceAll(string(b), "ë", "\xeb")) }), says: "before it was converted from UTF-8 to Latin-1", broken: "s is the HMAC"},
		{name: "base64 of the body", app: app{key: key}, front: rewriting(func(b []byte) []byte { return base64.StdEncoding.AppendEncode(nil, b) }), says: "before it was encoded as base64", broken: "s is the HMAC"},
		{name: "the body is cut", app: app{key: key}, front: rewriting(func(b []byte) []byte { return b[:64] }), says: "none of ", broken: "s is the HMAC"},
		{name: "a fallback key, and mojibake", app: app{key: other, fallback: key}, front: rewriting(mojibake), says: "signed with your fallback key, over the body before its UTF-8 was read", broken: "s is the HMAC"},
		{name: "the characters \\n behind the key", app: app{key: key + `\n`}, says: "signed with your signing key", broken: `the two characters \n are behind it`},
		{name: "a byte order mark before the key", app: app{key: "\ufeff" + key}, says: "signed with your signing key", broken: "a byte order mark is before it"},
		{name: "the name of the variable before the key", app: app{key: "INNGEST_SIGNING_KEY=" + key}, says: "signed with your signing key", broken: "the name of the variable is part of it"},
		{name: "a comment behind the key", app: app{key: key + " # prod"}, says: "none of ", broken: "white space is inside it"},
		{name: "a variable that is not expanded", app: app{key: "$INNGEST_SIGNING_KEY"}, says: "none of ", broken: "a placeholder"},
		{name: "a key that was cut", app: app{key: key[:len(key)-1]}, says: "none of ", broken: "the number of its hexadecimal digits is odd"},
		{name: "the keys are swapped", app: app{key: other, fallback: key}, says: "signed with your fallback key"},
		{name: "a body in lower case", app: app{key: key}, front: rewriting(bytes.ToLower), says: "none of ", broken: "s is the HMAC"},
		{name: "a body escaped for HTML", app: app{key: key}, front: rewriting(forHTML), says: "before it was escaped for HTML", broken: "s is the HMAC"},
		{name: "a compressed body", app: app{key: key}, front: rewriting(zipped), says: "before it was compressed with gzip", broken: "s is the HMAC"},
		{name: "a header that is there twice", app: app{key: key}, front: signing(func(s string) string { return s + ", " + s }), says: "signed with your signing key", broken: "t and s appear once each"},
		{name: "a header in upper case", app: app{key: key}, front: signing(strings.ToUpper), says: "signed with your signing key", broken: "the only parameters are t and s"},
		{name: "a header in quotes", app: app{key: key}, front: signing(func(s string) string { return `"` + s + `"` }), says: "signed with your signing key", broken: "the only parameters are t and s"},
		{name: "another Content-Type", app: app{key: key}, front: typed("text/plain"), says: "signed with your signing key"},
		{name: "the clock is an hour ahead", app: app{key: key, clock: time.Hour}, says: "signed with your signing key", broken: "at most 5 minutes old"},
		{name: "the clock is ahead", app: app{key: key, clock: 20 * time.Minute}, says: "signed with your signing key", broken: "at most 5 minutes old"},
		{name: "the clock is behind", app: app{key: key, clock: -3 * time.Minute}, says: "signed with your signing key", broken: "not from the future"},
	} {
		t.Run(m.name, func(t *testing.T) {
			signed := m.signed
			if signed == "" {
				signed = key
			}
			r := capture(t, m.front, signed)
			keys := []explain.Key{{Name: "your signing key", Text: m.app.key}, {Name: "your fallback key", Text: m.app.fallback}, {Name: "the key in INNGEST_SIGNING_KEY_STAGING", Text: staging, Other: true}}
			now := time.Now().Add(m.app.clock)
			x := explain.Explain(r, keys, now, now)
			wrong := fmt.Sprint(explain.CheckKey(m.app.key))
			for _, rule := range x.Broken {
				wrong += rule.Rule
			}
			if !strings.Contains(x.Summary, m.says) || !strings.Contains(wrong, m.broken) {
				t.Errorf("%s: %s\nbroken: %v, the key: %s\nwant %q, %q", x.Verdict, x.Summary, x.Broken, wrong, m.says, m.broken)
			}
			if m.broken == "" && x.Verdict != explain.Valid {
				t.Errorf("%s: %v", x.Verdict, x.Broken)
			}
			t.Logf("%s: %s", x.Verdict, x.Summary)
		})
	}
}

// capture sends one signed call through what stands before an app, and captures it
// there.
func capture(t *testing.T, before front, key string) (r explain.Request) {
	t.Helper()
	var handler http.Handler = http.HandlerFunc(func(_ http.ResponseWriter, arrived *http.Request) {
		r = explain.Request{Method: arrived.Method, Announced: -1}
		r.Body, _ = io.ReadAll(arrived.Body)
		for name, values := range arrived.Header {
			r.Header = append(r.Header, suite.Field{Name: name, Value: values[0]})
		}
	})
	if before != nil {
		handler = before(handler)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	at := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(key[strings.LastIndexByte(key, '-')+1:]))
	_, _ = io.WriteString(mac, call+at)
	sent, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(call))
	if err != nil {
		t.Fatal(err)
	}
	sent.Header.Set(reference.HeaderSignature, "t="+at+"&s="+hex.EncodeToString(mac.Sum(nil)))
	got, err := http.DefaultClient.Do(sent)
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	return r
}
