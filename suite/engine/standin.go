package engine

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// StandIn plays Inngest's API to one target (SPEC 4.3.2, 4.4.2, 10.3, 8.5). It
// takes the primary and the fallback key of its keyring, refuses every other
// bearer as the open-source server does, can be told to answer otherwise, and
// records all that it hears.
type StandIn struct {
	keys suite.Keyring

	redact redactor

	mu        sync.Mutex
	script    Script
	heard     []suite.APIRequest
	elsewhere string        // an origin that is not the API's
	patience  time.Duration // before an answer that is withheld is cut
}

// Script is how the stand-in answers; the zero Script is its usual way.
type Script struct {
	Refuses suite.KeyName // this key's bearer, or Both
	Status  int           // of a refusal; the zero value is 401
	Answers int           // a status for every request, whatever its bearer
	Conduct suite.Conduct // instead of an answer
}

// NewStandIn makes a stand-in for the API that knows a run's keys.
func NewStandIn(keys suite.Keyring) *StandIn {
	return &StandIn{keys: keys, redact: newRedactor(keys)}
}

// Play sets how requests are answered from now on.
func (s *StandIn) Play(script Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = script
}

// RedirectTo says which origin, where [StandIn.Elsewhere] is served, the stand-in
// redirects to.
func (s *StandIn) RedirectTo(origin string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.elsewhere = origin
}

// ElsewhereHost is the host of that origin; empty where there is none.
func (s *StandIn) ElsewhereHost() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, host, _ := strings.Cut(s.elsewhere, "://")
	return host
}

// Withhold says how long an answer is withheld before it is cut.
func (s *StandIn) Withhold(patience time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patience = patience
}

// Mark is the number of requests heard so far.
func (s *StandIn) Mark() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heard)
}

// Since gives the requests heard after a mark.
func (s *StandIn) Since(mark int) []suite.APIRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard[mark:])
}

// ServeHTTP answers and records one request. Bodies are read up to 4 MiB.
func (s *StandIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, reference.MaxBody))
	if err != nil {
		return // the target broke off; there is no one to answer
	}
	s.mu.Lock()
	status, contentType, answer := s.answer(r.Method, r.URL.Path, bearerOf(r))
	conduct, elsewhere, patience := s.script.Conduct, s.elsewhere, s.patience
	if strings.HasPrefix(r.URL.Path, suite.EventsPath) {
		conduct = ""
	}
	if conduct == suite.Redirects {
		status = http.StatusTemporaryRedirect
	}
	s.heard = append(s.heard, s.asked(r, body, status))
	s.mu.Unlock()
	switch conduct {
	case suite.Redirects:
		w.Header().Set("Location", elsewhere+r.URL.RequestURI())
	case suite.Withholds:
		time.Sleep(patience)
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer) // the target may be gone
}

// Elsewhere serves the origin that is not the API's: what comes there is
// recorded, and answered as the API would.
func (s *StandIn) Elsewhere(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, reference.MaxBody))
	if err != nil {
		return
	}
	status, contentType, answer := success(r.Method, r.URL.Path)
	s.mu.Lock()
	asked := s.asked(r, body, status)
	asked.Elsewhere = true
	s.heard = append(s.heard, asked)
	s.mu.Unlock()
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

// bearerOf is the token of a request; empty where another scheme, or none, is
// named (RFC 6750).
func bearerOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

func (s *StandIn) asked(r *http.Request, body []byte, status int) suite.APIRequest {
	return suite.APIRequest{
		Method: r.Method, Path: s.redact.text(r.URL.Path), Query: s.redact.text(r.URL.RawQuery),
		Bearer: s.redact.text(bearerOf(r)), Header: s.redact.header(r.Header), Body: s.redact.text(string(body)), Status: status,
	}
}

func (s *StandIn) answer(method, path, bearer string) (status int, contentType, body string) {
	if s.script.Answers != 0 {
		return s.script.Answers, "application/json", `{"error":"scripted","status":` + jsonOf(s.script.Answers) + `}`
	}
	if strings.HasPrefix(path, suite.EventsPath) {
		return http.StatusOK, "application/json", `{"ids":["01COUNTERSIGN"],"status":200}`
	}
	if key := s.owner(bearer); key == "" || s.script.Refuses == key || s.script.Refuses == suite.Both {
		status = http.StatusUnauthorized
		if key != "" && s.script.Status != 0 {
			status = s.script.Status
		}
		return status, "text/plain; charset=utf-8", "Authentication failed"
	}
	return success(method, path)
}

// owner says whose bearer it is. The prefix is stripped from both sides, as
// the open-source server does (reading R22).
func (s *StandIn) owner(bearer string) suite.KeyName {
	hash := bearer[strings.LastIndexByte(bearer, '-')+1:]
	for _, name := range []suite.KeyName{suite.Primary, suite.Fallback} {
		if key := s.keys.Key(name); !key.IsZero() && hash == suite.BearerHash(key) {
			return name
		}
	}
	return ""
}

func success(method, path string) (status int, contentType, body string) {
	const asJSON = "application/json"
	run, isRun := strings.CutPrefix(path, suite.RunsPath)
	switch {
	case method == http.MethodPost && path == suite.RegisterPath:
		return http.StatusOK, asJSON, `{"ok":true,"modified":true}`
	case method == http.MethodGet && isRun && strings.HasSuffix(run, "/batch"):
		nonce, _ := url.PathUnescape(strings.TrimSuffix(run, "/batch"))
		event := map[string]any{"id": nonce, "name": suite.EchoEvent, "ts": 1, "data": map[string]any{"nonce": nonce}}
		return http.StatusOK, asJSON, jsonOf([]any{event})
	case method == http.MethodGet && isRun && strings.HasSuffix(run, "/actions"):
		return http.StatusOK, asJSON, `{}`
	case method == http.MethodPost && strings.HasPrefix(path, suite.CheckpointPath):
		return http.StatusOK, asJSON, `{"data":{}}`
	case method == http.MethodPost && path == suite.ConnectPath:
		return http.StatusOK, "application/protobuf", ""
	}
	return http.StatusNotFound, asJSON, `{"error":"not found","status":404}`
}

func jsonOf(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic("an answer can be encoded: " + err.Error())
	}
	return string(encoded)
}
