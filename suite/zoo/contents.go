package zoo

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/countersign-dev/countersign/reference"
)

// contents are the mutants that refuse calls with some content, because they encode
// it anew, and differently, before the MAC, or cannot read it.
func contents() []Mutant {
	const characters, numbers, names, shapes = "calls.characters", "calls.numbers", "calls.names", "calls.shapes"
	return []Mutant{
		encodes("escapes-del", characters, "DEL is escaped", swapping("\u007f", `\u007f`)),
		encodes("escapes-separators", characters, "U+2028 and U+2029 are escaped, as for a script",
			swapping("\u2028", `\u2028`, "\u2029", `\u2029`)),
		encodes("escapes-astral-characters", characters, "characters beyond U+FFFF are escaped as surrogate pairs", escaping(func(r rune) bool { return r > 0xffff })),
		encodes("drops-byte-order-marks", characters, "U+FEFF inside a text is dropped when the body is decoded", swapping("\ufeff", "")),
		encodes("composes-accents", characters, "texts are normalised (NFC)", swapping("e\u0301", "é", "A\u030a", "Å", "\u212b", "Å")),
		encodes("replaces-noncharacters", characters, "noncharacters are replaced by U+FFFD",
			swapping("\ufdd0", "\ufffd", "\ufffe", "\ufffd", "\uffff", "\ufffd")),
		encodes("drops-c1-controls", characters, "C1 control characters are dropped",
			func(text string) string {
				return strings.Map(func(r rune) rune {
					if r >= 0x80 && r <= 0x9f {
						return -1
					}
					return r
				}, text)
			}),
		encodes("ends-texts-at-nul", characters, "texts end at a NUL", swapping(`a\u0000b`, "a")),
		encodes("turns-line-breaks", characters, "CR LF becomes LF", swapping(`\r\n`, `\n`)),
		encodes("trims-texts", characters, "blanks at the ends of texts are removed", swapping(`":" a`, `":"a`)),
		encodes("decodes-percent-signs", characters, "texts are percent-decoded", swapping("%41", "A")),
		encodes("floats-for-integers", numbers, "integers of sixteen digits are written as floats", swapping("1234567890123456", "1.234567890123456e+15")),
		encodes("exponents-without-sign", numbers, "exponents are written without a plus sign", swapping("1e+21", "1e21", "e+300", "e300", "e+22", "e22", "e+308", "e308")),
		encodes("decimals-rounded", numbers, "decimals are rounded to fifteen digits", swapping("0.30000000000000004", "0.3", "0.3333333333333333", "0.333333333333333")),
		encodes("integers-in-64-bits", numbers, "integers beyond 64 bits are cut off", swapping("123456780000000000000", "9223372036854775807", "100000000000000000000", "9223372036854775807")),
		encodes("drops-prototype", names, "a member named __proto__ is dropped when the body is copied", swapping(`"__proto__":{"polluted":true},`, "")),
		encodes("drops-empty-names", names, "members with an empty name are dropped", swapping(`"":1,`, "")),
		encodes("sorts-numeric-names", names, "names that are numbers are sorted as numbers", swapping(`"1":3,"1.5":6,"10":1,"4294967295":7,"9":2`, `"1":3,"1.5":6,"9":2,"10":1,"4294967295":7`)),
		encodes("sorts-by-code-point", names, "names are sorted by code point, not by UTF-16 code unit", swapping(`"😀":2,"`+"\ue000"+`":3,"`+"\ufb33"+`":1,"`+"\uffff"+`":4`, `"`+"\ue000"+`":3,"`+"\ufb33"+`":1,"`+"\uffff"+`":4,"😀":2`)),
		encodes("names-in-lower-case", names, "names that differ in case only are one", swapping(`"NAME":3,"Name":1`, `"name":1`)),
		{
			Name: "shallow-parser", Part: Bodies, Kills: "calls.nested",
			Defect: "the parser gives up at a depth of 128",
			Break: lockOut(func(c *reference.Context, _ reference.MatchedKey) bool {
				return bytes.Contains(c.Body, bytes.Repeat([]byte("["), 128))
			}),
		},
		encodes("drops-empty-values", shapes, "empty arrays and objects are dropped", swapping(`"",{},[],null`, `"",null`)),
		{
			Name: "few-members", Part: Bodies, Kills: shapes,
			Defect: "a body with more than a thousand members is refused, as by some parsers of forms",
			Break: lockOut(func(c *reference.Context, _ reference.MatchedKey) bool {
				return bytes.Count(c.Body, []byte(`":`)) > 1000
			}),
		},
	}
}

// encodes makes a mutant that encodes the body anew before the MAC, with a mistake.
func encodes(name, kills, defect string, encode func(string) string) Mutant {
	return Mutant{
		Name: name, Part: Bodies, Kills: kills, Defect: "the body is encoded again before the MAC: " + defect,
		Break: lockOut(func(c *reference.Context, _ reference.MatchedKey) bool {
			return isCall(c.Request) && encode(string(c.Body)) != string(c.Body)
		}),
	}
}

func swapping(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

// escaping escapes some characters in hexadecimal.
func escaping(when func(rune) bool) func(string) string {
	return func(text string) string {
		var b strings.Builder
		for _, r := range text {
			if when(r) && r != unicode.ReplacementChar {
				fmt.Fprintf(&b, `\U%08x`, r)
				continue
			}
			b.WriteRune(r)
		}
		return b.String()
	}
}
