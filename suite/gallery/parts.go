package gallery

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
)

// respondWith responds with a status, a body and header fields, given as names and
// values in turn.
func respondWith(status int, contentType, body string, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // fails only where the client has disconnected
	}
}

// page responds as an edge does that knows nothing of the endpoint.
func page(status int) http.HandlerFunc {
	text := http.StatusText(status)
	if text == "" {
		text = "Error"
	}
	body := fmt.Sprintf("<html>\r\n<head><title>%d %s</title></head>\r\n<body><center><h1>%d %s</h1></center><hr><center>edge</center></body>\r\n</html>\r\n", status, text, status, text)
	return respondWith(status, "text/html", body)
}

// sometimes holds for one of n requests, at random.
func sometimes(n int) func() bool { return func() bool { return rand.IntN(n) == 0 } }

// first holds for the first n calls.
func first(n int) func() bool {
	var mu sync.Mutex
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		n--
		return n >= 0
	}
}

// instead handles a request in another way where a condition holds.
func instead(when func(*http.Request) bool, then http.HandlerFunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if when(r) {
				then(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// chain is the handlers of several wrappers, the outermost first.
func chain(wraps ...func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		for i := len(wraps) - 1; i >= 0; i-- {
			next = wraps[i](next)
		}
		return next
	}
}

// before changes a request before it is handled.
func before(change func(*http.Request)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			change(r)
			next.ServeHTTP(w, r)
		})
	}
}

// kept is a response that was written to memory.
type kept struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (k *kept) Header() http.Header         { return k.header }
func (k *kept) Write(p []byte) (int, error) { return k.body.Write(p) }
func (k *kept) WriteHeader(status int)      { k.status = status }

// keep handles a request and keeps the response.
func keep(next http.Handler, r *http.Request) *kept {
	k := &kept{status: http.StatusOK, header: http.Header{}}
	next.ServeHTTP(k, r)
	return k
}

// send writes a kept response.
func (k *kept) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), k.header)
	w.WriteHeader(k.status)
	_, _ = w.Write(k.body.Bytes()) // fails only where the client has disconnected
}

// after changes a response before it is sent.
func after(change func(*http.Request, *kept)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			k := keep(next, r)
			change(r, k)
			k.send(w)
		})
	}
}
