package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/vectors"
)

var canonicalFlags = map[string]vectors.Flag{
	"Number":     {About: "numbers are written as ECMAScript writes doubles", Bug: "digits are kept, lost, or written in another form"},
	"Sorting":    {About: "names are sorted by UTF-16 code units", Bug: "names are sorted by bytes, code points or a language's rules, or not at every depth"},
	"Escape":     {About: "escapes in texts", Bug: "escapes are kept, or characters are escaped that need not be"},
	"Unicode":    {About: "characters beyond ASCII", Bug: "characters are composed, replaced or escaped"},
	"WhiteSpace": {About: "white space around values", Bug: "white space is kept"},
	"Shape":      {About: "every kind of JSON value", Bug: "only objects are expected"},
	"Limit":      {About: "nesting; no text sets a limit", Bug: "a deep body overflows the stack"},
	"Duplicate":  {About: "a name twice in one object", Bug: "two readers take two different values for signed"},
	"Surrogate":  {About: "an escaped surrogate without its other half", Bug: "what is signed is not what was sent: the half is replaced, or dropped"},
	"UTF8":       {About: "bytes that are no UTF-8", Bug: "what is signed is not what was sent: bytes are replaced"},
	"Mark":       {About: "a byte order mark, or white space that JSON does not know", Bug: "characters are skipped that are not signed"},
	"Trailing":   {About: "something behind the value", Bug: "what stands behind the value is not signed"},
	"Overflow":   {About: "a number beyond double", Bug: "a number becomes infinity, null, or the largest double"},
	"NotJSON":    {About: "almost JSON", Bug: "a lenient parser reads what others do not"},
}

// canonical: texts, and their canonical form or that there is none.
func canonical() (made, error) {
	l := newLedger[vectors.Canonical]("texts, and their canonical form (RFC 8785), or that they have none", canonicalFlags)
	byText := map[string]string{} // ids of texts that have a form
	enter := func(c vectors.Common, text string) {
		v := vectors.Canonical{Common: c, Body: vectors.NewBody([]byte(text))}
		form, err := reference.Canonicalise([]byte(text))
		v.Result, v.Reference = scored(c, vectors.Refuse)
		if err == nil {
			v.Result, v.Reference = scored(c, vectors.Accept)
			sum, text := sha256.Sum256(form), string(form)
			v.Canonical, v.SHA256 = &text, hex.EncodeToString(sum[:])
		}
		if want := vectors.Refuse; (c.Control != "" && c.Level != may) != (v.Result == want) {
			l.fail("%s: the table and the reference differ: %v", c.ID, err)
		}
		l.add(v)
	}
	has := func(flag, name, level, comment, text string) {
		byText[text] = "canonical." + name
		enter(about("canonical."+name, "4.1.3", 5, level, lockout, comment, flag), text)
	}
	for _, e := range forms {
		has(e.flag, e.name, must, e.comment, e.text)
	}
	for i, n := range numbers {
		has("Number", "number-"+strconv.Itoa(i+1), must, "one double: "+n, n)
	}
	for _, e := range formless {
		twin, there := byText[e.mended]
		if !there {
			has(e.flag, e.name+"-mended", must, "has a form: "+e.name+", mended", e.mended)
			twin = byText[e.mended]
		}
		c := about("canonical."+e.name, "4.1.3", 5, should, forgery, e.comment, e.flag)
		enter(twinned(c, twin, "body"), e.text)
	}
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	has("Limit", "depth-100", must, "arrays, a hundred deep", nested(100))
	has("Limit", "depth-500-objects", should, "objects, five hundred deep", strings.Repeat(`{"a":`, 500)+"0"+strings.Repeat("}", 500))
	enter(about("canonical.depth-1000", "4.1.3", 5, may, availability, "as deep as the reference goes", "Limit"), nested(reference.MaxDepth))
	enter(about("canonical.depth-1001", "4.1.3", 5, may, availability, "deeper than the reference goes", "Limit"), nested(reference.MaxDepth+1))
	return l.done()
}

// numbers are spellings of doubles at the edges of what ECMAScript's form does:
// the last and the first with an exponent, ties, neighbours, powers of two.
var numbers = []string{
	"0", "-0", "0.0", "-0e5", "0e999", "1", "-1", "1.0", "10", "1e0", "1E2", "1e+2", "100e-2", "1.50", "0.10",
	"1e20", "123456789012345678901", "1e21", "1e22", "-1e21", "999999999999999999999", "999999999999999900000",
	"0.000001", "1e-6", "0.0000001", "1e-7", "0.00000123", "1.5e-7", "-1e-7",
	"9007199254740991", "9007199254740992", "9007199254740993", "9007199254740994", "-9007199254740993",
	"9223372036854775807", "18446744073709551615", "18446744073709551616",
	"0.1", "0.2", "0.30000000000000004", "0.3", "333333333.33333329", "1424953923781206.25", "1.7976931348623157e308",
	"1.7976931348623158e308", "2.2250738585072014e-308", "2.2250738585072011e-308", "5e-324", "4.9e-324", "3e-324", "2e-324", "1e-400",
	"9.999999999999997e22", "1e23", "1.0000000000000001e23", "295147905179352825856", "-0.0000033333333333333333",
	"4.50", "2e-3", "1E30", "0.000000000000000000000000001", "12345678901234567890123456789e-10",
	"1767323045000", "3.141592653589793238462643383279",
}

// forms are texts that have a canonical form.
var forms = []struct{ flag, name, comment, text string }{
	{"Shape", "object", "an object", `{"a":1}`},
	{"Shape", "empty-object", "an empty object", `{}`},
	{"Shape", "array", "the order of an array stays", `[3,1,2]`},
	{"Shape", "empty-array", "an empty array", `[]`},
	{"Shape", "string", "a text alone", `"a"`},
	{"Shape", "empty-string", "an empty text", `""`},
	{"Shape", "true", "true", `true`},
	{"Shape", "false", "false", `false`},
	{"Shape", "null", "null", `null`},
	{"Shape", "null-member", "a member that is null stays", `{"a":null}`},
	{"Shape", "empty-name", "an empty name", `{"":0}`},
	{"Shape", "same-name-apart", "the same name in two objects", `[{"a":1},{"a":2}]`},
	{"Shape", "same-name-nested", "the same name at two depths", `{"a":{"a":1}}`},
	{"Shape", "names-that-differ-in-case", "two names that differ in case", `{"A":1,"a":2}`},
	{"Shape", "inherited-names", "names that mean something to JavaScript", `{"__proto__":1,"constructor":2,"toString":3}`},
	{"Shape", "number-names", "names that look like numbers are sorted as texts", `{"10":1,"9":2,"1":3}`},
	{"WhiteSpace", "spaces", "white space everywhere", " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } } \n"},
	{"WhiteSpace", "newline-behind", "a newline behind", "{}\n"},
	{"WhiteSpace", "space-in-text", "white space in a text stays", `{"a b":" c "}`},
	{"Sorting", "reversed", "members in the opposite order", `{"c":1,"b":2,"a":3}`},
	{"Sorting", "every-depth", "sorted at every depth", `[{"b":{"d":1,"c":[{"f":1,"e":2}]},"a":3}]`},
	{"Sorting", "prefix-first", "a name comes before those that it begins", `{"ab":1,"a":2,"":3,"abc":4}`},
	{"Sorting", "capitals-first", "capitals come before lower case", `{"a":1,"B":2,"_":3,"1":4}`},
	{"Sorting", "utf-16", "a surrogate comes before the end of the basic plane", "{\"\ufb33\":1,\"😀\":2,\"\uffee\":3,\"\u20ac\":4}"},
	{"Sorting", "accents", "accents do not sort with their letters", `{"é":1,"f":2,"e":3,"z":4}`},
	{"Sorting", "composed", "two spellings of one character are two names", "{\"\u00e9\":1,\"e\u0301\":2}"},
	{"Sorting", "escaped-names", "names are sorted by what they mean, not by how they are written", `{"\u0062":1,"a":2,"\u0000":3}`},
	{"Sorting", "control", "control characters come first", `{"a":1,"\n":2,"\r":3,"\u0080":4}`},
	{"Sorting", "both-surrogates", "equal first surrogates are told apart by the second", `{"😁":1,"😀":2}`},
	{"Escape", "needless", "needless escapes are dropped", `"\u0041\/\u0020\u007e"`},
	{"Escape", "short", "short escapes are used where there are some", `"\u0008\u0009\u000a\u000c\u000d\u0022\u005c"`},
	{"Escape", "control-escapes", "other control characters are escaped in lower-case hex", `"\u0000\u0001\u000B\u001F\u001a"`},
	{"Escape", "delete", "DEL is not escaped", `"\u007f\u0080\u009f"`},
	{"Escape", "html", "nothing is escaped for HTML", `"\u003cscript\u003e\u0026\u0027"`},
	{"Escape", "line-separators", "line separators are not escaped", `"\u2028\u2029"`},
	{"Escape", "upper-case-digits", "escapes in capitals", `"\u00E9\u20AC\uFB33"`},
	{"Escape", "slash", "a slash is not escaped", `"http:\/\/a/b"`},
	{"Escape", "backslash-u", "an escaped backslash before a u", `"\\u0041"`},
	{"Escape", "in-names", "escapes in names", `{"\u0061\n":1}`},
	{"Unicode", "two-bytes", "two bytes", `"é"`},
	{"Unicode", "three-bytes", "three bytes", `"€"`},
	{"Unicode", "four-bytes", "four bytes", `"😀"`},
	{"Unicode", "pair", "an escaped pair of surrogates", `"\ud83d\ude00"`},
	{"Unicode", "pair-capitals", "an escaped pair in capitals", `"\uD83D\uDE00"`},
	{"Unicode", "last", "the last character", `"\udbff\udfff"`},
	{"Unicode", "noncharacter", "a code point that is no character", `"\uffff\ufdd0"`},
	{"Unicode", "replacement", "the replacement character, written as such", `"\ufffd"`},
	{"Unicode", "not-composed", "nothing is composed", `"e\u0301"`},
	{"Unicode", "mark-inside", "a byte order mark inside a text is a character", `"\ufeff"`},
	{"Unicode", "bidi", "characters that change the direction", `"\u202e\u200f"`},
	{"Number", "many", "numbers in an array", `[1.0,2.50,-0,1e3]`},
}

// formless are texts without a canonical form, each with the text that has one.
var formless = []struct{ flag, name, comment, text, mended string }{
	{"Duplicate", "name-twice", "a name twice, with one value", `{"a":1,"a":1}`, `{"a":1,"b":1}`},
	{"Duplicate", "name-twice-two-values", "a name twice, with two values", `{"a":1,"a":2}`, `{"a":1,"b":2}`},
	{"Duplicate", "name-twice-escaped", "a name twice, in two spellings", `{"a":1,"\u0061":2}`, `{"a":1,"\u0062":2}`},
	{"Duplicate", "name-twice-deep", "a name twice, deep inside", `[{"x":{"a":1,"b":2,"a":3}}]`, `[{"x":{"a":1,"b":2,"c":3}}]`},
	{"Duplicate", "empty-name-twice", "the empty name twice", `{"":1,"":2}`, `{"":1,"a":2}`},
	{"Duplicate", "name-twice-pair", "a name twice, once as an escaped pair", `{"😀":1,"\ud83d\ude00":2}`, `{"😀":1,"\ud83d\ude01":2}`},
	{"Surrogate", "lone-high", "a high surrogate alone", `"\ud800"`, `"\ud800\udc00"`},
	{"Surrogate", "lone-low", "a low surrogate alone", `"\udc00"`, `"\ud800\udc00"`},
	{"Surrogate", "two-high", "two high surrogates", `"\ud800\ud800"`, `"\ud800\udc00"`},
	{"Surrogate", "wrong-way-round", "a pair the wrong way round", `"\udc00\ud800"`, `"\ud800\udc00"`},
	{"Surrogate", "high-before-letter", "a high surrogate before a letter", `"\ud800a"`, `"\ud800\udc00a"`},
	{"Surrogate", "lone-in-name", "a lone surrogate in a name", `{"\ud800":1}`, `{"\ud800\udc00":1}`},
	{"UTF8", "byte-ff", "a byte that UTF-8 never has", "\"\xff\"", "\"\u00ff\""},
	{"UTF8", "continuation", "a continuation byte alone", "\"\x80\"", "\"\u0080\""},
	{"UTF8", "truncated", "a character without its last byte", "\"\xe2\x82\"", `"€"`},
	{"UTF8", "overlong", "a character in more bytes than it needs", "\"\xc1\x81\"", `"A"`},
	{"UTF8", "surrogate", "a surrogate in three bytes", "\"\xed\xa0\x80\"", "\"\ue000\""},
	{"UTF8", "beyond", "a character beyond the last", "\"\xf4\x90\x80\x80\"", "\"\U0010ffff\""},
	{"UTF8", "latin-1", "a letter in Latin-1", "\"\xe9\"", `"é"`},
	{"UTF8", "in-name", "in a name", "{\"\xff\":1}", "{\"\u00ff\":1}"},
	{"UTF8", "encoded-as-utf-16", "the whole in UTF-16", "{\x00}\x00", `{}`},
	{"Mark", "byte-order-mark", "a byte order mark before", "\ufeff{}", `{}`},
	{"Mark", "byte-order-mark-behind", "a byte order mark behind", "{}\ufeff", `{}`},
	{"Mark", "form-feed", "a form feed before", "\f{}", `{}`},
	{"Mark", "no-break-space", "a no-break space before", "\u00a0{}", `{}`},
	{"Mark", "line-separator", "a line separator between", "[1,\u20282]", `[1,2]`},
	{"Trailing", "second-value", "a second value", "{} {}", `{}`},
	{"Trailing", "second-number", "a second number", "1 2", "12"},
	{"Trailing", "text-behind", "text behind", "{}x", `{}`},
	{"Trailing", "zero-byte-behind", "a zero byte behind", "{}\x00", `{}`},
	{"Trailing", "bracket-behind", "a bracket behind", "{}}", `{}`},
	{"Trailing", "comma-behind", "a comma behind", "{},", `{}`},
	{"Overflow", "beyond-double", "beyond double", "1e309", "1e308"},
	{"Overflow", "beyond-double-negative", "beyond double, negative", "[-1e309]", "[-1e308]"},
	{"Overflow", "just-beyond", "the first decimal that rounds to infinity", "1.797693134862315808e308", "1.797693134862315807e308"},
	{"Overflow", "beyond-without-exponent", "beyond double, without an exponent", strings.Repeat("9", 310), strings.Repeat("9", 308)},
	{"Overflow", "huge-exponent", "an exponent of ten digits", "1e9999999999", "1e-9999999999"},
	{"NotJSON", "nothing", "no byte at all", "", `{}`},
	{"NotJSON", "blank", "white space alone", " \n", `{}`},
	{"NotJSON", "unfinished-object", "an object without its end", `{"a":1`, `{"a":1}`},
	{"NotJSON", "unfinished-array", "an array without its end", `[1`, `[1]`},
	{"NotJSON", "unfinished-string", "a text without its end", `"a`, `"a"`},
	{"NotJSON", "wrong-bracket", "the wrong bracket", `[1}`, `[1]`},
	{"NotJSON", "comma-at-end", "a comma at the end", `{"a":1,}`, `{"a":1}`},
	{"NotJSON", "comma-at-end-of-array", "a comma at the end of an array", `[1,]`, `[1]`},
	{"NotJSON", "comma-missing", "a comma is missing", `[1 2]`, `[1,2]`},
	{"NotJSON", "colon-missing", "a colon is missing", `{"a" 1}`, `{"a":1}`},
	{"NotJSON", "name-without-quotes", "a name without quotes", `{a:1}`, `{"a":1}`},
	{"NotJSON", "number-as-name", "a number as a name", `{1:1}`, `{"1":1}`},
	{"NotJSON", "single-quotes", "single quotes", `{'a':1}`, `{"a":1}`},
	{"NotJSON", "comment", "a comment", `{"a":1/**/}`, `{"a":1}`},
	{"NotJSON", "leading-zero", "a leading zero", `01`, `1`},
	{"NotJSON", "plus", "a plus sign", `+1`, `1`},
	{"NotJSON", "no-digit-before-point", "no digit before the point", `.5`, `0.5`},
	{"NotJSON", "no-digit-behind-point", "no digit behind the point", `5.`, `5.0`},
	{"NotJSON", "no-digit-in-exponent", "no digit in the exponent", `5e`, `5e0`},
	{"NotJSON", "minus-alone", "a minus sign alone", `-`, `-1`},
	{"NotJSON", "hexadecimal", "hexadecimal", `0x10`, `16`},
	{"NotJSON", "nan", "not a number", `NaN`, `null`},
	{"NotJSON", "infinity", "infinity", `-Infinity`, `null`},
	{"NotJSON", "capital-literal", "a literal in capitals", `True`, `true`},
	{"NotJSON", "newline-in-text", "a newline in a text, not escaped", "\"a\nb\"", `"a\nb"`},
	{"NotJSON", "tab-in-text", "a tab in a text, not escaped", "\"a\tb\"", `"a\tb"`},
	{"NotJSON", "zero-byte-in-text", "a zero byte in a text, not escaped", "\"a\x00b\"", `"a\u0000b"`},
	{"NotJSON", "unknown-escape", "an escape that JSON does not have", `"\x41"`, `"\u0041"`},
	{"NotJSON", "short-escape", "an escape that is too short", `"\u41"`, `"\u0041"`},
	{"NotJSON", "capital-escape", "an escape with a capital U", `"\U0041"`, `"\u0041"`},
	{"NotJSON", "sign-in-escape", "an escape with a sign", `"\u+041"`, `"\u0041"`},
}
