package fuzz

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// process is an endpoint with an environment of its own, as after a deployment.
type process struct {
	endpoint *reference.Endpoint
	holds    []keyText
	ran      bool
}

// signedMessage is a signed message and the key that signed it.
type signedMessage struct {
	kind
	key    keyText
	at     time.Time
	header string
}

// kind is a kind of request, and what shows that it was accepted.
type kind struct {
	name, method, target, body string
	accepted                   func(p *process, response *httptest.ResponseRecorder) bool
}

var kinds = []kind{
	{"call", http.MethodPost, "/?fnId=app-echo&stepId=step", "{}", func(p *process, _ *httptest.ResponseRecorder) bool { return p.ran }},
	{"probe", http.MethodPost, "/?probe=trust", "{}", func(_ *process, a *httptest.ResponseRecorder) bool { return a.Code == http.StatusOK }},
	{"introspection", http.MethodGet, "/", "", func(_ *process, a *httptest.ResponseRecorder) bool {
		return strings.Contains(a.Body.String(), `"authentication_succeeded":true`)
	}},
	{"in-band sync", http.MethodPut, "/", `{"url":"http://app.example/"}`, func(_ *process, a *httptest.ResponseRecorder) bool {
		return strings.Contains(a.Body.String(), `"app-echo"`)
	}},
}

func (p *process) send(method, target, body, signature string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	if signature != "" {
		request.Header.Set(signatureHeader, signature)
	}
	if body != "" {
		request.Header.Set(syncKindHeader, "in_band")
	}
	response := httptest.NewRecorder()
	p.endpoint.ServeHTTP(response, request)
	return response
}
