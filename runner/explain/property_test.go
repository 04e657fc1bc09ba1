package explain

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// drawJSON draws a JSON value with what writers differ in: canonical, or indented.
func drawJSON(t *rapid.T) []byte {
	v := drawValue(t)
	body, err := reference.Canonicalise(style{}.write(v))
	if err != nil {
		t.Skip("a name twice")
	}
	if rapid.Bool().Draw(t, "indented") {
		if v, err = parseJSON(body); err != nil {
			t.Fatal(err)
		}
		body = style{indent: "  ", colon: colonSpace}.write(v)
	}
	return body
}

func drawValue(t *rapid.T) value {
	western := rapid.SampledFrom([]string{"é", "Zoë", "ß €", "<b>&", "/a/", "a\"b", "\x7f", "\n", ""})
	texts := western
	if rapid.Bool().Draw(t, "any text") {
		texts = rapid.OneOf(western, rapid.StringN(0, 12, -1), rapid.SampledFrom([]string{"\u2028", "日本", "😀"}))
	}
	v := value{kind: '{', names: []string{"amount"}, children: []value{{kind: '0', text: rapid.SampledFrom([]string{"1", "1.50", "1e3", "-0"}).Draw(t, "number")}}}
	for name, text := range rapid.MapOfN(rapid.StringMatching(`[a-zA-Z]{1,6}`), texts, 1, 5).Draw(t, "members") {
		v.names, v.children = append(v.names, name), append(v.children, value{kind: '"', text: text})
	}
	return v
}

func drawKey(t *rapid.T) (text, secret string) {
	digits := hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), 16, 32).Draw(t, "key"))
	return rapid.SampledFrom([]string{"signkey-prod-", "signkey-branch-", ""}).Draw(t, "prefix") + digits, digits
}

func found(t *rapid.T, secret string, signed, captured []byte, keys []Key) Match {
	got := Explain(captureOf(header(secret, string(signed)), captured), keys, time.Time{}, at)
	if len(got.Matches) == 0 {
		t.Fatalf("nothing was found for %q, signed as %q: %s", captured, signed, got.Summary)
	}
	return got.Matches[0]
}

func captureOf(value string, body []byte) Request { return captured(value, string(body)) }

// Whatever one change does to a body, the search finds what was signed and names a
// change that leads from there to what was captured.
func TestEveryChangeIsNamed(t *testing.T) {
	longtest.Skip(t)
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			named := 0
			rapid.Check(t, func(t *rapid.T) {
				signed := drawJSON(t)
				if after := c.undo(signed); c.do(signed) == nil || bytes.Equal(c.do(signed), signed) && after != nil { // the change needs something to remove
					signed = after
				}
				seen := c.do(signed)
				text, secret := drawKey(t)
				if seen == nil || bytes.Equal(seen, signed) {
					t.Skip("it changes nothing")
				}
				m := found(t, secret, signed, seen, []Key{{Name: "your signing key", Text: text}})
				if !bytes.Equal(m.message.text, signed) {
					canonical, err := reference.Canonicalise(signed)
					if err != nil || !bytes.Equal(canonical, m.message.text) {
						t.Fatalf("the message found is %q, signed was %q", m.message.text, signed)
					}
				}
				if slices.Contains(m.message.before, c.name) {
					named++
				} else if !reproduces(m.message, seen) {
					t.Fatalf("it says %q, which does not lead from %q to %q", m, signed, seen)
				}
			})
			if named == 0 {
				t.Error("it was never named")
			}
		})
	}
}

// reproduces reports whether what a message says happened to it, or how it was
// written, gives what was captured.
func reproduces(m message, captured []byte) bool {
	for _, name := range m.before {
		for _, c := range changes {
			if c.name == name && bytes.Equal(c.do(m.text), captured) {
				return true
			}
		}
	}
	return m.over != "" // of the same value: see TestEveryLibraryIsNamed
}

// Whatever library wrote the body that was signed, the search finds it.
func TestEveryLibraryIsNamed(t *testing.T) {
	longtest.Skip(t)
	for _, s := range styles {
		t.Run(s.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				body := drawJSON(t)
				v, err := parseJSON(body)
				if err != nil {
					t.Fatal(err)
				}
				signed := s.write(v)
				text, secret := drawKey(t)
				m := found(t, secret, signed, body, []Key{{Name: "your signing key", Text: text}})
				if !bytes.Equal(m.message.text, signed) {
					t.Fatalf("the message found is %q, signed was %q", m.message.text, signed)
				}
			})
		})
	}
}

// Whatever was made of a key, the search names it, also together with a change of
// the body.
func TestEveryFormOfAKeyIsNamed(t *testing.T) {
	longtest.Skip(t)
	rapid.Check(t, func(t *rapid.T) {
		text, secret := drawKey(t)
		other, _ := drawKey(t)
		keys := []Key{{Name: "your signing key", Text: other}, {Name: "your fallback key", Text: text}}
		form := rapid.SampledFrom(KeyForms(text)).Draw(t, "form")
		c := rapid.SampledFrom(changes).Draw(t, "change")
		signed := drawJSON(t)
		seen := c.do(signed)
		if seen == nil || text == other {
			t.Skip("not possible")
		}
		m := found(t, string(form.Secret), signed, seen, keys)
		if m.Key != "your fallback key" || m.Form != form.Name {
			t.Fatalf("%q: named as %s, form %q, want %q (secret %q)", seen, m.Key, m.Form, form.Name, secret)
		}
	})
}

// A signature of a key that nobody named is never explained.
func TestUnknownKeysAreNotExplained(t *testing.T) {
	longtest.Skip(t)
	rapid.Check(t, func(t *rapid.T) {
		text, _ := drawKey(t)
		_, secret := drawKey(t)
		if prefix.ReplaceAllString(text, "") == secret {
			t.Skip("the same key")
		}
		body := drawJSON(t)
		if got := Explain(captureOf(header(secret, string(body)), body), []Key{{Name: "k", Text: text}}, time.Time{}, at); got.Verdict != Invalid || len(got.Matches) > 0 {
			t.Fatalf("%+v", got)
		}
	})
}
