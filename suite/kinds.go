package suite

import (
	"encoding/json"
	"strings"
)

// Canonical calls with what real events hold, many kinds at once. Where such a call
// is refused, each kind is sent by itself.
const (
	EveryCharacter BodyForm = "with every kind of character in its texts"
	EveryNumber    BodyForm = "with every kind of number"
	EveryName      BodyForm = "with every kind of name"
	EveryShape     BodyForm = "with every kind of value"
	Nested200      BodyForm = "with arrays nested two hundred deep"
)

// kind is one kind of content: members of an event's data.
type kind struct {
	form    BodyForm
	members string // of a JSON object
}

// text is a kind of character, as a JSON text holds it.
func text(form BodyForm, escaped string) kind {
	return kind{form, `"text of ` + string(form) + `":"` + escaped + `"`}
}

// numbers is a kind of number.
func numbers(form BodyForm, list string) kind {
	return kind{form, `"numbers, ` + string(form) + `":[` + list + `]`}
}

// contents are the kinds of which a form is made.
var contents = map[BodyForm][]kind{
	EveryCharacter: {
		text("emoji", `😀 👩‍👩‍👧 🇩🇪 ☕️`),
		text("letters with accents", `é ü ñ Ł ß`),
		text("letters with combining accents", `e\u0301 A\u030a \u1100\u1161`),
		text("compatibility characters", `\ufb01 \u00b2 \uff21 \u212b \u2126`),
		text("other scripts", `漢字 かな עברית हिन्दी`),
		text("marks of direction", `\u200e \u200f \u202a \u202e \u2066 \u2069`),
		text("characters without a width", `\u200b \u200d \u00ad \u2060`),
		text("a byte order mark inside", `a\ufeffb`),
		text("line and paragraph separators", `\u2028 \u2029`),
		text("characters of HTML", `< > & ' &amp; </script>`),
		text("quotes and slashes", `\" \\ / \\/ \\\" '`),
		text("tabs and line breaks", `\b \f \n \r \t \r\n`),
		text("control characters", `\u0001 \u000b \u001b \u001f`),
		text("NUL", `a\u0000b`),
		text("DEL", `a\u007fb`),
		text("C1 control characters", `\u0080 \u0085 \u009f`),
		text("noncharacters", `\ufdd0 \ufffe \uffff \ud83f\udffe \udbff\udfff`),
		text("characters of private use", `\ue000 \uf8ff \udb80\udc00`),
		text("replacement characters", `\ufffd \ufffc`),
		text("percent signs and plus signs", `%41 %zz 100% + a+b %u0041`),
		text("texts that look like escapes", `\\u0041 \\n \\x41 &#65; \\ud800`),
		text("placeholders", `${a} {{b}} %s <%= c %> $1 #{d}`),
		text("blanks at both ends", ` a\u00a0`),
	},
	EveryNumber: {
		numbers("zero and small integers", `0,1,-1,255,65536,-2147483648,4294967296`),
		numbers("milliseconds", `1700000000000,1700000000123`),
		numbers("integers of sixteen digits", `1234567890123456,9007199254740991,-9007199254740991`),
		numbers("integers beyond 2^53", `9007199254740992,9007199254740994,123456789012345680000,18446744073709552000`),
		numbers("integers up to 1e21", `100000000000000000000,999999999999999900000`),
		numbers("large exponents", `1e21,1.5e300,-2e22`),
		numbers("small exponents", `1E-7,0.000001,1.5e-10,-1e-7`),
		numbers("decimals", `0.1,-0.5,1.25,99.99,1234.5`),
		numbers("long decimals", `0.30000000000000004,123456.78901234568,3.141592653589793,-0.3333333333333333`),
		numbers("the smallest and the largest double", `5e-324,2.2250738585072014e-308,1.7976931348623157e308`),
	},
	EveryName: {
		{"a member named __proto__", `"__proto__":{"polluted":true}`},
		{"names of an object's own members", `"constructor":1,"prototype":2,"toString":3,"hasOwnProperty":4,"valueOf":5`},
		{"names that have a meaning to some parsers", `"then":1,"toJSON":2,"length":3,"$ref":"a","@type":"b","__class__":"c","$type":"d"`},
		{"an empty name", `"":1`},
		{"names of blanks", `" ":1,"  ":2,"\t":3`},
		{"names that are numbers", `"10":1,"9":2,"1":3,"-1":4,"01":5,"1.5":6,"4294967295":7`},
		{"names that sort differently in UTF-8 and in UTF-16", `"\ufb33":1,"😀":2,"\ue000":3,"\uffff":4`},
		{"names with control characters", `"\n":1,"\u0000":2,"\u001f":3,"\u007f":4,"\u0080":5`},
		{"names with quotes and slashes", `"\"":1,"\\":2,"/":3,"'":4`},
		{"names with characters of HTML", `"<a>":1,"&":2`},
		{"names that differ in case only", `"Name":1,"name":2,"NAME":3,"pAd":4`},
		{"names that differ in their normal form only", `"\u00e9":1,"e\u0301":2`},
		{"names with dots and brackets", `"a.b":1,"a[b]":2,"a":3,"$a":4,"a-b":5,"a b":6`},
		{"names of a call's members", `"event":1,"events":2,"ctx":3,"steps":4,"data":5,"id":6`},
		{"a name of three hundred characters", `"` + strings.Repeat("long name ", 30) + `":1`},
	},
	EveryShape: {
		{"empty values", `"empty":["",{},[],null,[[]],{"a":{}}]`},
		{"truth values", `"truth":[true,false,null]`},
		{"values of different types in an array", `"mixed":[1,"1",true,null,{"a":1},[1]]`},
		{"texts that look like other values", `"texts":["1","true","null","{}","[]","1e400","NaN","undefined"]`},
		{"objects nested sixty deep", `"objects":` + strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 60)},
		{"arrays nested sixty deep", `"arrays":` + strings.Repeat("[", 60) + strings.Repeat("]", 60)},
		{"an object of many members", `"many":{` + manyMembers(500) + `}`},
		{"an array of many items", `"list":[0` + strings.Repeat(",1", 999) + `]`},
		{"a text of ten thousand characters", `"text":"` + strings.Repeat("0123456789", 1000) + `"`},
	},
}

var nested200 = kind{Nested200, `"arrays":` + strings.Repeat("[", 200) + strings.Repeat("]", 200)}

func manyMembers(n int) string {
	members := []string{}
	for i := range n {
		members = append(members, `"`+strings.Repeat("a", i+1)[:i%20+1]+strings.Repeat("b", i/20)+`":1`)
	}
	return strings.Join(members, ",")
}

// Kinds are the forms that a form is made of: each has one kind of content, and is
// made of itself.
func (f BodyForm) Kinds() []BodyForm {
	var forms []BodyForm
	for _, kind := range contents[f] {
		forms = append(forms, kind.form)
	}
	for form := range strings.SplitSeq(string(f), mixing) {
		if _, known := singleKinds[BodyForm(form)]; known {
			forms = append(forms, BodyForm(form))
		}
	}
	return forms
}

// mixing separates the names of kinds in one form.
const mixing = "; "

// Mixed is a form with several kinds of content.
func Mixed(kinds ...BodyForm) BodyForm {
	names := []string{}
	for _, kind := range kinds {
		names = append(names, string(kind))
	}
	return BodyForm(strings.Join(names, mixing))
}

// singleKinds are the members of each kind.
var singleKinds = func() map[BodyForm]string {
	single := map[BodyForm]string{Nested200: nested200.members}
	for _, kinds := range contents {
		for _, kind := range kinds {
			single[kind.form] = kind.members
		}
	}
	return single
}()

// addTo adds the content of a form to an event's data.
func (f BodyForm) addTo(data map[string]any) {
	for _, form := range f.Kinds() {
		var members map[string]json.RawMessage
		if err := json.Unmarshal([]byte("{"+singleKinds[form]+"}"), &members); err != nil {
			panic("the content of " + string(form) + " is JSON: " + err.Error())
		}
		for name, value := range members {
			data[name] = value
		}
	}
}
