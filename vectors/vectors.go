// Package vectors is the protocol as data: what is signed, how it is verified,
// and which requests to the API follow from which answers, for tests in any
// language.
//
// The files under data are plain JSON after schema.json; README.md says how to
// use them without Go. In Go:
//
//	file, err := vectors.Load[vectors.Verify]()
//
// They are generated from the suite's catalogue and the reference; nothing in
// them is written by hand.
package vectors

//go:generate go run ./generate -to .

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
)

//go:embed data/*.json schema.json
var embedded embed.FS

// Names are the files, without their extension.
var Names = []string{"header", "key-hash", "canonical", "sign", "verify", "mode", "bearer-fallback"}

// Kind is one of the types of vectors; each has a file of its own.
type Kind interface {
	Header | KeyHash | Canonical | Sign | Verify | Mode | BearerFallback

	// Of is the name of the file.
	Of() string
	// About is what all vectors have.
	About() Common
	// Observation is the expected result.
	Outcome() string
}

// File is one file of vectors.
type File[V Kind] struct {
	Schema  string          `json:"$schema"`
	Name    string          `json:"file"`
	About   string          `json:"about"`
	Count   int             `json:"count"`
	Flags   map[string]Flag `json:"flags"`
	Vectors []V             `json:"vectors"`
}

// Flag describes one kind of bug, or one kind of input, once.
type Flag struct {
	About string `json:"about"`         // what the flagged vectors have in common
	Bug   string `json:"bug,omitempty"` // what is wrong with code that fails them
}

// Load reads the file of one kind of vector. An unknown key is an error.
func Load[V Kind]() (File[V], error) {
	var kind V
	raw, err := Raw(kind.Of())
	if err != nil {
		return File[V]{}, err
	}
	return Parse[V](raw)
}

// Parse reads a file's text as strictly as [Load] does.
func Parse[V Kind](text []byte) (File[V], error) {
	var kind V
	var file File[V]
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return File[V]{}, fmt.Errorf("reading the vectors of %s: %w", kind.Of(), err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return File[V]{}, fmt.Errorf("reading the vectors of %s: something stands behind the file's end", kind.Of())
	}
	if file.Name != kind.Of() || file.Count != len(file.Vectors) {
		return File[V]{}, fmt.Errorf("reading the vectors of %s: the head says %d of %s, there are %d", kind.Of(), file.Count, file.Name, len(file.Vectors))
	}
	return file, nil
}

// Raw is the text of a file: vectors.Raw("verify").
func Raw(name string) ([]byte, error) {
	text, err := embedded.ReadFile("data/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("there are no vectors named %q: %w", name, err)
	}
	return text, nil
}

// Schema is the JSON Schema (2020-12) that every file meets.
func Schema() []byte {
	text, err := embedded.ReadFile("schema.json")
	if err != nil {
		panic("the schema is embedded: " + err.Error())
	}
	return text
}

// Body is bytes that are sent: as text where they are UTF-8, in base64 where not.
type Body struct {
	Text   *string `json:"body,omitempty"`
	Base64 string  `json:"bodyBase64,omitempty"`
}

// NewBody writes bytes down.
func NewBody(raw []byte) Body {
	text, encoded := written(raw)
	return Body{text, encoded}
}

// Bytes gives the bytes back.
func (b Body) Bytes() ([]byte, error) { return read(b.Text, b.Base64) }

// Message is bytes that a MAC covers, written like a [Body].
type Message struct {
	Text   *string `json:"signed,omitempty"`
	Base64 string  `json:"signedBase64,omitempty"`
}

// NewMessage writes bytes down.
func NewMessage(raw []byte) Message {
	text, encoded := written(raw)
	return Message{text, encoded}
}

// Bytes gives the bytes back.
func (m Message) Bytes() ([]byte, error) { return read(m.Text, m.Base64) }

func written(raw []byte) (*string, string) {
	if text := string(raw); isPlain(text) {
		return &text, ""
	}
	return nil, base64.StdEncoding.EncodeToString(raw)
}

func read(text *string, encoded string) ([]byte, error) {
	if text != nil {
		return []byte(*text), nil
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("reading bytes in base64: %w", err)
	}
	return raw, nil
}
