package report

import (
	"unicode/utf8"

	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// allSizes are tried one after the other, until the report is small enough.
var allSizes = []sizes{
	{body: limits.ReportedBody, text: 8 << 10, fields: 64 << 10, requests: 64},
	{body: limits.ReportedBody, text: 1 << 10, fields: 2 << 10, requests: 16},
	{body: 512, text: 256, fields: 1 << 10, requests: 4},
	{body: 64, text: 64, fields: 256, requests: 1},
	{},
}

// fit fills in the exchanges, with as much of each as keeps every case and the whole
// report small.
func (r *Report) fit(results []engine.Result) {
	for first := range allSizes {
		size := 0
		for i := range r.Cases {
			size += r.Cases[i].fit(results[i].Steps, allSizes[first:])
			if size > limits.Report {
				break
			}
		}
		if size <= limits.Report {
			return
		}
	}
}

// fit fills in the exchanges of a case in the first size that keeps it small, and
// returns how large the case then is.
func (c *Case) fit(steps []engine.Step, tried []sizes) (size int) {
	for _, s := range tried {
		c.Exchanges = s.exchanges(steps)
		if size = c.size(); size <= limits.ReportedCase {
			break
		}
	}
	return size
}

// Bytes around texts in indented JSON.
const (
	aroundField    = 100
	aroundExchange = 1000
	aroundCase     = 3000
)

func (c Case) size() int {
	size := aroundCase + encoded(c.Observed) + encoded(c.Note) + encoded(c.Sent)
	for _, e := range c.Exchanges {
		size += aroundExchange + encoded(e.Request.Target) + e.Request.Header.size() + e.Request.Content.size()
		if e.Response != nil {
			size += e.Response.Header.size() + e.Response.Content.size()
		}
		for _, a := range e.APIRequests {
			size += aroundExchange + encoded(a.Path) + encoded(a.Query) + encoded(a.Bearer) + a.Header.size() + a.Content.size()
		}
	}
	return size
}

func (c Content) size() int { return encoded(c.Body) }

func (h Header) size() (size int) {
	for _, field := range h {
		size += aroundField + encoded(field[0]) + encoded(field[1])
	}
	return size
}

// encoded is about how long a text is as JSON.
func encoded(text string) int {
	const asEscape = 6 // \u0000
	size := 0
	for _, r := range text {
		switch {
		case r < ' ' || r == '\u2028' || r == '\u2029' || r == utf8.RuneError:
			size += asEscape
		case r == '"' || r == '\\':
			size += 2
		default:
			size += utf8.RuneLen(r)
		}
	}
	return size
}
