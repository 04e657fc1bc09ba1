package live

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// Messages are all that a MAC may cover so that a forgiving reader takes it for
// this body's (reading R10): the bytes themselves, the canonical form, and what
// parsers that forgive make of a body that is not its own canonical form.
func Messages(body []byte) [][]byte {
	messages := [][]byte{body}
	canonical, err := reference.Canonicalise(body)
	switch {
	case err == nil && bytes.Equal(canonical, body) && (len(body) == 0 || body[0] != '"'):
		return messages
	case err == nil:
		messages = append(messages, canonical)
	}
	if len(body) == 0 {
		return append(messages, []byte("{}"), []byte(`""`), []byte("null"))
	}
	for _, text := range unwrapped(body) {
		messages = append(messages, text)
		if c, err := reference.Canonicalise(text); err == nil {
			messages = append(messages, c)
		}
		messages = append(messages, forgivingly(text)...)
	}
	return messages
}

// unwrapped are the texts that a body may stand for.
func unwrapped(body []byte) [][]byte {
	texts := [][]byte{bytes.Trim(bytes.TrimPrefix(body, []byte("\ufeff")), "\x00 \t\r\n")}
	var inner string
	if json.Unmarshal(body, &inner) == nil {
		texts = append(texts, []byte(inner))
	}
	if text := narrow(body); text != nil {
		texts = append(texts, text)
	}
	if text, err := base64.StdEncoding.DecodeString(string(body)); err == nil {
		texts = append(texts, text)
	}
	return append(texts, unpacked(body)...)
}

// unpacked is what a compressed body holds.
func unpacked(body []byte) (texts [][]byte) {
	readers := []io.Reader{flate.NewReader(bytes.NewReader(body))}
	if r, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
		readers = append(readers, r)
	}
	for _, r := range readers {
		if text, err := io.ReadAll(io.LimitReader(r, reference.MaxBody)); err == nil && len(text) > 0 {
			texts = append(texts, text)
		}
	}
	return texts
}

// narrow reads UTF-16 with a byte order mark that holds ASCII.
func narrow(body []byte) []byte {
	if !bytes.HasPrefix(body, []byte{0xff, 0xfe}) || len(body)%2 != 0 {
		return nil
	}
	var text []byte
	for i := 2; i < len(body); i += 2 {
		text = append(text, body[i])
	}
	return text
}

// forgivingly is the canonical form of the first value in a text, in every way
// that parsers read what is not quite JSON.
func forgivingly(text []byte) (messages [][]byte) {
	odd := oddity{}
	add := func(f forgiver) {
		f.odd = &odd
		if c := f.read(text); c != nil {
			messages = append(messages, c)
		}
	}
	add(forgiver{})
	if odd.beyond {
		add(forgiver{beyond: math.MaxFloat64})
		add(forgiver{beyond: -math.MaxFloat64})
		add(forgiver{beyond: 0})
	}
	if odd.equal {
		add(forgiver{firstCounts: true})
	}
	if odd.proto {
		add(forgiver{dropProto: true})
	}
	return messages
}

// oddity is what a text holds that parsers disagree about.
type oddity struct{ beyond, equal, proto bool }

// forgiver is one way to read it.
type forgiver struct {
	firstCounts bool // of equal names
	beyond      any  // what becomes of numbers beyond double
	dropProto   bool
	odd         *oddity
}

// words are values of JavaScript that become null in JSON.
var words = strings.NewReplacer(":NaN", ":null", ":-Infinity", ":null", ":Infinity", ":null", ":undefined", ":null")

// read gives the canonical form of the first value; nil where there is none.
func (f forgiver) read(text []byte) []byte {
	if bytes.Contains(text, []byte("Infinity")) || bytes.Contains(text, []byte("NaN")) || bytes.Contains(text, []byte("undefined")) {
		text = []byte(words.Replace(string(text)))
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, ok := f.value(decoder, 0)
	if !ok {
		return nil
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	canonical, err := reference.Canonicalise(encoded)
	if err != nil {
		return nil
	}
	return canonical
}

func (f forgiver) value(d *json.Decoder, depth int) (any, bool) {
	token, err := d.Token()
	if err != nil || depth > reference.MaxDepth {
		return nil, false
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return f.object(d, depth)
		}
		return f.list(d, depth)
	case json.Number:
		if _, err := token.Float64(); err != nil {
			f.odd.beyond = true
			return f.beyond, true
		}
	}
	return token, true
}

func (f forgiver) object(d *json.Decoder, depth int) (any, bool) {
	members := map[string]any{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		text, isText := name.(string)
		value, ok := f.value(d, depth+1)
		if !ok || !isText {
			return nil, false
		}
		_, there := members[text]
		proto := text == "__proto__"
		f.odd.equal, f.odd.proto = f.odd.equal || there, f.odd.proto || proto
		if there && f.firstCounts || proto && f.dropProto {
			continue
		}
		members[text] = value
	}
	_, err := d.Token()
	return members, err == nil
}

func (f forgiver) list(d *json.Decoder, depth int) (any, bool) {
	items := []any{}
	for d.More() {
		item, ok := f.value(d, depth+1)
		if !ok {
			return nil, false
		}
		items = append(items, item)
	}
	_, err := d.Token()
	return items, err == nil
}
