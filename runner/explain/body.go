package explain

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/countersign-dev/countersign/reference"
)

// change is something that may have happened to a body after it was signed.
type change struct {
	name string // "a line feed was added"
	// do makes the change; undo finds the body before it, and gives nil where it did
	// not happen or cannot be undone.
	do, undo func([]byte) []byte
	likely   bool // on the way to an app
}

const mark = "\ufeff" // the byte order mark

// changes are the changes that can be undone, the most frequent ones first.
var changes = []change{
	{"a line feed was added", appending("\n"), cutting("\n"), true},
	{"its last line feed was removed", cutting("\n"), appending("\n"), false},
	{"a carriage return and a line feed were added", appending("\r\n"), cutting("\r\n"), false},
	{"its last carriage return and line feed were removed", cutting("\r\n"), appending("\r\n"), false},
	{"white space was added around it", func(b []byte) []byte { return []byte(" " + string(b) + "\n\n") }, bytes.TrimSpace, false},
	{"a byte order mark was added", func(b []byte) []byte { return []byte(mark + string(b)) }, func(b []byte) []byte { return bytes.TrimPrefix(b, []byte(mark)) }, false},
	{"its byte order mark was removed", func(b []byte) []byte { return bytes.TrimPrefix(b, []byte(mark)) }, func(b []byte) []byte { return []byte(mark + string(b)) }, false},
	{"its line feeds became CRLF", replacing("\n", "\r\n"), replacing("\r\n", "\n"), false},
	{"its CRLF became line feeds", replacing("\r\n", "\n"), replacing("\n", "\r\n"), false},
	{"its UTF-8 was read as Latin-1 and written as UTF-8", fromCharset(charmap.ISO8859_1), toCharset(charmap.ISO8859_1), true},
	{"its UTF-8 was read as Windows-1252 and written as UTF-8", fromCharset(charmap.Windows1252), toCharset(charmap.Windows1252), false},
	{"it was converted from UTF-8 to Latin-1", toCharset(charmap.ISO8859_1), unlessUTF8(fromCharset(charmap.ISO8859_1)), true},
	{"it was converted from UTF-8 to Windows-1252", toCharset(charmap.Windows1252), unlessUTF8(fromCharset(charmap.Windows1252)), false},
	{"it was written as a text in JSON, encoded twice", intoText, outOfText, true},
	{"it was read from a text in JSON", outOfText, intoText, false},
	{"it was encoded as base64", intoBase64, outOfBase64, true},
	{"it was decoded from base64", outOfBase64, intoBase64, false},
	{"it was percent-encoded", func(b []byte) []byte { return []byte(url.QueryEscape(string(b))) }, outOfPercents, false},
	{"it was read as a form and written as JSON", func(b []byte) []byte { return member(string(b), "") }, outOfForm, false},
	{"it was compressed with gzip", compressed(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		inflated(func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }), false},
	{"it was compressed with deflate", compressed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
		inflated(func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }), false},
	{"a Buffer with it was written as JSON", intoBuffer, outOfBuffer, false},
	{"it was put into a serverless event as base64", func(b []byte) []byte { return member("body", string(intoBase64(b))) }, func(b []byte) []byte { return outOfBase64(outOfEvent(b)) }, false},
	{"it was put into a serverless event", func(b []byte) []byte { return member("body", string(b)) }, outOfEvent, false},
	{"it was escaped for HTML", func(b []byte) []byte { return []byte(html.EscapeString(string(b))) }, func(b []byte) []byte { return []byte(html.UnescapeString(string(b))) }, false},
	{"its quotes were escaped with backslashes", replacing(`"`, `\"`), replacing(`\"`, `"`), false},
	{"a NUL was added", appending("\x00"), func(b []byte) []byte { return bytes.TrimRight(b, "\x00") }, false},
}

func appending(text string) func([]byte) []byte {
	return func(b []byte) []byte { return append(slices.Clone(b), text...) }
}

func cutting(text string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.TrimSuffix(b, []byte(text)) }
}

func replacing(old, with string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(with)) }
}

func fromCharset(c *charmap.Charmap) func([]byte) []byte {
	return func(b []byte) []byte {
		text, err := c.NewDecoder().Bytes(b)
		if bytes.ContainsRune(text, utf8.RuneError) {
			return nil // a byte that the character set does not use
		}
		return orNil(text, err)
	}
}

func toCharset(c *charmap.Charmap) func([]byte) []byte {
	return func(b []byte) []byte {
		text, err := c.NewEncoder().Bytes(b)
		return orNil(text, err)
	}
}

func unlessUTF8(undo func([]byte) []byte) func([]byte) []byte {
	return func(b []byte) []byte {
		if utf8.Valid(b) {
			return nil
		}
		return undo(b)
	}
}

func orNil(b []byte, err error) []byte {
	if err != nil {
		return nil
	}
	return b
}

func intoText(b []byte) []byte { return escapes{}.append(nil, string(b)) }

func outOfText(b []byte) []byte {
	var text string
	err := json.Unmarshal(b, &text)
	return orNil([]byte(text), err)
}

func intoBase64(b []byte) []byte { return base64.StdEncoding.AppendEncode(nil, b) }

func outOfBase64(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	text := strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(strings.TrimSpace(string(b)))
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	return orNil(decoded, err)
}

func outOfPercents(b []byte) []byte {
	text, err := url.QueryUnescape(strings.TrimSuffix(string(b), "="))
	return orNil([]byte(text), err)
}

// member is an object with one member.
func member(name, text string) []byte {
	return style{}.write(value{kind: '{', names: []string{name}, children: []value{{kind: '"', text: text}}})
}

// outOfForm finds the body in the object that a form parser makes of it: its whole
// text is the name of a field without a value.
func outOfForm(b []byte) []byte {
	var fields map[string]any
	if json.Unmarshal(b, &fields) != nil || len(fields) != 1 {
		return nil
	}
	for name, text := range fields {
		if text == "" && len(name) > 1 {
			return []byte(name)
		}
	}
	return nil
}

func outOfEvent(b []byte) []byte {
	var event struct {
		Body *string `json:"body"`
	}
	if json.Unmarshal(b, &event) != nil || event.Body == nil {
		return nil
	}
	return []byte(*event.Body)
}

// buffer is how Node writes a Buffer as JSON.
type buffer struct {
	Type string `json:"type"`
	Data []int  `json:"data"`
}

func intoBuffer(b []byte) []byte {
	data := make([]int, len(b))
	for i, c := range b {
		data[i] = int(c)
	}
	text, err := json.Marshal(buffer{"Buffer", data})
	return orNil(text, err)
}

func outOfBuffer(b []byte) []byte {
	var written buffer
	if json.Unmarshal(b, &written) != nil || written.Type != "Buffer" {
		return nil
	}
	data := make([]byte, len(written.Data))
	for i, c := range written.Data {
		data[i] = byte(c)
	}
	return data
}

func compressed(writer func(io.Writer) io.WriteCloser) func([]byte) []byte {
	return func(b []byte) []byte {
		var out bytes.Buffer
		w := writer(&out)
		_, _ = w.Write(b) // a bytes.Buffer never fails
		_ = w.Close()
		return out.Bytes()
	}
}

func inflated(reader func(io.Reader) (io.Reader, error)) func([]byte) []byte {
	return func(b []byte) []byte {
		r, err := reader(bytes.NewReader(b))
		if err != nil {
			return nil
		}
		text, err := io.ReadAll(io.LimitReader(r, 4*reference.MaxBody))
		return orNil(text, err)
	}
}

// message is what a MAC may cover in place of the captured body.
type message struct {
	before []string // the changes since it was signed, in the order in which they happened
	over   string   // what it is, if it is no earlier state of the body
	text   []byte
}

// String describes the message: "the body before a line feed was added".
func (m message) String() string {
	what := m.over
	if what == "" {
		what = "the body"
	}
	if len(m.before) > 0 {
		what += " before " + strings.Join(m.before, " and ")
	}
	return what
}

// limits are lengths after which programs cut bodies.
func limits() (all []int) {
	for n := 64; n <= reference.MaxBody; n *= 2 {
		all = append(all, n, n-1)
	}
	return append(all, 100, 200, 500, 1000, 2000, 4000, 5000, 8000, 10_000, 50_000, 100_000, 1_000_000, 100<<10, 50<<10, 10<<10)
}

// rewritten are the forms in which libraries write the same value. They may be
// what was signed, or what was made of it.
func rewritten(body []byte) []message {
	v, err := parseJSON(body)
	if err != nil {
		return nil
	}
	name := ""
	var forms []message
	if canonical, err := reference.Canonicalise(body); err == nil {
		forms = append(forms, message{over: "its canonical form (RFC 8785)", text: canonical})
	}
	for _, s := range styles {
		text := s.write(v)
		if name == "" && bytes.Equal(text, body) {
			name = s.name
		}
		forms = append(forms, message{over: "the body as " + s.name + " writes it", text: text})
	}
	if name == "" {
		return forms
	}
	for i := range forms {
		forms[i].before = []string{"it was written as " + name + " does"}
	}
	return forms
}

// earlier are the messages that differ from a body by one change.
func earlier(body []byte) []message {
	var all []message
	for _, c := range changes {
		if text := c.undo(body); text != nil && !bytes.Equal(text, body) {
			all = append(all, message{before: []string{c.name}, text: text})
		}
	}
	return append(all, rewritten(body)...)
}

// others are messages that are no form of the body.
func others(body []byte) []message {
	all := []message{{over: "an empty body, as a GET's is"}}
	for _, text := range []string{"{}", "null", "undefined", "[object Object]", `""`} {
		all = append(all, message{over: "the text " + text + " in place of the body", text: []byte(text)})
	}
	for _, n := range limits() {
		if n < len(body) {
			all = append(all, message{over: fmt.Sprintf("only the first %d bytes of the body", n), text: body[:n]})
		}
	}
	return all
}

// Damage is what a program may see in place of a body that was sent.
type Damage struct {
	ID   string // "empty", "buffer", or the name again
	Name string // what happened to it: "a line feed was added"
	Text []byte
}

// Damaged lists what may become of a body, the more frequent ones first.
func Damaged(body []byte) (all []Damage) {
	known := map[string]bool{string(body): true}
	add := func(id, name string, text []byte) {
		if text != nil && !known[string(text)] {
			known[string(text)] = true
			all = append(all, Damage{id, name, text})
		}
	}
	add("empty", "there were none", []byte{})
	add("buffer", "a Buffer with it was written as JSON", intoBuffer(body))
	add("object", "it were an empty object", []byte("{}"))
	v, err := parseJSON(body)
	for _, s := range styles {
		if err == nil && s.likely {
			add(s.name, "it was written as "+s.name+" does", s.write(v))
		}
	}
	for _, c := range changes {
		if c.likely {
			add(c.name, c.name, c.do(body))
		}
	}
	return all
}
