package explain

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/countersign-dev/countersign/reference"
)

// value is a JSON value with the order of its members and the text of its numbers.
type value struct {
	kind     jsontext.Kind
	text     string // of a string, or the literal of a number, true, false or null
	names    []string
	children []value
}

// parseJSON parses one JSON value. It is lenient about what writers differ in:
// duplicate names and ill-formed texts are kept.
func parseJSON(body []byte) (value, error) {
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	v, err := readValue(d)
	if err != nil {
		return v, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return v, errors.New("data after the value")
	}
	return v, nil
}

func readValue(d *jsontext.Decoder) (value, error) {
	token, err := d.ReadToken()
	if err != nil {
		return value{}, err
	}
	v := value{kind: token.Kind(), text: token.String()}
	for closing := map[jsontext.Kind]jsontext.Kind{'{': '}', '[': ']'}[v.kind]; closing != 0; {
		if d.PeekKind() == closing {
			_, err := d.ReadToken()
			return v, err
		}
		if v.kind == '{' {
			name, err := d.ReadToken()
			if err != nil {
				return v, err
			}
			v.names = append(v.names, name.String())
		}
		child, err := readValue(d)
		if err != nil {
			return v, err
		}
		v.children = append(v.children, child)
	}
	return v, nil
}

// style is how a library writes JSON.
type style struct {
	name         string
	sorted       bool   // members by name
	comma, colon string // "," and ":" if empty
	indent       string
	escapes      escapes
	numbers      bool // written as JavaScript does
	likely       bool // by a proxy or a middleware
}

// escapes are the characters that are escaped besides those that must be.
type escapes struct {
	ascii, upper bool   // every character that is not ASCII; with upper-case digits
	characters   string // these characters, as \u00..
	slash        bool
}

const spaced, colonSpace = ", ", ": "

var (
	pythonEscapes = escapes{ascii: true}
	goEscapes     = escapes{characters: "<>&\u2028\u2029"}
	phpEscapes    = escapes{ascii: true, slash: true}
	dotnetEscapes = escapes{ascii: true, upper: true, characters: "<>&'+`\"\x7f"}
)

// styles are the ways in which common libraries write JSON, each with what
// programs usually set.
var styles = []style{
	{name: "JavaScript's JSON.stringify", numbers: true},
	{name: "a compact writer that keeps the order of members"},
	{name: "a compact writer that sorts members", sorted: true},
	{name: "Python's json.dumps", likely: true, comma: spaced, colon: colonSpace, escapes: pythonEscapes},
	{name: "Python's json.dumps with sort_keys", sorted: true, comma: spaced, colon: colonSpace, escapes: pythonEscapes},
	{name: "Python's json.dumps with ensure_ascii=False", likely: true, comma: spaced, colon: colonSpace},
	{name: "Python's json.dumps with sort_keys and ensure_ascii=False", sorted: true, comma: spaced, colon: colonSpace},
	{name: "Python's json.dumps with compact separators", likely: true, escapes: pythonEscapes},
	{name: "Python's json.dumps with compact separators and sort_keys", sorted: true, escapes: pythonEscapes},
	{name: "Go's encoding/json", likely: true, escapes: goEscapes},
	{name: "Go's encoding/json from a map", sorted: true, escapes: goEscapes},
	{name: "PHP's json_encode", likely: true, escapes: phpEscapes},
	{name: "PHP's json_encode with JSON_UNESCAPED_UNICODE", escapes: escapes{slash: true}},
	{name: ".NET's System.Text.Json", escapes: dotnetEscapes},
	{name: "JSON.stringify with an indent of 2", indent: "  ", colon: colonSpace, numbers: true},
	{name: "JSON.stringify with an indent of 4", indent: "    ", colon: colonSpace, numbers: true},
	{name: "JSON.stringify with tabs", indent: "\t", colon: colonSpace, numbers: true},
	{name: "Python's json.dumps with an indent of 2", indent: "  ", colon: colonSpace, escapes: pythonEscapes},
	{name: "Python's json.dumps with an indent of 4", indent: "    ", colon: colonSpace, escapes: pythonEscapes},
}

// write is the value as the style writes it.
func (s style) write(v value) []byte { return s.append(nil, v, "\n") }

func (s style) append(out []byte, v value, line string) []byte {
	switch v.kind {
	case '"':
		return s.escapes.append(out, v.text)
	case '0':
		return append(out, s.number(v.text)...)
	case '{', '[':
		return s.appendAll(out, v, line)
	}
	return append(out, v.text...)
}

func (s style) appendAll(out []byte, v value, line string) []byte {
	comma, colon, closing := s.comma, s.colon, byte(v.kind)+2 // ']' and '}' are two after '[' and '{'
	if comma == "" {
		comma = ","
	}
	if colon == "" {
		colon = ":"
	}
	out = append(out, byte(v.kind))
	if len(v.children) == 0 {
		return append(out, closing)
	}
	inner := line + s.indent
	for i, at := range s.order(v) {
		if i > 0 {
			out = append(out, comma...)
		}
		if s.indent != "" {
			out = append(out, inner...)
		}
		if v.kind == '{' {
			out = append(s.escapes.append(out, v.names[at]), colon...)
		}
		out = s.append(out, v.children[at], inner)
	}
	if s.indent != "" {
		out = append(out, line...)
	}
	return append(out, closing)
}

func (s style) order(v value) []int {
	order := make([]int, len(v.children))
	for i := range order {
		order[i] = i
	}
	if s.sorted && v.kind == '{' {
		slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(v.names[a], v.names[b]) })
	}
	return order
}

func (s style) number(text string) string {
	if !s.numbers {
		return text
	}
	written, err := reference.Canonicalise([]byte(text)) // RFC 8785 writes numbers as JavaScript does
	if err != nil {
		return text
	}
	return string(written)
}

var short = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

func (e escapes) append(out []byte, text string) []byte {
	out = append(out, '"')
	for i, r := range text {
		switch {
		case r != utf8.RuneError && strings.ContainsRune(e.characters, r), r >= 0x80 && e.ascii:
			out = e.appendHex(out, r)
		case short[r] != "":
			out = append(out, short[r]...)
		case r < 0x20:
			out = e.appendHex(out, r)
		case r == '/' && e.slash:
			out = append(out, `\/`...)
		case r == utf8.RuneError:
			_, size := utf8.DecodeRuneInString(text[i:])
			out = append(out, text[i:i+size]...) // as it is, if it is ill-formed
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return append(out, '"')
}

func (e escapes) appendHex(out []byte, r rune) []byte {
	format := `\u%04x`
	if e.upper {
		format = `\u%04X`
	}
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(out, format+format, high, low)
	}
	return fmt.Appendf(out, format, r)
}
