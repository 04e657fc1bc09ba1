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
	// MaxBody is the largest body that is read, in bytes: the limit of Inngest's server.
	MaxBody = 4 << 20
	// MaxDepth is the deepest nesting of objects and arrays that is canonicalised.
	MaxDepth = 1000
)

// ErrNoCanonicalForm is returned for bytes without a canonical form: not JSON, a
// duplicate name in an object, invalid UTF-8, a lone surrogate, a number that
// overflows a double, data after the value, or nesting deeper than [MaxDepth].
var ErrNoCanonicalForm = errors.New("no canonical form")

// Canonicalise returns the canonical form of one JSON value (RFC 8785). The
// error wraps [ErrNoCanonicalForm]. The argument is not modified.
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
	errDouble = errors.New("a number overflows a double")
)

// check parses the body only where a scan of its bytes finds something that the
// canonicaliser would accept and should not.
func check(body []byte) error {
	if !suspicious(body) {
		return nil
	}
	return checkValues(body)
}

// plainDigits is a number of digits that cannot overflow a double.
const plainDigits = 300

// suspicious scans the body once for nesting deeper than [MaxDepth] and for
// numbers with an exponent or very many digits. Its result is meaningless for
// a body that is not JSON, which the canonicaliser refuses anyway.
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

// checkValues refuses what the canonicaliser accepts: deep nesting, and numbers
// that it would clamp to the largest double.
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
