package live

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// bodyOperators vary the body: in meaning, in spelling, beyond JSON.
var bodyOperators = map[string]operator{
	"tamper": {
		forms: []string{"pad", "attempt", "version", "url", "anything", "a member more"}, bases: withBody, signs: 2,
		size:  func(random *rand.Rand, _ string) int64 { return random.Int64N(40) },
		apply: changing(tamper),
	},
	"replace": {forms: keysOf(otherBodies), bases: withBody, signs: 3, destructive: yes, apply: changing(func(d *draft, s Step) {
		d.body, d.valid = []byte(strings.ReplaceAll(otherBodies[s.Form], "{nonce}", d.scene.Nonce)), false
	})},
	"respell": {forms: keysOf(respellings), bases: withBody, signs: 10, apply: func(d *draft, s Step) {
		d.body = respellings[s.Form](d.body)
	}},
	"enrich": {forms: []string{"text", "numbers", "names", "everything", "as the server encodes"}, bases: append(calling, InBandSync), signs: 10, apply: enrich},
	"break": {
		forms: append(keysOf(brokenValues), keysOf(brokenTexts)...), bases: withBody, signs: 5, destructive: yes,
		apply: changing(func(d *draft, s Step) { d.body, d.valid = broken(d.body, s.Form), false }),
	},
	"boundary": {
		forms: []string{"into the body", "into t"},
		size:  func(random *rand.Rand, _ string) int64 { return 1 + random.Int64N(10) }, apply: moveBoundary,
	},
	"split":  {forms: []string{"no t", "empty t"}, bases: withBody, apply: splitAgain},
	"empty":  {forms: []string{"body"}, bases: withBody, signs: 3, destructive: yes, apply: changing(func(d *draft, _ Step) { d.body, d.valid = nil, false })},
	"encode": {forms: []string{"gzip", "deflate", "gzip undeclared", "gzip declared only", "base64"}, bases: withBody, signs: 3, destructive: yes, apply: encode},
}

func yes(string) bool { return true }

// changing is a step that changes the body, and signs again only if it is Signed.
func changing(apply func(*draft, Step)) func(*draft, Step) {
	return func(d *draft, s Step) {
		d.seal(s.Signed)
		apply(d, s)
	}
}

var leaf = regexp.MustCompile(`:("[^"]*"|-?[0-9]+|true|false|null|\{\}|\[\])`)

// tamper changes one value, so that the body stays canonical.
func tamper(d *draft, s Step) {
	was := d.body
	swap := func(old, replacement string) { d.body = bytes.Replace(d.body, []byte(old), []byte(replacement), 1) }
	switch s.Form {
	case "pad":
		swap(`"pad":"a"`, `"pad":"b"`)
	case "attempt":
		swap(`"attempt":0`, `"attempt":1`)
	case "version":
		swap(`"version":-1`, `"version":2`)
	case "url":
		swap(`"url":"`, `"url":"http://elsewhere.invalid/`)
	case "a member more":
		swap(`}`, `,"~":"tampered"}`)
	}
	// What runs is still the same call if only its padding is another one.
	d.valid = d.valid && s.Signed && s.Form == "pad" && d.base == Call && !bytes.Equal(was, d.body)
	if bytes.Equal(was, d.body) {
		d.body = tamperAnything(d.body, int(s.N), d.scene.Nonce)
	}
}

func tamperAnything(body []byte, n int, nonce string) []byte {
	places := leaf.FindAllSubmatchIndex(body, -1)
	places = slices.DeleteFunc(places, func(p []int) bool { return bytes.Contains(body[p[2]:p[3]], []byte(nonce)) })
	if len(places) == 0 {
		return []byte(`{"tampered":true}`)
	}
	at := places[n%len(places)]
	return slices.Concat(body[:at[2]], []byte(changed(string(body[at[2]:at[3]]))), body[at[3]:])
}

func changed(value string) string {
	if number, err := strconv.ParseInt(value, 10, 64); err == nil {
		return strconv.FormatInt(number+1, 10)
	}
	switch value {
	case "true":
		return "false"
	case "false":
		return "true"
	}
	if inner, isText := strings.CutSuffix(value, `"`); isText {
		return inner + `/tampered"`
	}
	return `"tampered"`
}

// otherBodies replace the whole body.
var otherBodies = map[string]string{
	"an empty object": `{}`, "an empty list": `[]`, "null": `null`, "a number": `1`, "digits": `1735689600`, "a text": `"x"`, "true": `true`,
	"a call without a run": `{"ctx":{},"event":{"data":{"nonce":"{nonce}"},"name":"countersign/echo"},"events":[],"steps":{}}`,
	"a marked event":       `{"event":{"data":{"nonce":"{nonce}","pad":"b"}}}`,
	"a list of calls":      `[{"event":{"data":{"nonce":"{nonce}"}}}]`,
	"a sync":               `{"url":"http://127.0.0.1:3000/api/inngest/tampered"}`,
	"a sync elsewhere":     `{"url":"http://elsewhere.invalid/"}`,
	"a prototype":          `{"__proto__":{"event":{"data":{"nonce":"{nonce}"}}},"constructor":{"prototype":null}}`,
	"a body in the body":   `{"body":"{\"event\":{\"data\":{\"nonce\":\"{nonce}\"}}}"}`,
}

func swapping(pairs ...string) func([]byte) []byte {
	r := strings.NewReplacer(pairs...)
	return func(body []byte) []byte { return []byte(r.Replace(string(body))) }
}

// respellings change how a body is written, but not its value.
var respellings = map[string]func([]byte) []byte{
	"indented": func(body []byte) []byte {
		var b bytes.Buffer
		if json.Indent(&b, body, "", "") != nil {
			return body
		}
		return b.Bytes()
	},
	"blank before":      func(body []byte) []byte { return append([]byte(" "), body...) },
	"newline following": func(body []byte) []byte { return append(bytes.Clone(body), '\n') },
	"escaped letters":   swapping(`"pad":"a"`, `"pad":"\u0061"`, `"url"`, `"\u0075rl"`), "escaped names": swapping(`"event"`, `"\u0065vent"`, `"url"`, `"ur\u006c"`),
	"one as a fraction": swapping(`"version":-1`, `"version":-1.0`), "one with an exponent": swapping(`"version":-1`, `"version":-1e0`),
	"minus zero": swapping(`"attempt":0`, `"attempt":-0`), "escaped solidus": swapping(`/`, `\/`), "reversed": lastMemberFirst,
	"as the server encodes": swapping(`&`, `\u0026`, `<`, `\u003c`, `>`, `\u003e`),
}

// lastMemberFirst writes the outermost members in the opposite order.
func lastMemberFirst(body []byte) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return body
	}
	var parts []string
	for _, name := range keysOf(members) {
		parts = append(parts, strconv.Quote(name)+":"+string(members[name]))
	}
	slices.Reverse(parts)
	return []byte("{" + strings.Join(parts, ",") + "}")
}

// enrich puts every kind of character and number into a body, as the server
// would write it.
func enrich(d *draft, s Step) {
	texts := map[string]string{
		"text": `"pad":"é € 😀 & < > \" \\ / \t \u0001"`, "numbers": `"pad":[0,-1,0.1,1e21,1e-7,123456789012,5e-324,1.7976931348623157e308]`,
		"names":                 `"pad":{"€":null,"ﬀ":true,"😀":false,"a":1,"A":2,"":3}`,
		"everything":            `"pad":"a","text":"é € 😀 & < > \" \\ / \t \u0001","numbers":[0,-1,0.1,1e21,1e-7,123456789012],"€":null,"ﬀ":true`,
		"as the server encodes": `"pad":"a & b"`,
	}
	body := bytes.Replace(d.body, []byte(`"pad":"a"`), []byte(texts[s.Form]), 1)
	if d.base == InBandSync {
		body = bytes.Replace(body, []byte(`"}`), []byte(`?a=1&b=<2>"}`), 1)
	}
	canonical, err := reference.Canonicalise(body)
	if err != nil { // another step broke it
		d.body, d.valid = body, false
		return
	}
	d.body = canonical
	if d.base == InBandSync { // a sync is sent as Go's encoder writes it
		d.body = respellings["as the server encodes"](d.body)
	}
}

// encode compresses a body. If the step is Signed, the MAC covers the bytes on
// the wire.
func encode(d *draft, s Step) {
	d.seal(false)
	d.valid = false
	form := strings.Fields(s.Form)[0]
	switch {
	case s.Form == "gzip declared only":
	case form == "gzip":
		d.body = packed(d.body, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	case form == "deflate":
		d.body = packed(d.body, func(w io.Writer) io.WriteCloser { deflate, _ := flate.NewWriter(w, flate.BestSpeed); return deflate })
	case form == "base64":
		d.body, _ = json.Marshal(d.body)
		d.body = bytes.Trim(d.body, `"`)
	}
	if s.Signed {
		d.seal(true)
	}
	if s.Form != "gzip undeclared" {
		d.fields = append(d.fields, suite.Field{Name: "Content-Encoding", Value: form})
	}
}

func packed(body []byte, writer func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	w := writer(&b)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}
