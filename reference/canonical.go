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
	if err := check(body); err != nil {
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

// check makes the whole check only where a quick look finds something to check.
func check(body []byte) error {
	if !suspicious(body) {
		return nil
	}
	return checkValues(body)
}

// plainDigits is how many digits a number may have and be certain to fit a double.
const plainDigits = 300

// suspicious looks at each byte once: it finds nesting deeper than [MaxDepth],
// and numbers with an exponent or with very many digits. It may be wrong about
// what is not JSON; that is refused all the same.
func suspicious(body []byte) bool {
	depth, digits, text := 0, 0, false
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		}
		digits++
		if text || c != '.' && (c < '0' || c > '9') {
			digits = 0
		}
		exponent := !text && (c == 'E' || c == 'e' && i > 0 && body[i-1] >= '0' && body[i-1] <= '9')
		if exponent || depth > MaxDepth || digits > plainDigits {
			return true
		}
	}
	return false
}

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
