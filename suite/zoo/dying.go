package zoo

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// dying are the mutants that a request crashes before it is authenticated.
func dying() []Mutant {
	body := func(text string) func(*http.Request, []byte) bool {
		return func(r *http.Request, body []byte) bool { return r.Method == http.MethodPost && string(body) == text }
	}
	has := func(header, text string) func(*http.Request, []byte) bool {
		return func(r *http.Request, _ []byte) bool { return strings.Contains(r.Header.Get(header), text) }
	}
	host := func(text string) func(*http.Request, []byte) bool {
		return func(r *http.Request, _ []byte) bool { return strings.Contains(r.Host, text) }
	}
	function := func(text string) func(*http.Request, []byte) bool {
		return func(r *http.Request, _ []byte) bool { return strings.Contains(r.URL.RawQuery, text) }
	}
	return []Mutant{
		diesOf("not-json", "a body that is not JSON", body("not json")),
		diesOf("breaks-off", "a truncated body", body(`{"event":{"data":`)),
		diesOf("trailing-data", "a body with trailing data", body(`{} x`)),
		diesOf("invalid-utf8", "a body that is not UTF-8", func(_ *http.Request, b []byte) bool { return bytes.Contains(b, []byte{0xff, 0xfe}) }),
		diesOf("byte-order-mark", "a byte order mark before its body", func(_ *http.Request, b []byte) bool { return bytes.HasPrefix(b, []byte("\ufeff")) }),
		diesOf("lone-surrogate", "a body with half a surrogate pair", body(`{"a":"\ud800"}`)),
		diesOf("huge-number", "a body with a number beyond double", body(`{"a":1e999}`)),
		diesOf("nested", "a body that nests too deep for its stack", func(_ *http.Request, b []byte) bool { return bytes.HasPrefix(b, []byte("[[[")) }),
		diesOf("duplicate-names", "a body with a name twice", body(`{"a":1,"a":2}`)),
		diesOf("null", "a body of null", body(`null`)),
		diesOf("scalar", "a body of a number", body(`1`)),
		diesOf("list", "a body of a list", body(`[]`)),
		diesOf("prototype", "a body with the member __proto__", func(_ *http.Request, b []byte) bool { return bytes.Contains(b, []byte("__proto__")) }),
		diesOf("no-body", "no body", func(r *http.Request, b []byte) bool {
			return r.Method == http.MethodPost && len(b) == 0 && r.Header.Get(reference.HeaderSignature) == ""
		}),
		diesOf("compressed", "a compressed body", func(r *http.Request, _ []byte) bool {
			return r.Header.Get("Content-Encoding") != "" && r.Header.Get(reference.HeaderSignature) == ""
		}),
		diesOf("sync-not-json", "an in-band sync body that is not JSON", func(r *http.Request, b []byte) bool { return isInBand(r) && string(b) == "not json" }),
		diesOf("sync-out-of-band-not-json", "an out-of-band sync body that is not JSON", func(r *http.Request, b []byte) bool {
			return r.Method == http.MethodPut && !isInBand(r) && string(b) == "not json"
		}),
		diesOf("header-percent", "a header that is wrongly percent-encoded", has(reference.HeaderSignature, "%zz")),
		diesOf("header-very-long", "a t of thousands of digits", has(reference.HeaderSignature, "99999&s=xxxxx")),
		diesOf("host-with-blank", "a Host with a space", host("a b")),
		diesOf("host-empty-port", "a Host whose port is a word", host(":port")),
		diesOf("forwarded-proto", "an X-Forwarded-Proto that is not valid in a URL", has("X-Forwarded-Proto", "://")),
		diesOf("forwarded-host", "an X-Forwarded-Host that is not valid in a URL", has("X-Forwarded-Host", "[::")),
		diesOf("query-percent", "a query that is wrongly percent-encoded", function("%zz")),
		diesOf("query-prototype", "a function named __proto__", function("__proto__")),
	}
}

// diesOf panics while it reads a request that meets a condition; the panic ends
// the process.
func diesOf(name, of string, when func(r *http.Request, body []byte) bool) Mutant {
	return Mutant{
		Name: "dies-of-" + name, Part: Availability, Kills: "survival." + name,
		Defect: "an unsigned request with " + of + " ends the process",
		Break: func(e *reference.Endpoint) {
			read := e.ReadBody
			e.ReadBody = func(r *http.Request) ([]byte, error) {
				body, err := read(r)
				if when(r, body) {
					panic("nobody catches this")
				}
				return body, err
			}
		},
	}
}
