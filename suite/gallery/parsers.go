package gallery

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/countersign-dev/countersign/reference"
)

// parsers: endpoints that read more than strict JSON, but verify what they run.
func parsers() []Endpoint {
	return []Endpoint{
		{
			Name: "byte-order-mark-removed", Part: Readings,
			Peculiar: "a byte order mark is removed before the body is verified and run",
			Change:   reading(func(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }),
		},
		{
			Name: "first-document-only", Part: Readings,
			Peculiar: "of several JSON documents the first is verified and run, and the others are never read",
			Change: reading(func(body []byte) []byte {
				var first json.RawMessage
				if json.NewDecoder(bytes.NewReader(body)).Decode(&first) != nil {
					return body
				}
				return first
			}),
		},
		{
			Name: "last-member-only", Part: Readings,
			Peculiar: "the body is parsed once, so that the last of two members with one name is both verified and run",
			Change: reading(func(body []byte) []byte {
				var call map[string]any
				decoder := json.NewDecoder(bytes.NewReader(body))
				decoder.UseNumber()
				if decoder.Decode(&call) != nil || decoder.More() {
					return body
				}
				once, err := json.Marshal(call)
				if err != nil {
					return body
				}
				return once
			}),
		},
		{
			Name: "array-of-one-unwrapped", Part: Readings,
			Peculiar: "a call in an array is taken out of it before it is verified and run",
			Change:   reading(func(body []byte) []byte { return bytes.TrimSuffix(bytes.TrimPrefix(body, []byte("[")), []byte("]")) }),
		},
	}
}

// reading changes the body before anything else sees it.
func reading(read func([]byte) []byte) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		whole := e.ReadBody
		e.ReadBody = func(r *http.Request) ([]byte, error) {
			body, err := whole(r)
			if err != nil || len(body) == 0 {
				return body, err
			}
			return read(body), nil
		}
	}
}
