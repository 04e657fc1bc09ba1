package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

var headerFlags = map[string]vectors.Flag{
	"Normal":        {About: "the header as the server writes it"},
	"EdgeValue":     {About: "well-formed, with an unusual value"},
	"Absent":        {About: "a part, or the whole header, is missing or empty", Bug: "a missing part is read as zero or as an empty string, and compared"},
	"Repeated":      {About: "a part, or the whole header, appears twice", Bug: "one occurrence is checked and another is used"},
	"Grammar":       {About: "not a query string of t and s", Bug: "a lenient parser finds t and s where they are not"},
	"OrderOrExtras": {About: "order, separators, extra parameters, percent-encoding: unspecified"},
	"TNotDecimal":   {About: "t is a number only to a lenient parser", Bug: "the number that is compared with the clock is not the text that the MAC covers"},
	"TRange":        {About: "t is decimal and out of range", Bug: "the number wraps around, saturates or loses digits"},
	"SLength":       {About: "s is not 64 digits long", Bug: "MACs are compared only up to the length of the shorter one"},
	"SAlphabet":     {About: "s contains something other than lower-case hex digits", Bug: "a decoder stops at, or skips, invalid characters"},
}

// header generates header.json.
func header() (output, error) {
	l := newFileBuilder[vectors.Header]("values of `X-Inngest-Signature`, and `t` and `s` or the rule that the value breaks", headerFlags)
	s := strings.Repeat("0123456789abcdef", 4)
	const t = "1767323045"
	add := func(common vectors.Common, values ...string) {
		signature, _, err := reference.ParseHeaders(values)
		v := vectors.Header{Common: common, Values: append([]string{}, values...)}
		if err != nil {
			v.Result, v.Reference = scored(common, vectors.Refuse)
			v.Rule = ruleOf(err)
			v.Common = withControl(common, "header.server", "values")
		} else {
			v.Result, v.Reference = scored(common, vectors.Accept)
			v.T, v.S = signature.T(), hexOf(signature.MAC)
		}
		l.add(v)
	}
	good := func(name, comment, t, s string) {
		add(about("header."+name, "4.1.1", 2, must, lockout, comment, "EdgeValue"), "t="+t+"&s="+s)
	}
	bad := func(name, flag, comment string, values ...string) {
		add(sentBy(suite.Anyone, about("header."+name, "4.1.3", 5, must, forgery, comment, flag)), values...)
	}
	hardening := func(name, flag, comment, value string) { // it contains a whole MAC, which only the signer can make
		add(sentBy(suite.Signer, about("header."+name, "4.1.3", 5, should, forgery, comment, flag)), value)
	}
	badT := func(name, flag, comment, t string) {
		c := sentBy(suite.Signer, about("header.t-"+name, "4.1.3", 4, should, replay, comment, flag)) // R9
		if flag == "TNotDecimal" {
			c = ambiguous("R9", c)
		}
		add(c, "t="+t+"&s="+s)
	}
	open := func(id, name, flag, comment string, values ...string) {
		add(ambiguous(id, about("header."+name, "4.1.1", 2, may, interoperability, comment, flag)), values...)
	}

	add(about("header.server", "4.1.1", 2, must, lockout, "as the server writes it", "Normal"), "t="+t+"&s="+s)
	good("t-zero", "the first second of 1970 is a valid time", "0", s)
	good("t-one-digit", "a short t", "7", s)
	good("t-32-bits", "the first second that overflows a signed 32-bit integer", "2147483648", s)
	good("t-last", "the last second of the year 9999", "253402300799", s)
	good("s-zeros", "a MAC of zeros is well-formed", t, strings.Repeat("0", 64))
	good("s-digits-only", "a MAC of digits only is not a number", t, strings.Repeat("1234567890", 6)+"1234")
	good("s-exponent", "a MAC that looks like a number with an exponent is not a number", t, "0e"+strings.Repeat("1", 62))

	bad("none", "Absent", "no header")
	bad("empty", "Absent", "an empty header", "")
	bad("blank", "Absent", "a header of one space", " ")
	hardening("t-missing", "Absent", "no t", "s="+s)
	hardening("t-empty", "Absent", "an empty t", "t=&s="+s)
	hardening("t-without-sign", "Absent", "t without an equals sign", "t&s="+s)
	bad("s-missing", "Absent", "no s", "t="+t)
	bad("s-empty", "Absent", "an empty s", "t="+t+"&s=")
	bad("names-only", "Absent", "both parameters without values", "t=&s=")
	bad("s-without-sign", "Absent", "s without an equals sign", "t="+t+"&s")

	hardening("mac-alone", "Grammar", "a MAC without parameter names", s)
	bad("words", "Grammar", "a word", "signed")
	hardening("json", "Grammar", "JSON instead of a query string", `{"t":`+t+`,"s":"`+s+`"}`)
	open("R7", "comma", "OrderOrExtras", "joined by a comma", "t="+t+",s="+s)
	open("R7", "semicolon", "OrderOrExtras", "joined by a semicolon", "t="+t+";s="+s)
	open("R7", "question-mark", "OrderOrExtras", "a leading question mark", "?t="+t+"&s="+s)
	open("R7", "blank-before", "OrderOrExtras", "a leading space", " t="+t+"&s="+s)
	open("R7", "blank-after-and", "OrderOrExtras", "a space after the ampersand", "t="+t+"& s="+s)
	open("R7", "and-before", "OrderOrExtras", "a leading ampersand", "&t="+t+"&s="+s)
	open("R7", "and-behind", "OrderOrExtras", "a trailing ampersand", "t="+t+"&s="+s+"&")
	open("R7", "and-twice", "OrderOrExtras", "two ampersands", "t="+t+"&&s="+s)
	open("R7", "capital-t", "OrderOrExtras", "T in upper case", "T="+t+"&s="+s)
	open("R7", "capital-s", "OrderOrExtras", "S in upper case", "t="+t+"&S="+s)
	open("R7", "array-t", "OrderOrExtras", "t written as an array element", "t[]="+t+"&s="+s)
	open("R7", "array-s", "OrderOrExtras", "s written as an array element", "t="+t+"&s[0]="+s)
	hardening("long-names", "Grammar", "other names", "time="+t+"&signature="+s)
	hardening("scheme", "Grammar", "a version before the MAC, as in the signatures of other services", "t="+t+"&v1="+s)
	open("R7", "encoded-name", "OrderOrExtras", "a percent-encoded name", "%74="+t+"&s="+s)

	open("R7", "s-first", "OrderOrExtras", "s before t", "s="+s+"&t="+t)
	open("R7", "extra", "OrderOrExtras", "a third parameter", "t="+t+"&s="+s+"&v=1")
	open("R7", "extra-first", "OrderOrExtras", "a third parameter first", "v=1&t="+t+"&s="+s)
	open("R7", "encoded-t", "OrderOrExtras", "a percent-encoded digit in t", "t=%31"+t[1:]+"&s="+s)
	open("R7", "encoded-s", "OrderOrExtras", "a percent-encoded digit in s", "t="+t+"&s=%30"+s[1:])
	open("R26", "s-upper", "SAlphabet", "s in upper-case hex", "t="+t+"&s="+strings.ToUpper(s))
	open("R26", "s-one-upper", "SAlphabet", "one upper-case digit in s", "t="+t+"&s="+s[:63]+"F")
	open("R8", "t-twice", "Repeated", "t twice, with equal values", "t="+t+"&t="+t+"&s="+s)
	open("R8", "t-twice-differs", "Repeated", "t twice, with different values", "t="+t+"&t=1&s="+s)
	open("R8", "s-twice", "Repeated", "s twice, with equal values", "t="+t+"&s="+s+"&s="+s)
	open("R8", "s-twice-differs", "Repeated", "s twice, with different values", "t="+t+"&s="+strings.Repeat("0", 64)+"&s="+s)
	open("R8", "twice", "Repeated", "the header twice, with equal values", "t="+t+"&s="+s, "t="+t+"&s="+s)
	open("R8", "twice-differs", "Repeated", "the header twice, with different values", "t="+t+"&s="+s, "t=1&s="+s)

	badT("plus", "TNotDecimal", "a plus sign", "+"+t)
	badT("leading-zero", "TNotDecimal", "a leading zero", "0"+t)
	badT("zeros", "TNotDecimal", "two zeros", "00")
	badT("fraction", "TNotDecimal", "a fraction", t+".5")
	badT("point", "TNotDecimal", "a trailing decimal point", t+".")
	badT("exponent", "TNotDecimal", "an exponent", t+"e1")
	badT("trailing-text", "TNotDecimal", "text after the number", t+"abc")
	badT("leading-text", "TNotDecimal", "text before the number", "abc"+t)
	badT("blank-behind", "TNotDecimal", "a trailing space", t+" ")
	badT("blank-before", "TNotDecimal", "a leading space", " "+t)
	badT("tab", "TNotDecimal", "a trailing tab", t+"\t")
	badT("zero-byte", "TNotDecimal", "a trailing percent-encoded NUL byte", t+"%00")
	badT("hexadecimal", "TNotDecimal", "hexadecimal", "0x6957357f")
	badT("grouped", "TNotDecimal", "digits grouped by underscores", "1_767_323_045")
	badT("arabic-digits", "TNotDecimal", "Arabic-Indic digits", "١٧٦٧٣٢٣٠٤٥")
	badT("fullwidth-digits", "TNotDecimal", "full-width digits", "１７６７３２３０４５")
	badT("negative", "TNotDecimal", "a minus sign", "-"+t)
	badT("negative-zero", "TNotDecimal", "minus zero", "-0")
	badT("words", "TNotDecimal", "a word", "now")
	badT("nan", "TNotDecimal", "NaN, which compares false with everything", "NaN")
	badT("infinity", "TNotDecimal", "Infinity, which is never too old", "Infinity")
	badT("date", "TNotDecimal", "a date, which begins with a number", "2026-01-02T03:04:05Z")
	badT("milliseconds", "TRange", "milliseconds", t+"000")
	badT("year-10000", "TRange", "the first second of the year 10000", "253402300800")
	badT("int64-last", "TRange", "the largest signed 64-bit integer", "9223372036854775807")
	badT("int64-wraps", "TRange", "wraps around to 2026 in 64 bits", "18446744075476874661")
	badT("thousand-digits", "TRange", "a thousand digits", strings.Repeat("9", 1000))

	badS := func(name, flag, comment, s string) { bad("s-"+name, flag, comment, "t="+t+"&s="+s) }
	hardeningS := func(name, flag, comment, s string) { hardening("s-"+name, flag, comment, "t="+t+"&s="+s) }
	badS("short", "SLength", "one digit too few", s[:63])
	badS("half", "SLength", "the first half", s[:32])
	badS("one-digit", "SLength", "one digit", s[:1])
	badS("sha1-length", "SLength", "as long as an HMAC-SHA1", s[:40])
	badS("not-hex", "SAlphabet", "one letter that is not a hex digit", s[:63]+"g")
	badS("blank-inside", "SAlphabet", "a space instead of a digit", s[:32]+" "+s[33:])
	badS("non-ascii", "SAlphabet", "a non-ASCII letter of two bytes", s[:62]+"é")
	hardeningS("long", "SLength", "one digit too many", s+"0")
	hardeningS("sha512-length", "SLength", "as long as an HMAC-SHA512", s+s)
	hardeningS("prefixed", "SLength", "a leading 0x", "0x"+s)
	hardeningS("named", "SLength", "the name of the algorithm before the MAC", "sha256="+s)
	hardeningS("base64", "SLength", "in base64", "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8=")
	hardeningS("blank-behind", "SLength", "a trailing space", s+" ")
	hardeningS("other-script", "SAlphabet", "full-width letters, which case folding may accept", s[:60]+"ｆｆｆｆ")
	return l.done()
}

// ruleOf returns the rule that a header breaks.
func ruleOf(err error) string {
	var broken *reference.HeaderError
	switch {
	case errors.As(err, &broken):
		return string(broken.Rule)
	case errors.Is(err, reference.ErrUnsigned):
		return "the header is present"
	}
	panic(fmt.Sprint("no rule for a refused header: ", err))
}
