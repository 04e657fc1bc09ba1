package live

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// What every server must be able to read (RFC 9110, 9112). A server that cannot
// read a request may end the connection without a response.
var (
	plainMethod = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE|OPTIONS)$`)
	plainTarget = regexp.MustCompile(`^/[!-~]{0,1000}$`)
	plainName   = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	plainValue  = regexp.MustCompile(`^([!-~]([ -~]{0,1000}[!-~])?)?$`)
	plainHost   = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`)
)

const (
	mostFields = 50
	mostBody   = 64 << 10
)

// plainHTTP: nothing about a request is odd or large to a server, whatever it is
// to an SDK.
func plainHTTP(r suite.Request) bool {
	hosts := 0
	for _, f := range r.Header {
		if !plainName.MatchString(f.Name) || !plainValue.MatchString(f.Value) {
			return false
		}
		switch strings.ToLower(f.Name) {
		case "host":
			if hosts++; !plainHost.MatchString(f.Value) {
				return false
			}
		case "content-length", "transfer-encoding", "connection", "upgrade", "expect":
			return false
		}
	}
	hasBody := r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch || len(r.Body) == 0
	return hosts == 1 && len(r.Header) <= mostFields && hasBody && len(r.Body) <= mostBody &&
		plainMethod.MatchString(r.Method) && plainTarget.MatchString(r.Target)
}
