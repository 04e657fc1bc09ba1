package engine

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Text is bytes that are mostly text: as JSON it is a string if it is UTF-8 and has few
// escapes, else an object with the member base64.
type Text string

// MarshalJSON encodes the bytes.
func (t Text) MarshalJSON() ([]byte, error) {
	asBase64 := func() []byte {
		return fmt.Appendf(nil, `{"base64":%q}`, base64.StdEncoding.EncodeToString([]byte(t)))
	}
	if !utf8.ValidString(string(t)) {
		return asBase64(), nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(string(t))
	if text.Len() > 2*len(t)+len(`{"base64":""}`) {
		return asBase64(), err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

// UnmarshalJSON decodes what [Text.MarshalJSON] encodes.
func (t *Text) UnmarshalJSON(text []byte) error {
	var plain *string
	if err := json.Unmarshal(text, &plain); err == nil && plain != nil {
		*t = Text(*plain)
		return nil
	}
	var encoded struct {
		Base64 *[]byte `json:"base64"`
	}
	if err := json.Unmarshal(text, &encoded); err != nil || encoded.Base64 == nil {
		return errors.New("a text is a string, or an object with base64")
	}
	*t = Text(*encoded.Base64)
	return nil
}
