package explain

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// ErrNoRequest is returned for a text that does not begin as an HTTP request.
var ErrNoRequest = errors.New("not a raw HTTP request: it must begin with a line like `POST /api/inngest HTTP/1.1`, then headers, an empty line and the body")

// ParseRequest parses a raw HTTP/1.1 request as it was captured. Lines of its head
// may end in LF; the body is taken as it is, unless it is chunked.
func ParseRequest(raw []byte) (Request, error) {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	if plain, rest, found := bytes.Cut(raw, []byte("\n\n")); found && len(plain) < len(head) {
		head, body = plain, rest
	}
	lines := strings.Split(strings.ReplaceAll(string(head), "\r\n", "\n"), "\n")
	first := strings.Fields(lines[0])
	if len(first) < 2 || len(first) > 3 || strings.ToUpper(first[0]) != first[0] || len(first) == 3 && !strings.HasPrefix(first[2], "HTTP/") {
		return Request{}, ErrNoRequest
	}
	r := Request{Method: first[0], Body: body, Announced: -1}
	chunked := false
	for _, line := range lines[1:] {
		name, text, is := strings.Cut(line, ":")
		if !is {
			continue
		}
		field := suite.Field{Name: strings.TrimSpace(name), Value: strings.TrimSpace(text)}
		r.Header = append(r.Header, field)
		switch n, err := strconv.Atoi(field.Value); {
		case strings.EqualFold(field.Name, "Content-Length") && err == nil:
			r.Announced = n
		case strings.EqualFold(field.Name, "Transfer-Encoding") && strings.EqualFold(field.Value, "chunked"):
			chunked = true
		}
	}
	if chunked {
		if joined, ok := dechunk(body); ok {
			r.Body = joined
		}
	}
	return r, nil
}

// dechunk joins the chunks of a body (RFC 9112, 7.1).
func dechunk(body []byte) (joined []byte, ok bool) {
	for {
		line, rest, found := bytes.Cut(body, []byte("\r\n"))
		size, _, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 31)
		switch {
		case !found || err != nil || int(n) > len(rest):
			return nil, false
		case n == 0:
			return joined, true
		}
		joined = append(joined, rest[:n]...)
		body = bytes.TrimPrefix(rest[n:], []byte("\r\n"))
	}
}
