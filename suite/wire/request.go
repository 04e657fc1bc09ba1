package wire

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// Bytes is a request as it is sent. Unless its fields contain them, a Content-Length
// and "Connection: close" are added.
func Bytes(r suite.Request) []byte { return toBytes(r, false) }

func toBytes(r suite.Request, keepAlive bool) []byte {
	var wire bytes.Buffer
	fmt.Fprintf(&wire, "%s %s %s\r\n", r.Method, r.Target, cmp.Or(r.Version, "HTTP/1.1"))
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

// usuallyHasBody reports whether a request with this method has a Content-Length even
// without a body.
func usuallyHasBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// plainlyFramed reports whether the head has no fields about framing or the
// connection, and every server reads the body of requests with this method.
func plainlyFramed(r suite.Request) bool {
	for _, f := range r.Header {
		if strings.ContainsAny(f.Value, "\r\n") {
			return false
		}
	}
	return r.Version == "" && !names(r.Header, "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Expect") &&
		r.Method != http.MethodHead && !(len(r.Body) > 0 && r.Method == http.MethodGet)
}
