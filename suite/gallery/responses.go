package gallery

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// responses: endpoints whose responses are written in an unusual way.
func responses() []Endpoint {
	return []Endpoint{
		{
			Name: "gzip", Part: Responses,
			Peculiar: "responses are compressed, as the request allows",
			Wrap:     compressed("gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, false),
		},
		{
			Name: "gzip-unasked", Part: Responses,
			Peculiar: "responses are compressed, whatever the request allows",
			Wrap:     compressed("gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, true),
		},
		{
			Name: "x-gzip", Part: Responses,
			Peculiar: "responses are compressed under gzip's other name",
			Wrap:     compressed("x-gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, true),
		},
		{
			Name: "deflate", Part: Responses,
			Peculiar: "responses are compressed with deflate, as RFC 9110 has it",
			Wrap:     compressed("deflate", func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, true),
		},
		{
			Name: "deflate-raw", Part: Responses,
			Peculiar: "responses are compressed with deflate, without the zlib format that belongs around it",
			Wrap: compressed("deflate", func(w io.Writer) io.WriteCloser {
				f, _ := flate.NewWriter(w, flate.BestSpeed) // the level is valid
				return f
			}, true),
		},
		{
			Name: "signed-after-compression", Part: Responses,
			Peculiar: "responses are compressed, and their signature covers the compressed bytes",
			Change: func(e *reference.Endpoint) {
				finish := e.FinishResponse
				e.FinishResponse = func(c *reference.Context, r *reference.Response) {
					var packed bytes.Buffer
					w := gzip.NewWriter(&packed)
					_, _ = w.Write(r.Body) // writing to a buffer does not fail
					_ = w.Close()
					r.Body = packed.Bytes()
					r.Header.Set("Content-Encoding", "gzip")
					finish(c, r)
				}
			},
		},
		{
			Name: "chunks", Part: Responses,
			Peculiar: "responses come in chunks of 7 bytes",
			Wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					k := keep(next, r)
					body := k.body.Bytes()
					k.header.Del("Content-Length")
					for name, values := range k.header {
						w.Header()[name] = values
					}
					w.WriteHeader(k.status)
					for len(body) > 0 {
						n := min(7, len(body))
						_, _ = w.Write(body[:n]) // fails only where the client has disconnected
						_ = http.NewResponseController(w).Flush()
						body = body[n:]
					}
				})
			},
		},
		{
			Name: "trailers", Part: Responses,
			Peculiar: "responses come in chunks, with a trailer behind them",
			Wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Trailer", "Server-Timing")
					keep(next, r).send(w)
					w.Header().Set("Server-Timing", "total;dur=1")
				})
			},
		},
		{
			Name: "http-1.0", Part: Responses,
			Peculiar: "responses are HTTP/1.0, without a length, and end with the connection",
			Wrap:     written("HTTP/1.0", ""),
		},
		{
			Name: "closed", Part: Responses,
			Peculiar: "every connection is closed after its response, which says so",
			Wrap:     after(func(_ *http.Request, k *kept) { k.header.Set("Connection", "close") }),
		},
		{
			Name: "no-reason", Part: Responses,
			Peculiar: "the status line has no reason, header names are in lower case, and the body ends with the connection",
			Wrap:     written("HTTP/1.1", "connection: close\r\n"),
		},
		{
			Name: "early-hints", Part: Responses,
			Peculiar: "103 (Early Hints) comes before each response",
			Wrap: before1xx(func(w http.ResponseWriter) {
				w.Header().Set("Link", "</style.css>; rel=preload")
				w.WriteHeader(http.StatusEarlyHints)
			}),
		},
		{
			Name: "processing", Part: Responses,
			Peculiar: "100 and 102 come before each response",
			Wrap: before1xx(func(w http.ResponseWriter) {
				w.WriteHeader(http.StatusContinue)
				w.WriteHeader(http.StatusProcessing)
			}),
		},
		{
			Name: "indented", Part: Responses,
			Peculiar: "bodies are indented JSON, and signed that way",
			Change: func(e *reference.Endpoint) {
				finish := e.FinishResponse
				e.FinishResponse = func(c *reference.Context, r *reference.Response) {
					var indented bytes.Buffer
					if json.Indent(&indented, r.Body, "", "  ") == nil {
						r.Body = append(indented.Bytes(), '\n')
					}
					finish(c, r)
				}
			},
		},
		{
			Name: "206", Part: Responses,
			Peculiar: "a function's success is 206",
			Change: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					response := run(c)
					if response.Status == http.StatusOK {
						response.Status = http.StatusPartialContent
					}
					return response
				}
			},
		},
		{
			Name: "many-fields", Part: Responses,
			Peculiar: "responses have 80 more header fields, some of them twice",
			Wrap: after(func(_ *http.Request, k *kept) {
				for i := range 80 {
					k.header.Add(fmt.Sprintf("X-Trace-%d", i%60), strings.Repeat("0f", 16))
				}
				k.header.Add("Set-Cookie", "a=1; Path=/")
				k.header.Add("Set-Cookie", "b=2; Path=/; HttpOnly")
			}),
		},
	}
}

// compressed compresses responses with bodies, where the request allows it or
// without asking.
func compressed(coding string, writer func(io.Writer) io.WriteCloser, unasked bool) func(http.Handler) http.Handler {
	return after(func(r *http.Request, k *kept) {
		if k.body.Len() == 0 || !unasked && !strings.Contains(r.Header.Get("Accept-Encoding"), coding) {
			return
		}
		var packed bytes.Buffer
		w := writer(&packed)
		_, _ = w.Write(k.body.Bytes()) // writing to a buffer does not fail
		_ = w.Close()
		k.body = packed
		k.header.Set("Content-Encoding", coding)
		k.header.Set("Vary", "Accept-Encoding")
	})
}

// written writes responses by hand, with names in lower case.
func written(version, fields string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			k := keep(next, r)
			conn := hijacked(w)
			defer func() { _ = conn.Close() }()
			var response bytes.Buffer
			fmt.Fprintf(&response, "%s %d \r\n%s", version, k.status, fields)
			for name, values := range k.header {
				for _, value := range values {
					fmt.Fprintf(&response, "%s:%s\r\n", strings.ToLower(name), value)
				}
			}
			response.WriteString("\r\n")
			if r.Method != http.MethodHead {
				response.Write(k.body.Bytes())
			}
			_, _ = conn.Write(response.Bytes()) // fails only where the client has disconnected
		})
	}
}

// before1xx sends interim responses before each response.
func before1xx(interim func(http.ResponseWriter)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			interim(w)
			next.ServeHTTP(w, r)
		})
	}
}
