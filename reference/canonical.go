package reference

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// MaxBody is how many bytes of a request's body are read: the server's own limit.
	MaxBody = 4 << 20
	// MaxDepth is how deep a body may nest objects and arrays.
	MaxDepth = 1000
)

// ErrNoCanonicalForm says that bytes have no canonical form: not JSON, a name
// twice in one object, invalid UTF-8, a lone surrogate, a number beyond double,
// something after the value, or nesting deeper than [MaxDepth].
var ErrNoCanonicalForm = errors.New("no canonical form")

// Canonicalise gives the canonical form of one JSON value (RFC 8785). The
// error wraps [ErrNoCanonicalForm]. The argument is left as it is.
func Canonicalise(body []byte) ([]byte, error) {
	if err := checkValues(body); err != nil {
		return nil, fmt.Errorf("canonicalising %d bytes: %w: %w", len(body), ErrNoCanonicalForm, err)
	}
	value := jsontext.Value(bytes.Clone(body))
	if err := value.Canonicalize(); err != nil {
		return nil, fmt.Errorf("canonicalising %d bytes: %w: %w", len(body), ErrNoCanonicalForm, err)
	}
	return value, nil
}

var (
	errDepth  = fmt.Errorf("nested deeper than %d", MaxDepth)
	errDouble = errors.New("a number beyond double")
)

// checkValues finds what the canonicaliser would let pass: deep nesting, and
// numbers that it would clamp to the largest double.
func checkValues(body []byte) error {
	tokens := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		token, err := tokens.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if tokens.StackDepth() > MaxDepth {
			return errDepth
		}
		if token.Kind() != '0' {
			continue
		}
		if _, err := strconv.ParseFloat(token.String(), 64); err != nil {
			return errDouble
		}
	}
}
