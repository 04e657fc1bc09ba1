package live

import (
	"bytes"
	"regexp"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// RecordedResponse is a response, secrets replaced by tokens.
type RecordedResponse struct {
	Status     int                 `json:"status"`
	Header     map[string][]string `json:"header"`
	Body       string              `json:"body"`
	NoResponse string              `json:"noResponse"` // why there is none
	Runs       int                 `json:"runs"`
}

// RecordedRequest is a request, secrets and MACs replaced by tokens.
type RecordedRequest struct {
	Method string        `json:"method"`
	Target string        `json:"target"`
	Header []HeaderField `json:"header"`
	Body   []byte        `json:"body"` // in base64, as it is on the wire
	// Signed: its MAC is the primary key's, of this very body and of its t.
	Signed bool `json:"signed"`
	// Ahead is its t less the time at which it was sent, in seconds.
	Ahead int64 `json:"ahead"`
}

// HeaderField is one field of a header, as it stands on the wire.
type HeaderField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Sent is the request with tokens in the place of secrets.
func (r RecordedRequest) Sent() suite.Request {
	request := suite.Request{Method: r.Method, Target: r.Target, Body: r.Body}
	for _, f := range r.Header {
		request.Header = append(request.Header, suite.Field(f))
	}
	return request
}

// RecordedExchange is a request that is sent as a part of a finding's sequence.
type RecordedExchange struct {
	When     string           `json:"when"`  // "first", "before" or "at the same time"
	Sent     string           `json:"sent"`  // in words
	Times    int              `json:"times"` // how often it is sent
	Request  RecordedRequest  `json:"request"`
	Response RecordedResponse `json:"response"` // the last time
}

func (a attempt) recordSequence() (all []RecordedExchange) {
	for _, c := range a.sequence {
		all = append(all, RecordedExchange{c.role, c.input.last().String(), c.times, c.recordRequest(), recordResponse(c.observed)})
	}
	return all
}

const (
	// otherMAC stands for a MAC of another message.
	otherMAC = "{{mac}}"
	// anyMAC is how the token of any MAC begins.
	anyMAC = "{{mac"
	// cutToken stands where a body was cut.
	cutToken = "{{cut}}"
)

func recordResponse(x *engine.Exchange) RecordedResponse {
	header := map[string][]string{}
	for name, values := range x.Response.Header {
		for _, value := range values {
			header[name] = append(header[name], withoutMACs(value))
		}
	}
	body := string(x.Response.Body)
	if len(body) > limits.FindingBody {
		body = body[:limits.FindingBody] + cutToken
	}
	return RecordedResponse{x.Response.Status, header, withoutMACs(body), x.NoResponse, x.Runs}
}

func (a attempt) recordRequest() RecordedRequest {
	sent := a.observed.Sent()
	r := RecordedRequest{Method: sent.Method, Target: hexMAC.ReplaceAllString(sent.Target, otherMAC), Header: []HeaderField{}, Body: append([]byte{}, sent.Body...)}
	r.Signed, r.Ahead = a.plainlySigned()
	for _, f := range sent.Header {
		r.Header = append(r.Header, HeaderField{f.Name, withoutMACs(f.Value)})
	}
	return r
}

// plainlySigned reports whether a request has one well-formed signature by the
// primary key, of the bytes as they are sent, and by how many seconds it is ahead.
func (a attempt) plainlySigned() (signed bool, ahead int64) {
	r := a.sent
	values := valuesOf(r.Request, reference.HeaderSignature)
	if len(values) != 1 {
		return false, 0
	}
	s, err := reference.ParseSignature(values[0])
	if err != nil || s.String() != values[0] || !bytes.Equal(r.Request.Body, r.Entity) {
		return false, 0
	}
	signed = a.scene.Keys.Primary.MAC(r.Request.Body, s.T()) == s.MAC
	return signed, int64(s.Time.Sub(a.scene.Now.Truncate(time.Second)).Seconds())
}

// hexMAC matches a MAC in hex, whatever its case.
var hexMAC = regexp.MustCompile(`[0-9A-Fa-f]{64}`)

// withoutMACs replaces MACs that have no token yet: those of an hour ago, or of a
// captured response.
func withoutMACs(value string) string {
	before, after, found := strings.Cut(value, "s=")
	if !found {
		return value
	}
	if digits := len(after) - len(strings.TrimLeft(after, "0123456789abcdef")); digits >= 32 && strings.Trim(after[:digits], "0") != "" {
		after = otherMAC + after[digits:]
	}
	return before + "s=" + withoutMACs(after)
}
