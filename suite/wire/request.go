package wire

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// Bytes is a request as it goes over the wire. What its fields leave open is
// added at their end: the body's length and that the connection ends with it.
func Bytes(r suite.Request) []byte { return toBytes(r, false) }

func toBytes(r suite.Request, keepAlive bool) []byte {
	var wire bytes.Buffer
	fmt.Fprintf(&wire, "%s %s HTTP/1.1\r\n", r.Method, r.Target)
	for _, field := range r.Header {
		wire.WriteString(field.Name + ": " + field.Value + "\r\n")
	}
	if !names(r.Header, "Content-Length", "Transfer-Encoding") && (len(r.Body) > 0 || usuallyHasBody(r.Method)) {
		fmt.Fprintf(&wire, "Content-Length: %d\r\n", len(r.Body))
	}
	switch {
	case names(r.Header, "Connection"):
	case keepAlive:
		wire.WriteString("Connection: keep-alive\r\n")
	default:
		wire.WriteString("Connection: close\r\n")
	}
	wire.WriteString("\r\n")
	wire.Write(r.Body)
	return wire.Bytes()
}

func names(fields []suite.Field, wanted ...string) bool {
	return slices.ContainsFunc(fields, func(field suite.Field) bool {
		return slices.ContainsFunc(wanted, func(name string) bool { return strings.EqualFold(field.Name, name) })
	})
}

// usuallyHasBody: with these methods a missing body is said, not left out.
func usuallyHasBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// plainlyFramed: nothing in the head says where the request or the connection
// ends, and the method is one whose body everybody reads.
func plainlyFramed(r suite.Request) bool {
	for _, f := range r.Header {
		if strings.ContainsAny(f.Value, "\r\n") {
			return false
		}
	}
	return !names(r.Header, "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Expect") &&
		r.Method != http.MethodHead && !(len(r.Body) > 0 && r.Method == http.MethodGet)
}
