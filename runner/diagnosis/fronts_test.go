package diagnosis_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/countersign-dev/countersign/reference"
)

// --- more that may stand before an app ---

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// compressing compresses bodies, and says so.
func compressing(next http.Handler) http.Handler {
	return rewriting(zipped)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 0 {
			r.Header.Set("Content-Encoding", "gzip")
		}
		next.ServeHTTP(w, r)
	}))
}

// ofServer is the page that a server before an app writes for an error of its own.
func ofServer(error string) string {
	return fmt.Sprintf("<html>\r\n<head><title>%[1]s</title></head>\r\n<body>\r\n<center><h1>%[1]s</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body>\r\n</html>\r\n", error)
}

// ofJSON responds with JSON by itself.
func ofJSON(status int, fields map[string]string, body string) front {
	return func(next http.Handler) http.Handler {
		own := only("", status, fields, body)(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.Header.Get("Content-Type"), "json") {
				own.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// byTurns sends every second request to another instance.
func byTurns(other http.Handler, otherFirst bool) front {
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		turn := otherFirst
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			now := turn
			turn = !turn
			mu.Unlock()
			if now {
				other.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// cachingGETs responds to every GET as to the first one.
func cachingGETs(fields map[string]string) front {
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		var kept *httptest.ResponseRecorder
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				next.ServeHTTP(w, r)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if kept == nil {
				kept = httptest.NewRecorder()
				next.ServeHTTP(kept, r)
			}
			for name, values := range kept.Header() {
				w.Header()[name] = values
			}
			for name, value := range fields {
				w.Header().Set(name, value)
			}
			w.WriteHeader(kept.Code)
			_, _ = w.Write(kept.Body.Bytes())
		})
	}
}

// signing changes the signature header on the way.
func signing(change func(string) string) front {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if value := r.Header.Get(reference.HeaderSignature); value != "" {
				r.Header.Set(reference.HeaderSignature, change(value))
			}
			next.ServeHTTP(w, r)
		})
	}
}
