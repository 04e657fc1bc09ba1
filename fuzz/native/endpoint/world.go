package endpoint

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// The keys of the vectors, so that their signatures are valid here.
const (
	primary  = "signkey-prod-5e0a3dd00c0a733669da327c27d775b0352e3321cc301a58ad5789aa53587dc7"
	fallback = "signkey-prod-e5fdeaf303c74837ccf3160f979f687efff878b41c9c40a2d9d618866e33e987"
	canary   = "canary-environment"
	output   = "what-the-function-returned"
	api      = "http://api.example"
)

// world is an endpoint, the API that it contacts, and the response that it writes.
type world struct {
	*reference.Endpoint
	keys     reference.Keys
	dev      bool
	ran      bool
	requests []*http.Request
	status   int
	header   http.Header
	body     bytes.Buffer
}

// newWorld is an endpoint with both keys, one or none: the first two bits take
// one away each.
func newWorld(bits uint8, dev string, now int64) *world {
	w := &world{header: http.Header{}}
	env := map[string]string{reference.EnvDev: dev, reference.EnvEnvironment: canary, reference.EnvAPIBaseURL: api}
	if bits&1 == 0 {
		env[reference.EnvSigningKey] = primary
		w.keys.Primary, _ = reference.ParseKey(primary)
	}
	if bits&2 == 0 {
		env[reference.EnvFallback] = fallback
		w.keys.Fallback, _ = reference.ParseKey(fallback)
	}
	dev = strings.TrimSpace(dev)
	w.dev = dev != "" && dev != "0" && dev != "false"
	functions := map[string]reference.Function{"echo": w.run}
	w.Endpoint = reference.NewEndpoint("countersign", functions, func(name string) string { return env[name] })
	w.Now = func() time.Time { return time.Unix(now, 0) }
	w.Do = w.respondAsAPI
	return w
}

func (w *world) run(context.Context, reference.Call) (any, error) {
	w.ran = true
	return output, nil
}

// respondAsAPI is the API: it accepts the fallback key only, so that both keys are sent.
func (w *world) respondAsAPI(r *http.Request) (*http.Response, error) {
	w.requests = append(w.requests, r)
	response := &http.Response{StatusCode: http.StatusUnauthorized, Body: io.NopCloser(strings.NewReader("Authentication failed"))}
	if len(w.requests) > 1 {
		response = &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"ok":true,"modified":true}`))}
	}
	return response, nil
}

// Header gives the header of the response.
func (w *world) Header() http.Header { return w.header }

// WriteHeader keeps the status.
func (w *world) WriteHeader(status int) { w.status = status }

// Write keeps the body.
func (w *world) Write(p []byte) (int, error) { return w.body.Write(p) }

// request makes a request of the bytes, or nil where a server would not.
func (a arriving) request() *http.Request {
	target, err := url.ParseRequestURI(a.target)
	if err != nil || a.method == "" {
		return nil
	}
	header := http.Header{}
	for line := range strings.SplitSeq(a.headers, "\n") {
		if name, value, there := strings.Cut(line, ":"); there {
			header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return &http.Request{Method: a.method, URL: target, Header: header, Host: header.Get("Host"), Body: io.NopCloser(bytes.NewReader(a.body))}
}
