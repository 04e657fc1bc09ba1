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

// lenientMessages are all that a MAC may cover so that a lenient verifier takes it
// for the MAC of this body (ambiguity R10): the bytes themselves, the canonical
// form, and what lenient parsers make of a body that is not canonical.
func lenientMessages(body []byte) [][]byte {
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
		messages = append(messages, parsedLeniently(text)...)
	}
	return messages
}

// unwrapped are the texts that a body may be an encoding of.
func unwrapped(body []byte) [][]byte {
	texts := [][]byte{bytes.Trim(bytes.TrimPrefix(body, []byte("\ufeff")), "\x00 \t\r\n")}
	var inner string
	if json.Unmarshal(body, &inner) == nil {
		texts = append(texts, []byte(inner))
	}
	if text := asciiOfUTF16(body); text != nil {
		texts = append(texts, text)
	}
	if text, err := base64.StdEncoding.DecodeString(string(body)); err == nil {
		texts = append(texts, text)
	}
	return append(texts, unpacked(body)...)
}

// unpacked is what a compressed body contains.
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

// asciiOfUTF16 decodes UTF-16 with a byte order mark, as far as it is ASCII.
func asciiOfUTF16(body []byte) []byte {
	if !bytes.HasPrefix(body, []byte{0xff, 0xfe}) || len(body)%2 != 0 {
		return nil
	}
	var text []byte
	for i := 2; i < len(body); i += 2 {
		text = append(text, body[i])
	}
	return text
}

// parsedLeniently is the canonical form of the first value in a text, in every
// way in which parsers read what is not quite JSON.
func parsedLeniently(text []byte) (messages [][]byte) {
	found := disagreements{}
	add := func(p lenientParser) {
		p.found = &found
		if c := p.read(text); c != nil {
			messages = append(messages, c)
		}
	}
	add(lenientParser{})
	if found.beyond {
		add(lenientParser{beyond: math.MaxFloat64})
		add(lenientParser{beyond: -math.MaxFloat64})
		add(lenientParser{beyond: 0})
	}
	if found.equal {
		add(lenientParser{firstCounts: true})
	}
	if found.proto {
		add(lenientParser{dropProto: true})
	}
	return messages
}

// disagreements are what parsers disagree about, if a text contains it.
type disagreements struct{ beyond, equal, proto bool }

// lenientParser is one way to read it.
type lenientParser struct {
	firstCounts bool // of equal names
	beyond      any  // what becomes of numbers beyond double
	dropProto   bool
	found       *disagreements
}

// undefinedValues are values of JavaScript that become null in JSON.
var undefinedValues = strings.NewReplacer(":NaN", ":null", ":-Infinity", ":null", ":Infinity", ":null", ":undefined", ":null")

// read gives the canonical form of the first value; nil where there is none.
func (p lenientParser) read(text []byte) []byte {
	if bytes.Contains(text, []byte("Infinity")) || bytes.Contains(text, []byte("NaN")) || bytes.Contains(text, []byte("undefined")) {
		text = []byte(undefinedValues.Replace(string(text)))
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, ok := p.value(decoder, 0)
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

func (p lenientParser) value(d *json.Decoder, depth int) (any, bool) {
	token, err := d.Token()
	if err != nil || depth > reference.MaxDepth {
		return nil, false
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return p.object(d, depth)
		}
		return p.list(d, depth)
	case json.Number:
		if _, err := token.Float64(); err != nil {
			p.found.beyond = true
			return p.beyond, true
		}
	}
	return token, true
}

func (p lenientParser) object(d *json.Decoder, depth int) (any, bool) {
	members := map[string]any{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		text, isText := name.(string)
		value, ok := p.value(d, depth+1)
		if !ok || !isText {
			return nil, false
		}
		_, there := members[text]
		proto := text == "__proto__"
		p.found.equal, p.found.proto = p.found.equal || there, p.found.proto || proto
		if there && p.firstCounts || proto && p.dropProto {
			continue
		}
		members[text] = value
	}
	_, err := d.Token()
	return members, err == nil
}

func (p lenientParser) list(d *json.Decoder, depth int) (any, bool) {
	items := []any{}
	for d.More() {
		item, ok := p.value(d, depth+1)
		if !ok {
			return nil, false
		}
		items = append(items, item)
	}
	_, err := d.Token()
	return items, err == nil
}
