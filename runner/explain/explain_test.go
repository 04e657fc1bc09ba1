package explain

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

const (
	primaryKey  = "signkey-prod-0123456789abcdef0123456789abcdef"
	fallbackKey = "signkey-prod-fedcba9876543210fedcba9876543210"
	stagingKey  = "signkey-staging-00112233445566778899aabbccddeeff"
)

var at = time.Unix(1_800_000_000, 0).UTC()

var ring = []Key{
	{Name: "your signing key", Text: primaryKey},
	{Name: "your fallback key", Text: fallbackKey},
	{Name: "the key in INNGEST_SIGNING_KEY_STAGING", Text: stagingKey, Other: true},
}

// header signs a text with a secret, as nobody but this test does.
func header(secret, signed string) string {
	t := fmt.Sprint(at.Unix())
	mac := hmacOf(sha256.New)([]byte(secret), []byte(signed), t)
	return "t=" + t + "&s=" + hex.EncodeToString(mac)
}

func secretOf(key string) string { return key[strings.LastIndexByte(key, '-')+1:] }

func captured(value, body string) Request {
	return Request{Method: "POST", Header: []suite.Field{{Name: "x-inngest-signature", Value: value}}, Body: []byte(body), Announced: -1}
}

// event is the body of a call, in its canonical form.
const event = `{"ctx":{"attempt":0},"event":{"data":{"amount":12.5,"name":"Zoë <b>&</b> /x"},"name":"shop/paid"}}`

func TestCapturedRequests(t *testing.T) {
	own, fallback := secretOf(primaryKey), secretOf(fallbackKey)
	for name, test := range map[string]struct {
		header, body string
		verdict      string
		says         string // in the summary
		broken       string // the rule that is broken first
	}{
		"valid":                        {header(own, event), event, Valid, "signed with your signing key", ""},
		"valid with the fallback":      {header(fallback, event), event, Valid, "signed with your fallback key", ""},
		"valid in its canonical form":  {header(own, event), strings.ReplaceAll(event, ",", ", "), Valid, "signed with your signing key, over its canonical form", ""},
		"a line feed":                  {header(fallback, event), event + "\n", Valid, "signed with your fallback key, over the body before a line feed was added", ""},
		"cut behind text":              {header(own, "text\n"), "text", Invalid, "over the body before its last line feed was removed", "s is the HMAC"},
		"CRLF":                         {header(own, "a\nb"), "a\r\nb", Invalid, "before its line feeds became CRLF", "s is the HMAC"},
		"LF":                           {header(own, "a\r\nb"), "a\nb", Invalid, "before its CRLF became line feeds", "s is the HMAC"},
		"a byte order mark":            {header(own, event), mark + event, Invalid, "before a byte order mark was added", "s is the HMAC"},
		"mojibake":                     {header(own, event), strings.ReplaceAll(event, "ë", "Ã«"), Invalid, "before its UTF-8 was read as Latin-1", "s is the HMAC"},
		"Latin-1":                      {header(own, event), strings.ReplaceAll(event, "ë", "\xeb"), Invalid, "before it was converted from UTF-8 to Latin-1", "s is the HMAC"},
		"encoded twice":                {header(own, event), string(intoText([]byte(event))), Invalid, "encoded twice", "s is the HMAC"},
		"base64":                       {header(own, event), string(intoBase64([]byte(event))), Invalid, "encoded as base64", "s is the HMAC"},
		"a form":                       {header(own, event), string(member(event, "")), Invalid, "read as a form", "s is the HMAC"},
		"percent-encoded":              {header(own, event), url.QueryEscape(event) + "=", Invalid, "percent-encoded", "s is the HMAC"},
		"a Buffer":                     {header(own, event), string(intoBuffer([]byte(event))), Invalid, "a Buffer with it was written as JSON", "s is the HMAC"},
		"a serverless event":           {header(own, event), `{"version":"2.0","isBase64Encoded":true,"body":"` + string(intoBase64([]byte(event))) + `"}`, Invalid, "serverless event", "s is the HMAC"},
		"gzip":                         {header(own, event), string(changes[19].do([]byte(event))), Invalid, "compressed with gzip", "s is the HMAC"},
		"signed as Python writes it":   {header(own, strings.NewReplacer(",", ", ", `":`, `": `, "ë", `\u00eb`).Replace(event)), event, Invalid, "over the body as Python's json.dumps writes it", "s is the HMAC"},
		"signed as Go writes it":       {header(own, strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(event)), event, Invalid, "over the body as Go's encoding/json writes it", "s is the HMAC"},
		"signed as PHP writes it":      {header(own, strings.NewReplacer("/", `\/`, "ë", `\u00eb`).Replace(event)), event, Invalid, "over the body as PHP's json_encode writes it", "s is the HMAC"},
		"signed indented":              {header(own, "{\n  \"a\": 1\n}"), `{"a":1}`, Invalid, "with an indent of 2", "s is the HMAC"},
		"an empty body":                {header(own, ""), event, Invalid, "over an empty body", "s is the HMAC"},
		"an empty object":              {header(own, "{}"), event, Invalid, "over the text {} in place of the body", "s is the HMAC"},
		"cut at 64 bytes":              {header(own, event[:64]), event, Invalid, "only the first 64 bytes", "s is the HMAC"},
		"a key with a line feed":       {header(own+"\n", event), event, Invalid, "signed with your signing key with a line feed behind it", "s is the HMAC"},
		"a key in quotes":              {header(`"`+fallbackKey+`"`, event), event, Invalid, "signed with your fallback key with double quotes", "s is the HMAC"},
		"a key with its prefix":        {header(primaryKey, event), event, Invalid, "with its prefix", "s is the HMAC"},
		"a key decoded":                {header(unhex(own), event), event, Invalid, "decoded from hexadecimal", "s is the HMAC"},
		"a key hashed":                 {header(BearerHash(primaryKey), event), event, Invalid, "hashed, as a bearer is", "s is the HMAC"},
		"a placeholder":                {header("undefined", event), event, Invalid, "signed with the text undefined", "s is the HMAC"},
		"another environment's key":    {header(secretOf(stagingKey), event), event, Invalid, "signed with the key in INNGEST_SIGNING_KEY_STAGING", "s is the HMAC"},
		"a key and a body":             {header(own+"\n", event), mark + event, Invalid, "with a line feed behind it, over the body before a byte order mark was added", "s is the HMAC"},
		"two changes of the body":      {header(own, event), string(intoBase64([]byte(event + "\n"))), Invalid, "before a line feed was added and it was encoded as base64", "s is the HMAC"},
		"an unknown key":               {header("nobody", event), event, Invalid, "none of ", "s is the HMAC"},
		"milliseconds under the MAC":   {withT(header(own, event), func(string) string { return fmt.Sprint(at.Unix()) }, own, event, "000"), event, Invalid, "with t in milliseconds", "s is the HMAC"},
		"no t in the header":           {header(own, event)[len("t=1800000000&"):], event, Invalid, "at t=1800000000, which the header does not say", "t is present"},
		"upper-case digits":            {upper(header(own, event)), event, Invalid, "signed with your signing key", "s is exactly 64"},
		"the header in quotes":         {`"` + header(own, event) + `"`, event, Invalid, "signed with your signing key", "the only parameters"},
		"percent-encoded header":       {url.QueryEscape(header(own, event)), event, Invalid, "signed with your signing key", "the only parameters"},
		"a header of another scheme":   {strings.NewReplacer("&", ",", "s=", "v1=").Replace(header(own, event)), event, Invalid, "signed with your signing key", "t is a decimal"},
		"a dot between":                {dotted(own), event, Invalid, "with a dot between body and t", "s is the HMAC"},
		"a header without a signature": {"", event, Invalid, "", "the header is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Explain(captured(test.header, test.body), ring, time.Time{}, at)
			if got.Verdict != test.verdict || !strings.Contains(got.Summary, test.says) {
				t.Errorf("%s: %s\nwant %s: %s", got.Verdict, got.Summary, test.verdict, test.says)
			}
			if test.broken == "" && len(got.Broken) > 0 || test.broken != "" && (len(got.Broken) == 0 || !strings.HasPrefix(got.Broken[0].Rule, test.broken)) {
				t.Errorf("broken rules: %v", got.Broken)
			}
			if test.verdict == Invalid && len(got.Advice) == 0 {
				t.Error("there is no advice")
			}
			if strings.Contains(fmt.Sprintf("%+v", got), own) || strings.Contains(fmt.Sprintf("%+v", got), fallback) {
				t.Error("a key is shown")
			}
		})
	}
}

func unhex(text string) string {
	raw, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func upper(header string) string {
	at := strings.Index(header, "s=") + 2
	return header[:at] + strings.ToUpper(header[at:])
}

// withT is a header whose MAC covers t and more digits behind it.
func withT(_ string, t func(string) string, secret, body, digits string) string {
	mac := hmacOf(sha256.New)([]byte(secret), []byte(body), t("")+digits)
	return "t=" + t("") + "&s=" + hex.EncodeToString(mac)
}

func dotted(secret string) string { return header(secret, event+".") }

func TestTheWindow(t *testing.T) {
	for after, want := range map[time.Duration]string{
		0: Valid, 299 * time.Second: Valid, 301 * time.Second: Expired, -61 * time.Second: Future, -30 * time.Second: Valid,
	} {
		got := Explain(captured(header(secretOf(primaryKey), event), event), ring, at.Add(after), at)
		if got.Verdict != want {
			t.Errorf("received after %s: %s, %v", after, got.Verdict, got.Broken)
		}
	}
}

// What is valid here is what the reference accepts.
func TestTheReferenceAgrees(t *testing.T) {
	key, err := reference.ParseKey(primaryKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{event, "", "text", event + "\n", `{"b":1,"a":2}`, "{\"a\":1.0}"} {
		for _, signed := range []string{event, body, "", `{"a":2,"b":1}`, `{"a":1}`} {
			value := header(secretOf(primaryKey), signed)
			_, err := reference.Verify(value, []byte(body), reference.Keys{Primary: key}, at)
			r := captured(value, body)
			r.Method = ""
			if got := Explain(r, ring[:1], at, at); (got.Verdict == Valid) != (err == nil) {
				t.Errorf("%q signed as %q: %s, the reference: %v", body, signed, got.Verdict, err)
			}
		}
	}
}

func TestRenamedAndMissingHeaders(t *testing.T) {
	r := captured(header(secretOf(primaryKey), event), event)
	r.Header[0].Name = "X-Forwarded-Signature"
	got := Explain(r, ring, time.Time{}, at)
	if got.Verdict != Invalid || !strings.Contains(got.Broken[0].Seen, "X-Forwarded-Signature") || got.Summary != "signed with your signing key" {
		t.Errorf("renamed: %+v", got)
	}
	r.Header = []suite.Field{{Name: "Host", Value: "example.com"}}
	if got := Explain(r, ring, time.Time{}, at); got.Verdict != Invalid || !strings.Contains(got.Summary, "unsigned") {
		t.Errorf("missing: %+v", got)
	}
}

func TestRawRequests(t *testing.T) {
	value := header(secretOf(primaryKey), event)
	for name, raw := range map[string]string{
		"CRLF":    "POST /api/inngest?fnId=a HTTP/1.1\r\nHost: x\r\nX-Inngest-Signature: " + value + "\r\n\r\n" + event,
		"LF":      "POST /api/inngest?fnId=a HTTP/1.1\nHost: x\nX-Inngest-Signature: " + value + "\n\n" + event,
		"chunked": "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX-Inngest-Signature: " + value + "\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n%x;x=y\r\n%s\r\n0\r\n\r\n", 10, event[:10], len(event)-10, event[10:]),
	} {
		r, err := ParseRequest([]byte(raw))
		if err != nil || r.Method != "POST" || !bytes.Equal(r.Body, []byte(event)) {
			t.Errorf("%s: %+v %v", name, r, err)
			continue
		}
		if got := Explain(r, ring, time.Time{}, at); got.Verdict != Valid {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := ParseRequest([]byte(event)); err == nil {
		t.Error("a body is taken for a request")
	}
	cut, err := ParseRequest([]byte("POST / HTTP/1.1\r\nContent-Length: 4096\r\nX-Inngest-Signature: " + value + "\r\n\r\n" + event[:50]))
	if got := Explain(cut, ring, time.Time{}, at); err != nil || got.Verdict != Invalid || !strings.Contains(fmt.Sprint(got.Broken), "50 bytes, of 4096") {
		t.Errorf("cut: %+v %v", got, err)
	}
}

func TestFaultsOfKeys(t *testing.T) {
	for text, want := range map[string]string{
		primaryKey:                            "",
		strings.Repeat("0123456789abcdef", 4): "",
		"":                                    "there is no key",
		" \n":                                 "there is no key",
		primaryKey + "\n":                     "a line break is behind it",
		primaryKey + "\r":                     "a carriage return is behind it",
		primaryKey + " ":                      "a blank is behind it",
		" " + primaryKey:                      "white space is before it",
		`"` + primaryKey + `"`:                "it is in quotes",
		"'" + primaryKey + "'":                "it is in quotes",
		primaryKey + `\n`:                     `the two characters \n`,
		"INNGEST_SIGNING_KEY=" + primaryKey:   "the name of the variable",
		mark + primaryKey:                     "a byte order mark",
		"undefined":                           "a placeholder",
		"$INNGEST_SIGNING_KEY":                "a placeholder",
		"signkey-prod-":                       "only a prefix",
		"signkey-prod-" + primaryKey:          "malformed or there twice",
		"signkey-prod-eu-" + secretOf(stagingKey):      "a dash",
		"signkey-prod-" + strings.Repeat("xyz", 12):    "no hexadecimal digits",
		primaryKey[:len(primaryKey)-1]:                 "odd",
		strings.ToUpper(secretOf(primaryKey)):          "upper case",
		"signkey-test-12345678":                        "can be guessed",
		primaryKey + " " + fallbackKey:                 "white space is inside it",
		"signkey-prod-0123456789abcdef0123456789abcdé": "not ASCII",
	} {
		got := CheckKey(text)
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || !strings.Contains(fmt.Sprint(got), want)) {
			t.Errorf("%q: %v, want %q", text, got, want)
		}
		if strings.Contains(fmt.Sprint(got), "0123456789abcdef") {
			t.Errorf("%q is shown: %v", text, got)
		}
	}
}
