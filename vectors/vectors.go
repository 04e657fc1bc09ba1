// Package vectors holds test vectors for the protocol, for tests in any language:
// what is signed, how it is verified, and which requests an SDK sends to the API
// depending on its responses.
//
// The files in data are JSON that conforms to schema.json; README.md describes
// them and their use without Go. In Go:
//
//	file, err := vectors.Load[vectors.Verify]()
//
// They are generated from the suite's catalogue and the reference.
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

//go:embed data/*.json schema.json manifest.json
var embedded embed.FS

// Names lists the files, without their extension.
var Names = []string{"header", "key-hash", "canonical", "sign", "verify", "mode", "bearer-fallback", "real"}

// Kind is a type of vector. Each type has its own file.
type Kind interface {
	Header | KeyHash | Canonical | Sign | Verify | Mode | BearerFallback | Real

	// FileName is the name of the file, without its extension.
	FileName() string
	// About returns the fields that all vectors have.
	About() Common
	// Outcome returns the expected result.
	Outcome() string
}

// File is a file of vectors.
type File[V Kind] struct {
	Schema  string          `json:"$schema"`
	Name    string          `json:"file"`
	About   string          `json:"about"`
	Count   int             `json:"count"`
	Flags   map[string]Flag `json:"flags"`
	Vectors []V             `json:"vectors"`
}

// Flag describes a kind of bug or a kind of input.
type Flag struct {
	About string `json:"about"`         // what the vectors with this flag have in common
	Bug   string `json:"bug,omitempty"` // the likely bug in an implementation that fails them
}

// Load reads the file of one kind of vector. Unknown members are an error.
func Load[V Kind]() (File[V], error) {
	var kind V
	raw, err := Raw(kind.FileName())
	if err != nil {
		return File[V]{}, err
	}
	return Parse[V](raw)
}

// Parse parses the content of a file as strictly as [Load].
func Parse[V Kind](text []byte) (File[V], error) {
	var kind V
	var file File[V]
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return File[V]{}, fmt.Errorf("parsing the vectors %s: %w", kind.FileName(), err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return File[V]{}, fmt.Errorf("parsing the vectors %s: data after the JSON value", kind.FileName())
	}
	if file.Name != kind.FileName() || file.Count != len(file.Vectors) {
		return File[V]{}, fmt.Errorf("parsing the vectors %s: the file says that it has %d vectors %s, and has %d", kind.FileName(), file.Count, file.Name, len(file.Vectors))
	}
	return file, nil
}

// Raw returns the content of a file: vectors.Raw("verify").
func Raw(name string) ([]byte, error) {
	text, err := embedded.ReadFile("data/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("reading the vectors %q: %w", name, err)
	}
	return text, nil
}

// Schema returns the JSON Schema (2020-12) of the files.
func Schema() []byte {
	text, err := embedded.ReadFile("schema.json")
	if err != nil {
		panic("the schema is embedded: " + err.Error())
	}
	return text
}

// Body is the body of a request or response: text where it is UTF-8 without a NUL
// byte, else base64.
type Body struct {
	Text   *string `json:"body,omitempty"`
	Base64 string  `json:"bodyBase64,omitempty"`
}

// NewBody encodes bytes.
func NewBody(raw []byte) Body {
	text, encoded := encode(raw)
	return Body{text, encoded}
}

// Bytes decodes the bytes.
func (b Body) Bytes() ([]byte, error) { return decode(b.Text, b.Base64) }

// Message is the bytes that a MAC covers, encoded like a [Body].
type Message struct {
	Text   *string `json:"signed,omitempty"`
	Base64 string  `json:"signedBase64,omitempty"`
}

// NewMessage encodes bytes.
func NewMessage(raw []byte) Message {
	text, encoded := encode(raw)
	return Message{text, encoded}
}

// Bytes decodes the bytes.
func (m Message) Bytes() ([]byte, error) { return decode(m.Text, m.Base64) }

func encode(raw []byte) (*string, string) {
	if text := string(raw); isPlain(text) {
		return &text, ""
	}
	return nil, base64.StdEncoding.EncodeToString(raw)
}

func decode(text *string, encoded string) ([]byte, error) {
	if text != nil {
		return []byte(*text), nil
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("decoding base64: %w", err)
	}
	return raw, nil
}
