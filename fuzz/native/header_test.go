package native

import (
	"errors"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
)

// A text is read as a signature only if it is the signature's own spelling, t
// and s in either order, of a year with four digits; an error names the
// rule; a header that occurs twice is rejected whatever it is.
func FuzzHeader(f *testing.F) {
	for _, text := range headerTexts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := reference.ParseSignature(text)
		again, errAgain := reference.ParseSignature(strings.Clone(text))
		if got != again || (err == nil) != (errAgain == nil) {
			t.Errorf("%q is read as %q, %v and then as %q, %v", text, got, err, again, errAgain)
		}
		var broken *reference.HeaderError
		switch {
		case err != nil && (!errors.As(err, &broken) || got != reference.Signature{}):
			t.Errorf("%q is rejected without a rule, or half read: %q, %v", text, got, err)
		case err == nil && (!spells(text, got) || got.Time.Year() > 9999):
			t.Errorf("%q is read as if it were %q, of %s", text, got, got.Time)
		}
		if _, _, err := reference.ParseHeaders([]string{text, text}); err == nil {
			t.Errorf("%q is accepted twice in a row", text)
		}
	})
}

func spells(text string, s reference.Signature) bool {
	t, mac, _ := strings.Cut(s.String(), "&")
	return text == t+"&"+mac || text == mac+"&"+t
}
