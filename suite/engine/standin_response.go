package engine

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// apiResponse is a response of the stand-in API.
type apiResponse struct {
	status            int
	contentType, body string
}

// The content types of the open-source server's API.
const (
	asText   = "text/plain; charset=utf-8"
	asJSON   = "application/json"
	asBinary = "application/octet-stream"
)

func (r apiResponse) write(w http.ResponseWriter, kind string) {
	w.Header().Set("Content-Type", r.contentType)
	w.Header().Set("Vary", "Origin")
	w.Header().Set(reference.HeaderServerKind, kind)
	if r.status == http.StatusUnauthorized {
		w.Header().Set("X-Content-Type-Options", "nosniff")
	}
	w.WriteHeader(r.status)
	_, _ = io.WriteString(w, r.body) // fails if the target closed the connection
}

// respond is the response to a request. Sending events needs no bearer token.
func (s *StandIn) respond(method, path, bearer string) apiResponse {
	if s.script.Responds != 0 {
		return apiError(s.script.Responds, "scripted")
	}
	if strings.HasPrefix(path, suite.EventsPath) {
		return apiResponse{http.StatusOK, asText, `{"ids":["01CNTRS1GN0000000000000000"],"status":200}` + "\n"}
	}
	starts := path == suite.ConnectPath || path == suite.ConnectFlushPath
	key := s.owner(bearer)
	if starts && bearer == "" && s.kind == suite.ServerKindDev {
		return s.accepted(method, path)
	}
	if key == "" || s.script.Refuses == key || s.script.Refuses == suite.Both {
		status := http.StatusUnauthorized
		if key != "" && s.script.Status != 0 {
			status = s.script.Status
		}
		return apiResponse{status, asText, "Authentication failed\n"}
	}
	if run, read, isRun := strings.Cut(strings.TrimPrefix(path, suite.RunsPath), "/"); strings.HasPrefix(path, suite.RunsPath) && isRun && read != "" {
		if missing, is := s.missing(run); is {
			return missing
		}
	}
	return s.accepted(method, path)
}

// missing is the response to a read of a run that does not exist.
func (s *StandIn) missing(run string) (apiResponse, bool) {
	id, _ := url.PathUnescape(run)
	switch {
	case !ulid.MatchString(id):
		return apiError(http.StatusBadRequest, "invalid run id"), true
	case s.runs != nil && !s.runs[id]:
		return apiError(http.StatusGone, "run not found"), true
	}
	return apiResponse{}, false
}

// ulid is the form of a run id.
var ulid = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)

// prefix is what the open-source server strips from a bearer token.
var prefix = regexp.MustCompile(`^signkey-\w+-`)

// owner names the key that a bearer token belongs to. Like the open-source server,
// it accepts the hash of a key, with or without a prefix of one word, and also the
// plain key (R22); other cases judge a target that sends the plain key.
func (s *StandIn) owner(bearer string) suite.KeyName {
	token := prefix.ReplaceAllString(bearer, "")
	for _, name := range []suite.KeyName{suite.Primary, suite.Fallback} {
		if key := s.keys.Key(name); !key.IsZero() && (token == suite.BearerHash(key) || token == key.Secret()) {
			return name
		}
	}
	return ""
}

// accepted is the response to a request whose bearer token was accepted.
func (s *StandIn) accepted(method, path string) apiResponse {
	run, read := strings.CutPrefix(path, suite.RunsPath)
	switch {
	case method == http.MethodPost && path == suite.RegisterPath:
		return apiResponse{http.StatusOK, asText, `{"ok":true,"modified":true,"sync_id":"c0a1e5d2-7b3f-4e86-9a41-2d5f6b7c8e90","app_id":"` + suite.APIAppID + `"}`}
	case method == http.MethodGet && read && strings.HasSuffix(run, "/batch"):
		nonce, _ := url.PathUnescape(strings.TrimSuffix(run, "/batch"))
		event := map[string]any{
			"id": nonce, "name": suite.EchoEvent, "ts": 1, "user": map[string]any{}, "data": map[string]any{"nonce": nonce},
		}
		return apiResponse{http.StatusOK, asText, jsonOf([]any{event}) + "\n"}
	case method == http.MethodGet && read && strings.HasSuffix(run, "/actions"):
		return apiResponse{http.StatusOK, asText, "{}\n"}
	case method == http.MethodPost && strings.HasPrefix(path, suite.CheckpointPath):
		return apiResponse{http.StatusOK, asJSON, ""}
	case method == http.MethodPost && path == suite.HTTPRunsPath:
		return apiResponse{http.StatusOK, asJSON, `{"data":{"fn_id":"4c1f2a9e-6d3b-5e70-8a94-1b2c3d4e5f60","app_id":"` + suite.APIAppID + `","run_id":"01CNTRS1GN0000000000000000","token":"countersign"}}`}
	case method == http.MethodPost && path == suite.ConnectPath:
		return apiResponse{http.StatusOK, asBinary, string(startOf(s.gateway))}
	case method == http.MethodPost && path == suite.ConnectFlushPath:
		return apiResponse{http.StatusOK, asBinary, ""}
	}
	return apiError(http.StatusNotFound, "not found")
}

// apiError is an error as the open-source server reports it.
func apiError(status int, text string) apiResponse {
	return apiResponse{status, asJSON, jsonOf(map[string]any{"error": text, "data": nil, "status": status})}
}

func jsonOf(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic("a response can be encoded: " + err.Error())
	}
	return string(encoded)
}
