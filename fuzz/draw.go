package fuzz

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// The first choice of every generator is its simplest: a failure shrinks to it.

// Document draws a JSON text that has a canonical form, in any spelling.
func Document() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string { return value(t, 3) })
}

func value(t *rapid.T, depth int) string {
	kinds := []func() string{
		func() string { return rapid.SampledFrom(scalars).Draw(t, "scalar") },
		func() string { return number().Draw(t, "number") },
		func() string { return spell(t, letters().Draw(t, "letters")) },
	}
	if depth > 0 {
		kinds = append(kinds, func() string { return array(t, depth-1) }, func() string { return object(t, depth-1) })
	}
	return pad(t, rapid.SampledFrom(kinds).Draw(t, "kind")())
}

var scalars = []string{"0", "null", "true", "false"}

func array(t *rapid.T, depth int) string {
	elements := make([]string, rapid.IntRange(0, 3).Draw(t, "length"))
	for i := range elements {
		elements[i] = value(t, depth)
	}
	return "[" + strings.Join(elements, ",") + "]"
}

func object(t *rapid.T, depth int) string {
	names := rapid.SliceOfNDistinct(letters(), 0, 3, rapid.ID[string]).Draw(t, "names")
	members := make([]string, len(names))
	for i, name := range names {
		members[i] = pad(t, spell(t, name)) + ":" + value(t, depth)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// pad puts white space around a token, mostly none.
func pad(t *rapid.T, token string) string {
	space := rapid.SampledFrom([]string{"", "", "", " ", "\n", "\t\r"}).Draw(t, "space")
	return space + token + space
}

// letters draws a short text whose letters sort and escape in different ways.
func letters() *rapid.Generator[string] {
	const alphabet = "aé\ufb33😀aé\ufb33😀" + "bz09€&<>/\"\\\t\n\x00\x1f\x7f\u2028\uffff\U0010ffff"
	return rapid.StringOfN(rapid.SampledFrom([]rune(alphabet)), 0, 3, -1)
}

// spell writes a text as a JSON string: each letter raw where that is allowed,
// or escaped.
func spell(t *rapid.T, text string) string {
	var b strings.Builder
	escapeAll := rapid.Bool().Draw(t, "escape")
	for _, r := range text {
		switch {
		case r > 0xffff && escapeAll:
			fmt.Fprintf(&b, `\u%04x\u%04X`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		case r < ' ' || r == '"' || r == '\\' || escapeAll && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}

// number draws a number inside the range of double, also with more digits than
// a double holds.
func number() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"-0", "1", "1.0", "1e2", "1E-2", "1e21", "1e-7", "5e-324", "9007199254740993"}),
		rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) }),
		rapid.Map(rapid.Float64(), func(f float64) string { return fmt.Sprintf("%g", f) }),
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][-+]?[0-9]{1,2})?`),
	)
}

// Text draws what anyone may send as a body: a document, or one that was changed
// so that it may have no canonical form.
func Text() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		document := Document().Draw(t, "document")
		ways := []func() string{
			func() string { return document },
			func() string { return edit(t, document, jsonLetters) },
			func() string { return document + Document().Draw(t, "second") },
			func() string { return `{"a":` + document + `,"a":` + document + `}` },
			func() string { return rapid.SampledFrom(uncanonical).Draw(t, "uncanonical") },
			func() string {
				return "[" + document + "," + rapid.SampledFrom(uncanonical).Draw(t, "uncanonical") + "]"
			},
		}
		return rapid.SampledFrom(ways).Draw(t, "way")()
	})
}

const jsonLetters = "01a\"\\{}[],:.-+eEu \n\x00\x7f\x80\xc3\xff"

// uncanonical are values without a canonical form.
var uncanonical = []string{
	"1e309", "-1e309", "1.7976931348623159e308", `"\ud800"`, `"\udc00"`, `"\ud800\ud800"`, "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"",
	"01", "+1", ".5", "1.", "0x1", "1_0", "NaN", "tr ue", `"\x41"`, "'a'", "\"\n\"", "", "\ufeff0", "0\x00", "[0,]", `{"a":0,}`, "{a:0}",
}

// edit makes one change to a text: a letter put in, a byte taken out, or one for
// the other.
func edit(t *rapid.T, text, alphabet string) string {
	at := rapid.IntRange(0, len(text)).Draw(t, "where")
	letter := rapid.SampledFrom(strings.Split(alphabet, "")).Draw(t, "letter")
	switch how := rapid.IntRange(0, 2).Draw(t, "how"); {
	case how == 0 || at == len(text):
		return text[:at] + letter + text[at:]
	case how == 1:
		return text[:at] + text[at+1:]
	}
	return text[:at] + letter + text[at+1:]
}

// KeyText draws the text of a key, with a prefix or without.
func KeyText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		prefix := rapid.SampledFrom([]string{"signkey-prod-", "signkey-test-", "signkey-branch-", ""}).Draw(t, "prefix")
		return prefix + strings.Join(rapid.SliceOfN(rapid.StringMatching("[0-9a-fA-F]{2}"), 1, 40).Draw(t, "digits"), "")
	})
}

// LongKeyText draws the text of a key of 16 to 40 bytes.
func LongKeyText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		prefix := rapid.SampledFrom([]string{"signkey-prod-", "signkey-test-", ""}).Draw(t, "prefix")
		return prefix + rapid.StringMatching("([0-9a-fA-F]{2}){16,40}").Draw(t, "digits")
	})
}

// BlankKeyText draws a text that holds no key: unset, white space, or a prefix
// with nothing after it.
func BlankKeyText() *rapid.Generator[string] {
	prefix := rapid.StringMatching(`signkey-[a-zA-Z0-9_]{1,8}-`)
	space := rapid.StringOfN(rapid.SampledFrom([]rune(" \t\r\n\v\f\u0085\u00a0\u2028\u3000")), 0, 3, -1)
	return rapid.Custom(func(t *rapid.T) string {
		text := rapid.OneOf(rapid.Just(""), rapid.SampledFrom([]string{"signkey-prod-", "signkey-"}), prefix).Draw(t, "prefix")
		return space.Draw(t, "before") + text + space.Draw(t, "after")
	})
}

const lastSecond = 253402300799 // of the year 9999

// Instant draws a whole second that a header can spell.
func Instant() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64Range(0, lastSecond), func(s int64) time.Time { return time.Unix(s, 0).UTC() })
}

// AnyInstant draws a second that no header can spell, too.
func AnyInstant() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64(), func(s int64) time.Time { return time.Unix(s, 0) })
}

// Signature draws any signature that a header can carry.
func Signature() *rapid.Generator[reference.Signature] {
	return rapid.Custom(func(t *rapid.T) reference.Signature {
		mac := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "mac")
		return reference.Signature{Time: Instant().Draw(t, "at"), MAC: [32]byte(mac)}
	})
}

const headerLetters = "0159aAfFgts=&?;,+-. %_\t\x00é"

// HeaderText draws the text of a header: well-formed, in the other order,
// nearly well-formed, or anything.
func HeaderText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := Signature().Draw(t, "signature")
		parts := []string{"t=" + s.T(), s.String()[len("t=&")+len(s.T()):]}
		ways := []func() string{
			s.String,
			func() string { return parts[1] + "&" + parts[0] },
			func() string { return edit(t, s.String(), headerLetters) },
			func() string { return edit(t, edit(t, s.String(), headerLetters), headerLetters) },
			func() string { return strings.ToUpper(s.String()) },
			func() string {
				more := append(parts, "", "t", "s", "t=", "s=", "t=0"+s.T(), "v=1")
				return strings.Join(rapid.SliceOfN(rapid.SampledFrom(more), 0, 4).Draw(t, "parts"), "&")
			},
			func() string { return rapid.StringOf(rapid.SampledFrom([]rune(headerLetters))).Draw(t, "anything") },
		}
		return rapid.SampledFrom(ways).Draw(t, "way")()
	})
}
