package reference

import (
	"bytes"
	"fmt"
	"iter"
	"time"
)

// Sign signs the body of a request or response: the MAC covers its bytes and the
// time in whole seconds (SPEC 4.1.1). Inngest's server signs the bytes that it
// sends, except for syncs: there it signs the canonical form ([Canonicalise]) of
// the body. The error wraps [ErrNoKey] for the zero Key.
func Sign(key Key, body []byte, at time.Time) (Signature, error) {
	if key.IsZero() {
		return Signature{}, fmt.Errorf("signing %d bytes: %w", len(body), ErrNoKey)
	}
	s := Signature{Time: at.Truncate(time.Second)}
	s.MAC = key.MAC(body, s.T())
	return s, nil
}

// Messages yields what the MAC of a body may cover: the bytes as received and, if
// they have another canonical form, that form (SPEC 4.1.3). The canonical form is
// computed only if the loop does not end with the first message.
func Messages(body []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if !yield(body) {
			return
		}
		if canonical, err := Canonicalise(body); err == nil && !bytes.Equal(canonical, body) {
			yield(canonical)
		}
	}
}
