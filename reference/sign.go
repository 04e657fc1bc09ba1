package reference

import (
	"fmt"
	"net/http"
	"time"
)

// Sign signs a request as Inngest does: the MAC covers the message of method
// and body (see [Message]) and the time in whole seconds. The error wraps
// [ErrNoKey] for the zero Key, or says why there is no message.
func Sign(key Key, method string, body []byte, at time.Time) (Signature, error) {
	message, err := Message(method, body)
	if err != nil {
		return Signature{}, fmt.Errorf("signing a %s: %w", method, err)
	}
	return signMessage(key, message, at)
}

// SignResponse signs a response: the MAC covers the raw bytes of its body.
func SignResponse(key Key, body []byte, at time.Time) (Signature, error) {
	return signMessage(key, body, at)
}

func signMessage(key Key, message []byte, at time.Time) (Signature, error) {
	if key.IsZero() {
		return Signature{}, fmt.Errorf("signing: %w", ErrNoKey)
	}
	s := Signature{Time: at.Truncate(time.Second)}
	s.MAC = key.MAC(message, s.T())
	return s, nil
}

// Message is the part of a request that its MAC covers: nothing for a GET
// without a body, the canonical form of the body for POST and PUT (SPEC 4.1.3).
// Other requests have no message: the error wraps [ErrNoCanonicalForm] or
// [ErrNoMessage].
func Message(method string, body []byte) ([]byte, error) {
	switch {
	case method == http.MethodGet && len(body) == 0:
		return nil, nil
	case (method == http.MethodPost || method == http.MethodPut) && len(body) > 0:
		return Canonicalise(body)
	}
	return nil, fmt.Errorf("%w: %s with a body of %d bytes", ErrNoMessage, method, len(body))
}
