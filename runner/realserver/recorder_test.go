package realserver

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// received is a request of the server, and the status of the app's response.
type received struct {
	method, uri string
	header      http.Header
	body        []byte
	at          time.Time
	status      int
}

// recorder is a proxy between the server and the app, which also takes the beacon
// calls of the app.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	backend  *backend
	requests []received
	runs     map[string]int // by nonce
}

// backend is a process of the app, and the requests that it is responding to.
type backend struct {
	origin *url.URL
	open   sync.WaitGroup
}

const (
	beaconPath = "/beacon/"
	// brokenOff is recorded where the server ended before the app responded.
	brokenOff = 499
)

func newRecorder(t *testing.T) *recorder {
	r := &recorder{runs: map[string]int{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *recorder) appURL() string { return r.URL + "/api/inngest" }
func (r *recorder) beacon() string { return strings.TrimSuffix(r.URL+beaconPath, "/") }

// use sends the following requests to another process of the app, and waits until
// the former one has responded to those that it has.
func (r *recorder) use(origin string) error {
	parsed, err := url.Parse(origin)
	if err != nil {
		return fmt.Errorf("changing the process behind the recorder: %w", err)
	}
	r.mu.Lock()
	former := r.backend
	r.backend = &backend{origin: parsed}
	r.mu.Unlock()
	if former != nil {
		former.open.Wait()
	}
	return nil
}

// begin returns the process for a request, which then is open.
func (r *recorder) begin() *backend {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.backend.open.Add(1)
	return r.backend
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if nonce, is := strings.CutPrefix(request.URL.Path, beaconPath); is {
		r.mu.Lock()
		r.runs[nonce]++
		r.mu.Unlock()
		return
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	one := received{request.Method, request.RequestURI, request.Header.Clone(), body, time.Now(), 0}
	process := r.begin()
	defer process.open.Done()
	request.Body = io.NopCloser(bytes.NewReader(body))
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(process.origin); p.Out.Host = p.In.Host },
		ModifyResponse: func(response *http.Response) error {
			one.status = response.StatusCode
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			if one.status = http.StatusBadGateway; request.Context().Err() != nil {
				one.status = brokenOff
			}
			w.WriteHeader(one.status)
		},
	}
	proxy.ServeHTTP(w, request)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, one)
}

// ran reports whether a call with a nonce ran the function and was responded to.
func (r *recorder) ran(nonce string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.runs[nonce] > 0 && slices.ContainsFunc(r.requests, func(one received) bool { return bytes.Contains(one.body, []byte(nonce)) })
}

// recorded returns the requests so far.
func (r *recorder) recorded() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// signer verifies a recorded request at the time at which it was received, and
// returns which of two keys it was signed with; "" where it is unsigned.
func (r received) signer(primary, fallback reference.Key) (string, error) {
	header := r.header.Get(reference.HeaderSignature)
	if header == "" {
		return "", nil
	}
	matched, err := reference.Verify(header, r.body, reference.Keys{Primary: primary, Fallback: fallback}, r.at)
	if err != nil {
		return "", fmt.Errorf("verifying a recorded %s %s: %w", r.method, r.uri, err)
	}
	return matched.String(), nil
}
