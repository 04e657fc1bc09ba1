package report

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/suite/engine"
)

// sizes are how much a report holds of an exchange.
type sizes struct {
	body     int // bytes of each body
	text     int // bytes of each line: a path, a header field
	fields   int // bytes of all fields of one header
	requests int // requests to the stand-in API
}

func (s sizes) content(body []byte, cut int) Content {
	content := Content{Length: len(body), Cut: len(body) > s.body, HeaderCut: cut}
	whole := utf8.Valid(body)
	if content.Cut {
		end := s.body
		for whole && !utf8.RuneStart(body[end]) {
			end--
		}
		body = body[:end]
	}
	if content.Body = string(body); !whole {
		content.Body, content.Encoding = base64.StdEncoding.EncodeToString(body), "base64"
	}
	return content
}

func (s sizes) exchanges(steps []engine.Step) []Exchange {
	exchanges := []Exchange{}
	for _, step := range steps {
		exchanges = append(exchanges, s.exchange(step))
	}
	return exchanges
}

func (s sizes) exchange(step engine.Step) Exchange {
	o, sent := step.Exchange, step.Exchange.Sent()
	exchange := Exchange{
		Part: step.Part, NoResponse: o.NoResponse, Runs: o.Runs, TookMS: o.Took.Milliseconds(), APIRequests: []APIRequest{},
	}
	fields := Header{}
	for _, field := range sent.Header {
		fields = append(fields, [2]string{field.Name, field.Value})
	}
	fields, cut := s.header(fields)
	exchange.Request = Request{sent.Method, s.line(sent.Target), fields, s.content(sent.Body, cut)}
	if more := o.SentCut(); more > 0 {
		exchange.Request.Length, exchange.Request.Cut = exchange.Request.Length+more, true
	}
	if o.NoResponse == "" {
		fields, cut := s.header(pairs(o.Response.Header))
		exchange.Response = &Response{o.Response.Status, fields, o.Cut, s.content(o.Response.Body, cut)}
	}
	for i, a := range o.APIRequests {
		if i == s.requests {
			exchange.APIRequestsCut = len(o.APIRequests) - i
			break
		}
		fields, cut := s.header(pairs(a.Header))
		exchange.APIRequests = append(exchange.APIRequests, APIRequest{
			s.line(a.Method), s.line(a.Path), s.line(a.Query), s.line(a.Bearer), fields, a.Status, s.content([]byte(a.Body), cut),
		})
	}
	return exchange
}

// pairs writes header fields in the order of their names.
func pairs(header http.Header) Header {
	written := Header{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			written = append(written, [2]string{name, value})
		}
	}
	return written
}

const cutMark = " […]"

// cut cuts a text, and marks that.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + cutMark
}

func (s sizes) line(text string) string { return cut(text, s.text) }

// header is the first fields, and how many more there are.
func (s sizes) header(fields Header) (shown Header, more int) {
	shown, left := Header{}, s.fields
	for i, field := range fields {
		name, value := s.line(field[0]), s.line(field[1])
		if left -= len(name) + len(value); left < 0 {
			return shown, len(fields) - i
		}
		shown = append(shown, [2]string{name, value})
	}
	return shown, 0
}
