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
	"Number":     {About: "numbers are serialised like ECMAScript doubles", Bug: "digits are kept, lost or formatted differently"},
	"Sorting":    {About: "names are sorted by UTF-16 code units", Bug: "names are sorted by bytes, code points or a locale, or not at every depth"},
	"Escape":     {About: "escape sequences in strings", Bug: "escape sequences are kept, or characters are escaped needlessly"},
	"Unicode":    {About: "non-ASCII characters", Bug: "characters are normalised, replaced or escaped"},
	"WhiteSpace": {About: "white space around values", Bug: "white space is kept"},
	"Shape":      {About: "every kind of JSON value", Bug: "only objects are expected"},
	"Limit":      {About: "nesting; no specification sets a limit", Bug: "a deep body overflows the stack"},
	"Duplicate":  {About: "a duplicate name in an object", Bug: "two parsers disagree on which value was signed"},
	"Surrogate":  {About: "an escaped lone surrogate", Bug: "the signed text is not the sent one: the surrogate is replaced or dropped"},
	"UTF8":       {About: "bytes that are not UTF-8", Bug: "the signed text is not the sent one: bytes are replaced"},
	"Mark":       {About: "a byte order mark, or white space that JSON does not allow", Bug: "characters are skipped that are not signed"},
	"Trailing":   {About: "data after the value", Bug: "the data after the value is not signed"},
	"Overflow":   {About: "a number that overflows a double", Bug: "the number becomes infinity, null or the largest double"},
	"NotJSON":    {About: "almost JSON", Bug: "a lenient parser accepts what others refuse"},
}

// canonical generates canonical.json.
func canonical() (output, error) {
	l := newFileBuilder[vectors.Canonical]("JSON texts and their canonical form (RFC 8785), or that they have none", canonicalFlags)
	byText := map[string]string{} // ids of texts that have a canonical form
	add := func(c vectors.Common, text string) {
		v := vectors.Canonical{Common: c, Body: vectors.NewBody([]byte(text))}
		form, err := reference.Canonicalise([]byte(text))
		v.Result, v.Reference = scored(c, vectors.Refuse)
		if err == nil {
			v.Result, v.Reference = scored(c, vectors.Accept)
			sum, text := sha256.Sum256(form), string(form)
			v.Canonical, v.SHA256 = &text, hex.EncodeToString(sum[:])
		}
		if want := vectors.Refuse; (c.Control != "" && c.Level != may) != (v.Result == want) {
			l.fail("%s: the table and the reference contradict each other: %v", c.ID, err)
		}
		l.add(v)
	}
	has := func(flag, name, level, comment, text string) {
		byText[text] = "canonical." + name
		add(about("canonical."+name, "4.1.3", 5, level, lockout, comment, flag), text)
	}
	for _, e := range forms {
		has(e.flag, e.name, must, e.comment, e.text)
	}
	for i, n := range numbers {
		has("Number", "number-"+strconv.Itoa(i+1), must, "the number "+n, n)
	}
	for _, e := range invalid {
		id, found := byText[e.control]
		if !found {
			has(e.flag, e.name+"-mended", must, "the control of canonical."+e.name, e.control)
			id = byText[e.control]
		}
		c := about("canonical."+e.name, "4.1.3", 5, should, forgery, e.comment, e.flag)
		add(withControl(c, id, "body"), e.text)
	}
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	has("Limit", "depth-100", must, "100 levels of arrays", nested(100))
	has("Limit", "depth-500-objects", should, "500 levels of objects", strings.Repeat(`{"a":`, 500)+"0"+strings.Repeat("}", 500))
	add(about("canonical.depth-1000", "4.1.3", 5, may, availability, "the deepest nesting that the reference canonicalises", "Limit"), nested(reference.MaxDepth))
	add(about("canonical.depth-1001", "4.1.3", 5, may, availability, "deeper nesting than the reference canonicalises", "Limit"), nested(reference.MaxDepth+1))
	return l.done()
}

// numbers are notations of doubles at the boundaries of the ECMAScript format:
// the largest and smallest without an exponent, ties, neighbours, powers of two.
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

// forms are texts with a canonical form.
var forms = []struct{ flag, name, comment, text string }{
	{"Shape", "object", "an object", `{"a":1}`},
	{"Shape", "empty-object", "an empty object", `{}`},
	{"Shape", "array", "the order of an array is kept", `[3,1,2]`},
	{"Shape", "empty-array", "an empty array", `[]`},
	{"Shape", "string", "a string", `"a"`},
	{"Shape", "empty-string", "an empty string", `""`},
	{"Shape", "true", "true", `true`},
	{"Shape", "false", "false", `false`},
	{"Shape", "null", "null", `null`},
	{"Shape", "null-member", "a null member is kept", `{"a":null}`},
	{"Shape", "empty-name", "an empty name", `{"":0}`},
	{"Shape", "same-name-apart", "the same name in two objects", `[{"a":1},{"a":2}]`},
	{"Shape", "same-name-nested", "the same name at two depths", `{"a":{"a":1}}`},
	{"Shape", "names-that-differ-in-case", "two names that differ in case", `{"A":1,"a":2}`},
	{"Shape", "inherited-names", "names with a meaning in JavaScript", `{"__proto__":1,"constructor":2,"toString":3}`},
	{"Shape", "number-names", "names that look like numbers are sorted as strings", `{"10":1,"9":2,"1":3}`},
	{"WhiteSpace", "spaces", "white space everywhere", " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } } \n"},
	{"WhiteSpace", "newline-behind", "a trailing newline", "{}\n"},
	{"WhiteSpace", "space-in-text", "white space in a string is kept", `{"a b":" c "}`},
	{"Sorting", "reversed", "members in reverse order", `{"c":1,"b":2,"a":3}`},
	{"Sorting", "every-depth", "sorted at every depth", `[{"b":{"d":1,"c":[{"f":1,"e":2}]},"a":3}]`},
	{"Sorting", "prefix-first", "a name comes before longer names that begin with it", `{"ab":1,"a":2,"":3,"abc":4}`},
	{"Sorting", "capitals-first", "upper case comes before lower case", `{"a":1,"B":2,"_":3,"1":4}`},
	{"Sorting", "utf-16", "a surrogate comes before the end of the basic plane", "{\"\ufb33\":1,\"😀\":2,\"\uffee\":3,\"\u20ac\":4}"},
	{"Sorting", "accents", "accented letters are not sorted beside their base letters", `{"é":1,"f":2,"e":3,"z":4}`},
	{"Sorting", "composed", "the composed and decomposed forms of a character are two names", "{\"\u00e9\":1,\"e\u0301\":2}"},
	{"Sorting", "escaped-names", "names are sorted by their characters, not by their escape sequences", `{"\u0062":1,"a":2,"\u0000":3}`},
	{"Sorting", "control", "control characters come first", `{"a":1,"\n":2,"\r":3,"\u0080":4}`},
	{"Sorting", "both-surrogates", "pairs with an equal first surrogate are sorted by the second", `{"😁":1,"😀":2}`},
	{"Escape", "needless", "unnecessary escape sequences are removed", `"\u0041\/\u0020\u007e"`},
	{"Escape", "short", "short escape sequences are used where they exist", `"\u0008\u0009\u000a\u000c\u000d\u0022\u005c"`},
	{"Escape", "control-escapes", "other control characters are escaped in lower-case hex", `"\u0000\u0001\u000B\u001F\u001a"`},
	{"Escape", "delete", "DEL is not escaped", `"\u007f\u0080\u009f"`},
	{"Escape", "html", "nothing is escaped for HTML", `"\u003cscript\u003e\u0026\u0027"`},
	{"Escape", "line-separators", "line separators are not escaped", `"\u2028\u2029"`},
	{"Escape", "upper-case-digits", "upper-case hex digits in escape sequences", `"\u00E9\u20AC\uFB33"`},
	{"Escape", "slash", "a slash is not escaped", `"http:\/\/a/b"`},
	{"Escape", "backslash-u", "an escaped backslash before a u", `"\\u0041"`},
	{"Escape", "in-names", "escape sequences in names", `{"\u0061\n":1}`},
	{"Unicode", "two-bytes", "two bytes", `"é"`},
	{"Unicode", "three-bytes", "three bytes", `"€"`},
	{"Unicode", "four-bytes", "four bytes", `"😀"`},
	{"Unicode", "pair", "an escaped pair of surrogates", `"\ud83d\ude00"`},
	{"Unicode", "pair-capitals", "an escaped pair of surrogates in upper case", `"\uD83D\uDE00"`},
	{"Unicode", "last", "the last code point", `"\udbff\udfff"`},
	{"Unicode", "noncharacter", "noncharacters", `"\uffff\ufdd0"`},
	{"Unicode", "replacement", "the replacement character", `"\ufffd"`},
	{"Unicode", "not-composed", "Unicode is not normalised", `"e\u0301"`},
	{"Unicode", "mark-inside", "a byte order mark inside a string is a character", `"\ufeff"`},
	{"Unicode", "bidi", "characters that change the text direction", `"\u202e\u200f"`},
	{"Number", "many", "numbers in an array", `[1.0,2.50,-0,1e3]`},
}

// invalid are texts without a canonical form, each with a control that has one.
var invalid = []struct{ flag, name, comment, text, control string }{
	{"Duplicate", "name-twice", "a duplicate name with equal values", `{"a":1,"a":1}`, `{"a":1,"b":1}`},
	{"Duplicate", "name-twice-two-values", "a duplicate name with different values", `{"a":1,"a":2}`, `{"a":1,"b":2}`},
	{"Duplicate", "name-twice-escaped", "a duplicate name, escaped differently", `{"a":1,"\u0061":2}`, `{"a":1,"\u0062":2}`},
	{"Duplicate", "name-twice-deep", "a duplicate name in a nested object", `[{"x":{"a":1,"b":2,"a":3}}]`, `[{"x":{"a":1,"b":2,"c":3}}]`},
	{"Duplicate", "empty-name-twice", "a duplicate empty name", `{"":1,"":2}`, `{"":1,"a":2}`},
	{"Duplicate", "name-twice-pair", "a duplicate name, once as an escaped pair of surrogates", `{"😀":1,"\ud83d\ude00":2}`, `{"😀":1,"\ud83d\ude01":2}`},
	{"Surrogate", "lone-high", "a lone high surrogate", `"\ud800"`, `"\ud800\udc00"`},
	{"Surrogate", "lone-low", "a lone low surrogate", `"\udc00"`, `"\ud800\udc00"`},
	{"Surrogate", "two-high", "two high surrogates", `"\ud800\ud800"`, `"\ud800\udc00"`},
	{"Surrogate", "wrong-way-round", "a low surrogate before a high one", `"\udc00\ud800"`, `"\ud800\udc00"`},
	{"Surrogate", "high-before-letter", "a high surrogate before a letter", `"\ud800a"`, `"\ud800\udc00a"`},
	{"Surrogate", "lone-in-name", "a lone surrogate in a name", `{"\ud800":1}`, `{"\ud800\udc00":1}`},
	{"UTF8", "byte-ff", "a byte that never occurs in UTF-8", "\"\xff\"", "\"\u00ff\""},
	{"UTF8", "continuation", "a lone continuation byte", "\"\x80\"", "\"\u0080\""},
	{"UTF8", "truncated", "a character without its last byte", "\"\xe2\x82\"", `"€"`},
	{"UTF8", "overlong", "an overlong encoding", "\"\xc1\x81\"", `"A"`},
	{"UTF8", "surrogate", "a surrogate encoded in three bytes", "\"\xed\xa0\x80\"", "\"\ue000\""},
	{"UTF8", "beyond", "a code point beyond the last", "\"\xf4\x90\x80\x80\"", "\"\U0010ffff\""},
	{"UTF8", "latin-1", "a letter in Latin-1", "\"\xe9\"", `"é"`},
	{"UTF8", "in-name", "invalid UTF-8 in a name", "{\"\xff\":1}", "{\"\u00ff\":1}"},
	{"UTF8", "encoded-as-utf-16", "a body in UTF-16", "{\x00}\x00", `{}`},
	{"Mark", "byte-order-mark", "a leading byte order mark", "\ufeff{}", `{}`},
	{"Mark", "byte-order-mark-behind", "a trailing byte order mark", "{}\ufeff", `{}`},
	{"Mark", "form-feed", "a leading form feed", "\f{}", `{}`},
	{"Mark", "no-break-space", "a leading no-break space", "\u00a0{}", `{}`},
	{"Mark", "line-separator", "a line separator between values", "[1,\u20282]", `[1,2]`},
	{"Trailing", "second-value", "a second value", "{} {}", `{}`},
	{"Trailing", "second-number", "a second number", "1 2", "12"},
	{"Trailing", "text-behind", "trailing text", "{}x", `{}`},
	{"Trailing", "zero-byte-behind", "a trailing NUL byte", "{}\x00", `{}`},
	{"Trailing", "bracket-behind", "a trailing bracket", "{}}", `{}`},
	{"Trailing", "comma-behind", "a trailing comma after the value", "{},", `{}`},
	{"Overflow", "beyond-double", "overflows a double", "1e309", "1e308"},
	{"Overflow", "beyond-double-negative", "overflows a double, negative", "[-1e309]", "[-1e308]"},
	{"Overflow", "just-beyond", "the first decimal that rounds to infinity", "1.797693134862315808e308", "1.797693134862315807e308"},
	{"Overflow", "beyond-without-exponent", "overflows a double, without an exponent", strings.Repeat("9", 310), strings.Repeat("9", 308)},
	{"Overflow", "huge-exponent", "an exponent of ten digits", "1e9999999999", "1e-9999999999"},
	{"NotJSON", "nothing", "an empty body", "", `{}`},
	{"NotJSON", "blank", "only white space", " \n", `{}`},
	{"NotJSON", "unfinished-object", "an unfinished object", `{"a":1`, `{"a":1}`},
	{"NotJSON", "unfinished-array", "an unfinished array", `[1`, `[1]`},
	{"NotJSON", "unfinished-string", "an unfinished string", `"a`, `"a"`},
	{"NotJSON", "wrong-bracket", "the wrong bracket", `[1}`, `[1]`},
	{"NotJSON", "comma-at-end", "a trailing comma in an object", `{"a":1,}`, `{"a":1}`},
	{"NotJSON", "comma-at-end-of-array", "a trailing comma in an array", `[1,]`, `[1]`},
	{"NotJSON", "comma-missing", "a missing comma", `[1 2]`, `[1,2]`},
	{"NotJSON", "colon-missing", "a missing colon", `{"a" 1}`, `{"a":1}`},
	{"NotJSON", "name-without-quotes", "an unquoted name", `{a:1}`, `{"a":1}`},
	{"NotJSON", "number-as-name", "a number as a name", `{1:1}`, `{"1":1}`},
	{"NotJSON", "single-quotes", "single quotes", `{'a':1}`, `{"a":1}`},
	{"NotJSON", "comment", "a comment", `{"a":1/**/}`, `{"a":1}`},
	{"NotJSON", "leading-zero", "a leading zero", `01`, `1`},
	{"NotJSON", "plus", "a plus sign", `+1`, `1`},
	{"NotJSON", "no-digit-before-point", "no digit before the decimal point", `.5`, `0.5`},
	{"NotJSON", "no-digit-behind-point", "no digit after the decimal point", `5.`, `5.0`},
	{"NotJSON", "no-digit-in-exponent", "no digit in the exponent", `5e`, `5e0`},
	{"NotJSON", "minus-alone", "a lone minus sign", `-`, `-1`},
	{"NotJSON", "hexadecimal", "hexadecimal", `0x10`, `16`},
	{"NotJSON", "nan", "NaN", `NaN`, `null`},
	{"NotJSON", "infinity", "infinity", `-Infinity`, `null`},
	{"NotJSON", "capital-literal", "a capitalised literal", `True`, `true`},
	{"NotJSON", "newline-in-text", "an unescaped newline in a string", "\"a\nb\"", `"a\nb"`},
	{"NotJSON", "tab-in-text", "an unescaped tab in a string", "\"a\tb\"", `"a\tb"`},
	{"NotJSON", "zero-byte-in-text", "an unescaped NUL byte in a string", "\"a\x00b\"", `"a\u0000b"`},
	{"NotJSON", "unknown-escape", "an unknown escape sequence", `"\x41"`, `"\u0041"`},
	{"NotJSON", "short-escape", "an escape sequence that is too short", `"\u41"`, `"\u0041"`},
	{"NotJSON", "capital-escape", "an escape sequence with an upper-case U", `"\U0041"`, `"\u0041"`},
	{"NotJSON", "sign-in-escape", "an escape sequence with a sign", `"\u+041"`, `"\u0041"`},
}
