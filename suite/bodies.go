package suite

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/countersign-dev/countersign/reference"
)

// Calls that parsers read differently, or not at all, and bodies that are no calls.
// The MAC covers their canonical form or, where there is none, the one of the call that
// they are made of.
const (
	WithNaN              BodyForm = "a call with NaN in it"
	WithInfinity         BodyForm = "a call with Infinity in it"
	WithNegativeZero     BodyForm = "a call with -0 in it"
	WithBigInteger       BodyForm = "a call with an integer of thirty digits"
	WithLeadingZero      BodyForm = "a call with a number that begins with 0"
	WithControlCharacter BodyForm = "a call with a control character that is not escaped"
	WithUnknownEscape    BodyForm = "a call with an escape that JSON does not have"
	WithComment          BodyForm = "a call with a comment"
	WithTrailingComma    BodyForm = "a call with a comma before its last brace"
	WithSingleQuotes     BodyForm = "a call in single quotes"
	WithByteOrderMark    BodyForm = "a call after a byte order mark"
	WithTrailingBytes    BodyForm = "a call with further bytes behind it"
	WithTrailingNUL      BodyForm = "a call with a NUL behind it"
	WithLeadingNUL       BodyForm = "a call behind a NUL"
	WithinBlanks         BodyForm = "a call between blanks"
	Twice                BodyForm = "a call twice, one behind the other"
	InUTF16              BodyForm = "a call in UTF-16"
	InAnArray            BodyForm = "a call in an array"
	InAText              BodyForm = "a call in a JSON text"
	InAForm              BodyForm = "a call in a form's field"
	InBase64             BodyForm = "a call in base64"
	BlankBody            BodyForm = "a blank"
	LineBreak            BodyForm = "a line break"
	EmptyText            BodyForm = "an empty text"
	EmptyObject          BodyForm = "an empty object"
	True                 BodyForm = "true"
)

// oddCalls make a body out of a call.
var oddCalls = map[BodyForm]func(call string) string{
	WithNaN:              replacingPad(`"pad":NaN`),
	WithInfinity:         replacingPad(`"pad":-Infinity`),
	WithNegativeZero:     replacingPad(`"pad":-0`),
	WithBigInteger:       replacingPad(`"pad":123456789012345678901234567890`),
	WithLeadingZero:      replacingPad(`"pad":007`),
	WithControlCharacter: replacingPad("\"pad\":\"\x01\""),
	WithUnknownEscape:    replacingPad(`"pad":"\x41"`),
	WithComment:          func(call string) string { return "{/* */" + call[1:] },
	WithTrailingComma:    func(call string) string { return call[:len(call)-1] + ",}" },
	WithSingleQuotes:     func(call string) string { return strings.ReplaceAll(call, `"`, "'") },
	WithByteOrderMark:    func(call string) string { return "\ufeff" + call },
	WithTrailingBytes:    func(call string) string { return call + " x" },
	WithTrailingNUL:      func(call string) string { return call + "\x00" },
	WithLeadingNUL:       func(call string) string { return "\x00" + call },
	WithinBlanks:         func(call string) string { return " \r\n" + call + "\t " },
	Twice:                func(call string) string { return call + call },
	InUTF16:              inUTF16,
	InAnArray:            func(call string) string { return "[" + call + "]" },
	InAText:              strconv.Quote,
	InAForm:              func(call string) string { return "payload=" + url.QueryEscape(call) },
	InBase64:             func(call string) string { return base64.StdEncoding.EncodeToString([]byte(call)) },
}

// Forms that valid requests do not have.
var (
	// unusual are well-formed JSON.
	unusual = []BodyForm{
		WithinBlanks, WithNegativeZero, WithBigInteger, InAnArray, InAText, EmptyText, EmptyObject, True, Null, Scalar, List,
	}
	// illFormed are not, so that they may end the target.
	illFormed = []BodyForm{
		WithNaN, WithInfinity, WithLeadingZero, WithControlCharacter, WithUnknownEscape, WithComment, WithTrailingComma, WithSingleQuotes,
		WithByteOrderMark, WithTrailingBytes, WithTrailingNUL, WithLeadingNUL, Twice, InUTF16, InAForm, InBase64, BlankBody, LineBreak, NotJSON, Truncated,
	}
)

// NamesAPI is the body of a sync that names its URL in members that an SDK might take
// for the API's address.
const NamesAPI BodyForm = "a sync that names an API"

// syncOf are the members of a sync.
func (f BodyForm) syncOf(url string) map[string]any {
	members := map[string]any{"url": url}
	if f == NamesAPI {
		for _, name := range []string{"api", "api_origin", "api_url", "apiUrl", "base_url", "baseUrl", "registerURL", "register_url", "inngest_api", "origin", "callback"} {
			members[name] = url
		}
	}
	return members
}

// isUsual reports whether a valid request may have a body of this form.
func (f BodyForm) isUsual() bool {
	switch f {
	case Respaced, Reordered, ServerEncoded, NamesAPI:
		return false
	}
	_, changed := changedCalls[f]
	return !changed && !slices.Contains(unusual, f) && !slices.Contains(illFormed, f)
}

func replacingPad(with string) func(string) string {
	return func(call string) string { return strings.ReplaceAll(call, plainPad, with) }
}

// inUTF16 encodes a text in UTF-16, little-endian, after a byte order mark.
func inUTF16(text string) string {
	encoded := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		encoded = binary.LittleEndian.AppendUint16(encoded, unit)
	}
	return string(encoded)
}

// changedCalls are calls in which a text was replaced by another.
var changedCalls = map[BodyForm][2]string{
	WithDuplicateName: {plainPad, plainPad + `,"pad":"b"`},
	WithHugeNumber:    {plainPad, `"pad":1e400`},
	WithLoneSurrogate: {plainPad, `"pad":"\ud800"`},
	WithInvalidUTF8:   {`"steps":{}`, "\"steps\":{\"0000000000000000000000000000000000000001\":{\"data\":\"\xff\"}}"},
	WithDeepNesting:   {plainPad, `"pad":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000)},
}

// plainPad is a member of a call's event data, to be replaced.
const plainPad = `"pad":"a"`

// literalBodies are the bodies that are sent exactly as given.
var literalBodies = map[BodyForm]string{
	NotJSON: "not json", Truncated: `{"event":{"data":`, Trailing: `{} x`, InvalidUTF8: "{\"a\":\"\xff\xfe\"}",
	ByteOrderMark: "\ufeff{}", LoneSurrogate: `{"a":"\ud800"}`, HugeNumber: `{"a":1e999}`,
	Nested: strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), DuplicateNames: `{"a":1,"a":2}`,
	Null: "null", Scalar: "1", List: "[]", True: "true", EmptyText: `""`, EmptyObject: "{}", ShortestCall: `{"event":{"name":"` + EchoEvent + `"}}`, BlankBody: " ", LineBreak: "\r\n",
	Prototype: `{"__proto__":{"toString":1},"constructor":{"prototype":null}}`,
}

// CanonicalOf is the canonical form of a body, or nil if it has none.
func CanonicalOf(body []byte) []byte {
	canonical, err := reference.Canonicalise(body)
	if err != nil {
		return nil
	}
	return canonical
}

// reversed encodes an object with its members in reverse order.
func reversed(object []byte) []byte {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		panic("a payload is an object: " + err.Error())
	}
	names := []string{}
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	slices.Reverse(names)
	parts := []string{}
	for _, name := range names {
		parts = append(parts, strconv.Quote(name)+":"+string(members[name]))
	}
	return []byte("{" + strings.Join(parts, ",") + "}")
}
