package live

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
)

// brokenValues replace a harmless value, or are added to the body.
var brokenValues = map[string]string{
	"lone surrogate": `"\ud800"`, "swapped surrogates": `"\udc00\ud800"`, "number beyond double": `1e999`, "small beyond double": `1e-999`, "long integer": `9007199254740993`,
	"NaN": `NaN`, "Infinity": `-Infinity`, "undefined": `undefined`, "invalid UTF-8": "\"\xff\xfe\"", "overlong UTF-8": "\"\xc0\x80\"", "control character": "\"\x01\"",
	"leading zero": `01`, "plus": `+1`, "hexadecimal": `0x10`, "single quotes": `'a'`, "NUL": "\"\x00\"", "prototype": `{"__proto__":{"toString":1}}`,
	"equal names": `{"a":1,"a":2}`, "equal names, spelled otherwise": `{"a":1,"\u0061":2}`, "comment": `1/*x*/`, "trailing comma": `[1,]`, "noncharacter": "\"\uffff\"",
}

// brokenTexts change the body as a whole.
var brokenTexts = map[string]func([]byte) []byte{
	"not JSON":         func([]byte) []byte { return []byte("not json") },
	"breaks off":       func([]byte) []byte { return []byte(`{"event":{"data":`) },
	"cut in half":      func(body []byte) []byte { return body[:len(body)/2] },
	"text following":   func(body []byte) []byte { return append(bytes.Clone(body), " x"...) },
	"value following":  func(body []byte) []byte { return append(bytes.Clone(body), "{}"...) },
	"NUL following":    func(body []byte) []byte { return append(bytes.Clone(body), 0) },
	"mark before":      func(body []byte) []byte { return append([]byte("\ufeff"), body...) },
	"UTF-16":           func(body []byte) []byte { return utf16(body) },
	"nested":           func([]byte) []byte { return []byte(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)) },
	"only trailing":    func([]byte) []byte { return []byte(`{} x`) },
	"only surrogate":   func([]byte) []byte { return []byte(`{"a":"\ud800"}`) },
	"only huge":        func([]byte) []byte { return []byte(`{"a":1e999}`) },
	"only equal names": func([]byte) []byte { return []byte(`{"a":1,"a":2}`) },
	"second event": func(body []byte) []byte {
		return bytes.Replace(body, []byte(`"event":`), []byte(`"event":null,"event":`), 1)
	},
}

func broken(body []byte, form string) []byte {
	if change, there := brokenTexts[form]; there {
		return change(body)
	}
	value := []byte(brokenValues[form])
	if swapped := bytes.Replace(body, []byte(`"pad":"a"`), append([]byte(`"pad":`), value...), 1); !bytes.Equal(swapped, body) {
		return swapped
	}
	return slices.Concat([]byte(`{"a":`), value, []byte(`,`), bytes.TrimPrefix(body, []byte("{")))
}

func utf16(text []byte) []byte {
	wide := []byte{0xff, 0xfe}
	for _, c := range text {
		wide = append(wide, c, 0)
	}
	return wide
}

// moveBoundary moves bytes between body and t, which are signed without a
// separator: the MAC stays right.
func moveBoundary(d *draft, s Step) {
	d.seal(false)
	t := decoded(d.shown())
	d.sealTime(false)
	d.valid = false
	n := int(s.N)
	if s.Form == "into the body" {
		n = min(n, len(t))
		d.body = append(bytes.Clone(d.body), t[:n]...)
		d.header.t = t[n:]
		return
	}
	n = min(n, len(d.body))
	d.header.t = url.QueryEscape(string(d.body[len(d.body)-n:])) + t
	d.body = d.body[:len(d.body)-n]
}

// splitAgain moves all of t into the body, behind it: the MAC stays right, and
// the header has no time that could be compared with the window.
func splitAgain(d *draft, s Step) {
	d.seal(false)
	t := decoded(d.shown())
	d.sealTime(false)
	d.valid = false
	d.body = append(bytes.Clone(d.body), t...)
	d.header.t = ""
	if s.Form == "no t" {
		d.header.value = "s={s}"
	}
}
