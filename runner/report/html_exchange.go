package report

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// htmlExchange is an exchange as it went over the wire, in spans of text.
type htmlExchange struct {
	Part              string
	Compared          bool // the request is compared with that of the control
	Request, Response []span
	NoResponse        string
	Runs              int
	API               [][]span
}

func htmlExchanges(exchanges []Exchange) (shown []htmlExchange) {
	control := ""
	for _, x := range exchanges {
		sent := wire(fmt.Sprintf("%s %s HTTP/1.1", x.Request.Method, x.Request.Target), x.Request.Header, x.Request.Content)
		h := htmlExchange{Part: x.Part, NoResponse: x.NoResponse, Runs: x.Runs, Request: []span{{Text: sent}}}
		switch x.Part {
		case "control before", "control set-up":
			control = sent
		case "control after", "request before it", "valid call at the same time":
		default:
			if control != "" {
				h.Request = compare(control, sent)
				h.Compared = len(h.Request) > 1
			}
		}
		if r := x.Response; r != nil {
			h.Response = []span{{Text: wire(fmt.Sprintf("HTTP/1.1 %d %s", r.Status, http.StatusText(r.Status)), r.Header, r.Content)}}
		}
		for _, a := range x.APIRequests {
			path := a.Path
			if a.Query != "" {
				path += "?" + a.Query
			}
			h.API = append(h.API, []span{{Text: wire(fmt.Sprintf("%s %s HTTP/1.1, response status %d", a.Method, path, a.Status), a.Header, a.Content)}})
		}
		shown = append(shown, h)
	}
	return shown
}

// wire is a message as text. Bytes that cannot be seen are written as escapes, so
// that what is shown is what was sent.
func wire(first string, header Header, content Content) string {
	var text strings.Builder
	text.WriteString(visible(first) + "\n")
	for _, field := range header {
		text.WriteString(visible(field[0]) + ": " + visible(shortened(field[1])) + "\n")
	}
	body := content.Body
	if content.Encoding == "base64" {
		decoded, _ := base64.StdEncoding.DecodeString(body) // we encoded it
		body = string(decoded)
	}
	text.WriteString("\n" + visible(body))
	if content.Cut {
		fmt.Fprintf(&text, "\n… (%d bytes in all)", content.Length)
	}
	return text.String()
}

// mostField is how many bytes of a header field are shown.
const mostField = 2 << 10

func shortened(value string) string {
	if len(value) <= mostField {
		return value
	}
	return fmt.Sprintf("%s… (%d bytes in all)", value[:mostField], len(value))
}

// visible writes what is not printable as an escape: \x00, \u{feff}. A backslash stays
// one: JSON has many.
func visible(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, text[0])
		case unicode.IsPrint(r):
			out.WriteRune(r)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&out, `\x%02x`, r)
		default:
			fmt.Fprintf(&out, `\u{%x}`, r)
		}
		text = text[size:]
	}
	return out.String()
}
