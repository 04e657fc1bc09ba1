package report

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/suite/engine"
)

// Exchange is one request of a case, the response and the effects.
type Exchange struct {
	Part        string       `json:"part"` // "control before", "the request", …
	Request     Request      `json:"request"`
	Response    *Response    `json:"response,omitempty"`
	NoResponse  string       `json:"noResponse,omitempty"` // why there is none
	Runs        int          `json:"runs"`                 // how often the function ran
	TookMS      int64        `json:"tookMs"`
	APIRequests []APIRequest `json:"apiRequests"` // from the target to the stand-in API meanwhile
	// APIRequestsCut is how many more of them there were.
	APIRequestsCut int `json:"apiRequestsCut,omitempty"`
}

// Request is what was sent to the target.
type Request struct {
	Method string `json:"method"`
	Target string `json:"target"`
	Header Header `json:"header"`
	Content
}

// Response is the target's.
type Response struct {
	Status int    `json:"status"`
	Header Header `json:"header"`
	// Unread says why not all of the response was looked at.
	Unread string `json:"unread,omitempty"`
	Content
}

// APIRequest is a request from the target to the stand-in API, with the status of
// the response.
type APIRequest struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"`
	Bearer string `json:"bearer,omitempty"`
	Header Header `json:"header"`
	Status int    `json:"status"`
	Content
}

// Header is header fields as pairs of name and value.
type Header [][2]string

// Content is a body, as far as a report holds it.
type Content struct {
	Body     string `json:"body"`
	Encoding string `json:"encoding,omitempty"` // "base64" where the body is not UTF-8
	Length   int    `json:"length"`             // bytes of the whole body
	Cut      bool   `json:"cut,omitempty"`      // the body is longer than what is shown
	// HeaderCut is how many header fields are not shown.
	HeaderCut int `json:"headerCut,omitempty"`
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
