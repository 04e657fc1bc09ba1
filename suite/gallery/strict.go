package gallery

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// strict: endpoints that refuse what Inngest never sends.
func strict() []Endpoint {
	return []Endpoint{
		{
			Name: "other-methods-405", Part: Strict,
			Peculiar: "methods other than GET, POST and PUT get 405 and a page",
			Wrap:     instead(otherMethod, page(http.StatusMethodNotAllowed)),
		},
		{
			Name: "other-methods-501", Part: Strict,
			Peculiar: "methods other than GET, POST and PUT get 501",
			Wrap:     instead(otherMethod, respondWith(http.StatusNotImplemented, "text/plain", "")),
		},
		{
			Name: "other-methods-close", Part: Strict,
			Peculiar: "a request by another method than GET, POST and PUT closes the connection",
			Wrap:     instead(otherMethod, abort),
		},
		{
			Name: "options-204", Part: Strict,
			Peculiar: "OPTIONS gets 204 with CORS fields, as from a framework",
			Wrap: instead(func(r *http.Request) bool { return r.Method == http.MethodOptions }, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", "*")
				w.Header().Set("Access-Control-Allow-Methods", "GET, POST, PUT")
				w.WriteHeader(http.StatusNoContent)
			}),
		},
		{
			Name: "head-as-get", Part: Strict,
			Peculiar: "the response to HEAD is that to GET, without a body",
			Wrap: before(func(r *http.Request) {
				if r.Method == http.MethodHead {
					r.Method = http.MethodGet
				}
			}),
		},
		{
			Name: "trace-is-echoed", Part: Strict,
			Peculiar: "TRACE gets the head of the request as message/http, as RFC 9110 has it",
			Wrap: instead(func(r *http.Request) bool { return r.Method == http.MethodTrace }, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "message/http")
				_, _ = io.WriteString(w, "TRACE "+r.RequestURI+" HTTP/1.1\r\nHost: "+r.Host+"\r\n\r\n")
			}),
		},
		{
			Name: "no-length-411", Part: Strict,
			Peculiar: "a body without Content-Length gets 411",
			Wrap:     instead(func(r *http.Request) bool { return r.ContentLength < 0 }, page(http.StatusLengthRequired)),
		},
		{
			Name: "chunks-close", Part: Strict,
			Peculiar: "a chunked body closes the connection",
			Wrap:     instead(func(r *http.Request) bool { return r.ContentLength < 0 }, abort),
		},
		{
			Name: "large-bodies-413", Part: Strict,
			Peculiar: "bodies of more than 4.5 MB get 413, as on a serverless host",
			Wrap:     instead(func(r *http.Request) bool { return r.ContentLength > 4_500_000 }, page(http.StatusRequestEntityTooLarge)),
		},
		{
			Name: "other-types-415", Part: Strict,
			Peculiar: "a body that is not application/json in UTF-8 gets 415",
			Wrap:     instead(otherType, respondWith(http.StatusUnsupportedMediaType, "application/json", `{"statusCode":415,"error":"Unsupported Media Type"}`)),
		},
		{
			Name: "no-type-415", Part: Strict,
			Peculiar: "a POST without a body, or with another type, gets 415, before anything else",
			Wrap: instead(func(r *http.Request) bool {
				return r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
			}, page(http.StatusUnsupportedMediaType)),
		},
		{
			Name: "foreign-host-421", Part: Strict,
			Peculiar: "another Host than its own gets 421",
			Wrap:     instead(foreignHost, page(http.StatusMisdirectedRequest)),
		},
		{
			Name: "foreign-host-404", Part: Strict,
			Peculiar: "another Host than its own gets an edge's 404",
			Wrap:     instead(foreignHost, page(http.StatusNotFound)),
		},
		{
			Name: "foreign-host-closes", Part: Strict,
			Peculiar: "another Host than its own closes the connection",
			Wrap:     instead(foreignHost, abort),
		},
		{
			Name: "foreign-host-redirect", Part: Strict,
			Peculiar: "another Host than its own is redirected to the right one",
			Wrap: instead(foreignHost, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://app.example"+r.RequestURI, http.StatusPermanentRedirect)
			}),
		},
		{
			Name: "long-fields-431", Part: Strict,
			Peculiar: "header fields longer than 2,000 bytes get 431",
			Wrap:     instead(longFields(2000), page(http.StatusRequestHeaderFieldsTooLarge)),
		},
		{
			Name: "long-fields-close", Part: Strict,
			Peculiar: "header fields longer than 2,000 bytes close the connection",
			Wrap:     instead(longFields(2000), abort),
		},
		{
			Name: "forwarded-403", Part: Strict,
			Peculiar: "a firewall responds to header fields that only a proxy may set with 403 and a page",
			Wrap:     instead(suspicious, page(http.StatusForbidden)),
		},
		{
			Name: "forwarded-406", Part: Strict,
			Peculiar: "a firewall responds to suspicious header fields with 406",
			Wrap:     instead(suspicious, respondWith(http.StatusNotAcceptable, "text/plain", "Not Acceptable!")),
		},
		{
			Name: "forwarded-200", Part: Strict,
			Peculiar: "a firewall responds to suspicious header fields with 200 and a challenge page",
			Wrap:     instead(suspicious, page(http.StatusOK)),
		},
		{
			Name: "to-https", Part: Strict,
			Peculiar: "X-Forwarded-Proto: http is redirected to https",
			Wrap: instead(func(r *http.Request) bool { return r.Header.Get("X-Forwarded-Proto") == "http" }, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://"+r.Host+r.RequestURI, http.StatusMovedPermanently)
			}),
		},
		{
			Name: "method-override", Part: Strict,
			Peculiar: "X-HTTP-Method-Override on a POST is honoured",
			Wrap: before(func(r *http.Request) {
				if override := r.Header.Get("X-HTTP-Method-Override"); r.Method == http.MethodPost && override != "" {
					r.Method = override
				}
			}),
		},
		{
			Name: "server-kind-mismatch-400", Part: Strict,
			Peculiar: "X-Inngest-Server-Kind: dev in cloud mode gets 400 (R32)",
			Change:   func(e *reference.Endpoint) { mismatched(e, http.StatusBadRequest) },
		},
		{
			Name: "server-kind-mismatch-close", Part: Strict,
			Peculiar: "X-Inngest-Server-Kind: dev in cloud mode closes the connection (R32)",
			Change: func(e *reference.Endpoint) {
				read := e.ReadBody
				e.ReadBody = func(r *http.Request) ([]byte, error) {
					if mismatch(e, r) {
						panic(http.ErrAbortHandler)
					}
					return read(r)
				}
			},
		},
		{
			Name: "other-queries-404", Part: Strict,
			Peculiar: "a query with a name twice, or with names that Inngest does not send, gets 404",
			Wrap:     instead(otherQuery, page(http.StatusNotFound)),
		},
		{
			Name: "duplicate-fields-400", Part: Strict,
			Peculiar: "a header field that stands there twice gets 400 and a page",
			Wrap: instead(func(r *http.Request) bool {
				for _, values := range r.Header {
					if len(values) > 1 {
						return true
					}
				}
				return false
			}, page(http.StatusBadRequest)),
		},
		{
			Name: "odd-signatures-400", Part: Strict,
			Peculiar: "a firewall responds to a signature header of other characters than Inngest's with 400 and a page",
			Wrap: instead(func(r *http.Request) bool {
				return strings.Trim(r.Header.Get(reference.HeaderSignature), "0123456789abcdefts=&") != ""
			}, page(http.StatusBadRequest)),
		},
	}
}

func abort(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func otherMethod(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodPut
}

func otherType(r *http.Request) bool {
	t := strings.ToLower(r.Header.Get("Content-Type"))
	return t != "" && t != "application/json" && t != "application/json; charset=utf-8"
}

func foreignHost(r *http.Request) bool { return !strings.HasPrefix(r.Host, "127.0.0.1:") }

func longFields(most int) func(*http.Request) bool {
	return func(r *http.Request) bool {
		for _, values := range r.Header {
			if slices.ContainsFunc(values, func(value string) bool { return len(value) > most }) {
				return true
			}
		}
		return false
	}
}

// suspicious: fields that a firewall may look at.
func suspicious(r *http.Request) bool {
	for _, name := range []string{
		"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-HTTP-Method-Override", "X-Original-Url", "X-Rewrite-Url",
		"X-Inngest-Dev", "X-Inngest-Framework", "X-Inngest-Platform", "X-Inngest-Env", "X-Inngest-Expected-Server-Kind", "X-Middleware-Subrequest",
	} {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return r.Header.Get("User-Agent") == "inngest-dev-server"
}

// mismatch: the server's kind contradicts the mode.
func mismatch(e *reference.Endpoint, r *http.Request) bool {
	return r.Header.Get(reference.HeaderServerKind) == "dev" && !e.ResolveMode(r, e.Getenv).Dev
}

// mismatched refuses a server of another kind than the mode's.
func mismatched(e *reference.Endpoint, status int) {
	respond := func(then func(*reference.Context) reference.Response) func(*reference.Context) reference.Response {
		return func(c *reference.Context) reference.Response {
			if mismatch(e, c.Request) {
				return reference.Response{Status: status, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte("the server is of another kind")}
			}
			return then(c)
		}
	}
	e.Run, e.Probe, e.Introspect = respond(e.Run), respond(e.Probe), respond(e.Introspect)
	e.SyncOut, e.SyncIn = respond(e.SyncOut), respond(e.SyncIn)
}

// otherQuery: a query that Inngest does not send.
func otherQuery(r *http.Request) bool {
	for name, values := range r.URL.Query() {
		known := name == "fnId" || name == "stepId" || name == "probe" || name == "deployId"
		if !known || len(values) > 1 || name == "probe" && values[0] != "trust" {
			return true
		}
	}
	return false
}
