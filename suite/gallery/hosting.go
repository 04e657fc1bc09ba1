package gallery

import (
	"bytes"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// hosting: endpoints that are hosted in an unusual way.
func hosting() []Endpoint {
	return []Endpoint{
		{
			Name: "cold-start", Part: Hosting,
			Peculiar: "the first request of a process takes 1.2 s",
			Wrap: func(next http.Handler) http.Handler {
				cold := first(1)
				return before(func(*http.Request) {
					if cold() {
						time.Sleep(1200 * time.Millisecond)
					}
				})(next)
			},
		},
		{
			Name: "very-cold-start", Part: Hosting,
			Peculiar: "the first request of a process takes 4.5 s",
			Wrap: func(next http.Handler) http.Handler {
				cold := first(1)
				return before(func(*http.Request) {
					if cold() {
						time.Sleep(4500 * time.Millisecond)
					}
				})(next)
			},
		},
		{
			Name: "warming-up", Part: Hosting,
			Peculiar: "the first 4 requests of a process get 503",
			Wrap:     func(next http.Handler) http.Handler { return cold(4, page(http.StatusServiceUnavailable))(next) },
		},
		{
			Name: "deploying", Part: Hosting,
			Peculiar: "for half a second every request gets 502 and a page of the host",
			Wrap: func(next http.Handler) http.Handler {
				began := time.Now()
				return instead(func(*http.Request) bool { return time.Since(began) < 500*time.Millisecond }, page(http.StatusBadGateway))(next)
			},
		},
		{
			Name: "a-process-for-each-request", Part: Hosting,
			Peculiar: "nothing is remembered from one request to the next",
			Change: func(e *reference.Endpoint) {
				whole := *e
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					fresh := whole
					fresh.Run = run
					c.Endpoint = &fresh
					return run(c)
				}
			},
		},
		{
			Name: "bodies-in-base64", Part: Hosting,
			Peculiar: "a gateway turns bodies into base64 on their way in and out, as for a serverless function",
			Wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, err := io.ReadAll(io.LimitReader(r.Body, 6<<20))
					if err != nil {
						page(http.StatusBadRequest)(w, r)
						return
					}
					event := base64.StdEncoding.EncodeToString(body)
					decoded, err := base64.StdEncoding.DecodeString(event)
					if err != nil {
						page(http.StatusBadGateway)(w, r)
						return
					}
					r = r.Clone(r.Context())
					r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(decoded)), int64(len(decoded)), nil
					keep(next, r).send(w)
				})
			},
		},
		{
			Name: "connections-close-silently", Part: Hosting,
			Peculiar: "a kept connection is closed after 3 requests, and no response says so",
			Listen:   func(l net.Listener) net.Listener { return &shortLived{Listener: l} },
		},
		{
			Name: "slow-to-accept", Part: Hosting,
			Peculiar: "connections are taken one by one, 2 ms apart",
			Listen:   func(l net.Listener) net.Listener { return &slowListener{Listener: l} },
		},
		{
			Name: "small-packets", Part: Hosting,
			Peculiar: "responses leave in pieces of 16 bytes",
			Listen:   func(l net.Listener) net.Listener { return &pieces{Listener: l} },
		},
	}
}

// cold responds to the first n requests in another way.
func cold(n int, then http.HandlerFunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		early := first(n)
		return instead(func(*http.Request) bool { return early() }, then)(next)
	}
}

// shortLived closes connections after a few reads.
type shortLived struct{ net.Listener }

func (l *shortLived) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &fewReads{Conn: conn, left: 3}, nil
}

// fewReads is a connection that ends before its fourth request is read.
type fewReads struct {
	net.Conn
	mu   sync.Mutex
	left int
}

func (c *fewReads) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil || !startsRequest(p[:n]) {
		return n, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left < 0 {
		_ = c.Conn.Close()
		return 0, io.EOF
	}
	return n, nil
}

// startsRequest: what was read begins like a request, not like a body.
func startsRequest(p []byte) bool {
	line, _, _ := bytes.Cut(p, []byte("\r\n"))
	return bytes.HasSuffix(line, []byte(" HTTP/1.1"))
}

// slowListener takes connections slowly.
type slowListener struct{ net.Listener }

func (l *slowListener) Accept() (net.Conn, error) {
	time.Sleep(2 * time.Millisecond)
	return l.Listener.Accept()
}

// pieces has connections that send little at a time.
type pieces struct{ net.Listener }

func (l *pieces) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &piecewise{conn}, nil
}

type piecewise struct{ net.Conn }

func (c *piecewise) Write(p []byte) (written int, err error) {
	for len(p) > 0 && err == nil {
		n := 0
		n, err = c.Conn.Write(p[:min(16, len(p))])
		written += n
		p = p[n:]
	}
	return written, err
}
