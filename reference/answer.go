package reference

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Function is a function of an app: it gets one call and gives what goes back
// as JSON.
type Function func(ctx context.Context, call Call) (any, error)

// Call is the payload of a call (SPEC 4.4.1), the parts that matter here.
type Call struct {
	Event  Event           `json:"event"`
	Events []Event         `json:"events"`
	Steps  json.RawMessage `json:"steps"`
	Ctx    struct {
		RunID   string `json:"run_id"`
		Attempt int    `json:"attempt"`
		UseAPI  bool   `json:"use_api"`
	} `json:"ctx"`
}

const (
	inBand        = "in_band" // as servers and SDKs spell it (reading R15)
	schemaVersion = "2024-05-24"
	framework     = "net/http"
	functionStep  = "step"
)

// capabilities are advertised by introspection and by an in-band sync.
var capabilities = map[string]string{"in_band_sync": "v1", "trust_probe": "v1"}

func answerJSON(status int, value any) Answer {
	body, err := json.Marshal(value)
	if err != nil {
		return answerJSON(http.StatusInternalServerError, errorBody{"Error", "the answer cannot be encoded"})
	}
	return Answer{status, http.Header{"Content-Type": {"application/json"}}, body}
}

type errorBody struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// Refuse answers 500 whatever the reason, and does not tell the reason (SPEC 4.1.3).
func Refuse(*Context, error) Answer {
	return answerJSON(http.StatusInternalServerError, errorBody{"Unauthorized", "the request was refused"})
}

// MethodNotAllowed answers 405 and discloses nothing.
func MethodNotAllowed(*Context) Answer {
	a := answerJSON(http.StatusMethodNotAllowed, errorBody{"MethodNotAllowed", "use GET, POST or PUT"})
	a.Header.Set("Allow", "GET, POST, PUT")
	return a
}

// Probe answers 200 and runs nothing.
func Probe(*Context) Answer { return answerJSON(http.StatusOK, struct{}{}) }

// FinishAnswer puts the SDK's headers on every answer (SPEC 4.1.2) and signs
// the answer to a verified request with the key that verified it.
func FinishAnswer(c *Context, a *Answer) {
	a.Header.Set(HeaderSDK, SDK)
	if c.Request.Method == http.MethodPost {
		a.Header.Set(HeaderRequestVersion, "2")
	}
	if c.Which == Neither || c.Why != nil {
		return
	}
	if s, err := c.SignAnswer(c.Keys.of(c.Which), a.Body, c.Now()); err == nil {
		a.Header.Set(HeaderSignature, s.String())
	}
}

// Run answers a call: it finds the function, fetches the payload where the
// server says so, runs the function and gives its result (SPEC 4.4).
func Run(c *Context) Answer {
	id, ofApp := strings.CutPrefix(c.Request.URL.Query().Get("fnId"), c.AppID+"-")
	function := c.Functions[id]
	if !ofApp || function == nil {
		return failure(http.StatusInternalServerError, errors.New("no such function in this app"))
	}
	var call Call
	if err := json.Unmarshal(c.Body, &call); err != nil {
		return failure(http.StatusInternalServerError, errors.New("the payload is not a call"))
	}
	if call.Ctx.UseAPI {
		if err := c.fetch(&call); err != nil {
			return failure(http.StatusInternalServerError, err)
		}
	}
	result, err := function(c.Request.Context(), call)
	if err != nil {
		return failure(http.StatusInternalServerError, err)
	}
	return answerJSON(http.StatusOK, result)
}

func failure(status int, err error) Answer {
	a := answerJSON(status, errorBody{"Error", err.Error()})
	a.Header.Set("X-Inngest-No-Retry", "false")
	return a
}

// fetch reads a call's events and steps from the API (SPEC 4.4.2).
func (c *Context) fetch(call *Call) error {
	run := c.APIOrigin(c) + "/v0/runs/" + url.PathEscape(call.Ctx.RunID)
	if err := c.get(run+"/batch", &call.Events); err != nil {
		return fmt.Errorf("fetching the events of the run: %w", err)
	}
	if err := c.get(run+"/actions", &call.Steps); err != nil {
		return fmt.Errorf("fetching the steps of the run: %w", err)
	}
	if len(call.Events) == 0 {
		return errors.New("fetching the events of the run: there is none")
	}
	call.Event = call.Events[0]
	return nil
}

func (c *Context) get(url string, into any) error {
	reply, err := c.Client(c).Call(c.Request.Context(), http.MethodGet, url, nil, nil)
	if err != nil {
		return err
	}
	if reply.Status != http.StatusOK {
		return fmt.Errorf("the API answered %d", reply.Status)
	}
	if err := json.Unmarshal(reply.Body, into); err != nil {
		return errors.New("the API's answer is not what was asked for")
	}
	return nil
}

// Introspect answers a GET: the unauthenticated schema unless a signature came
// and holds (SPEC 4.5).
func Introspect(c *Context) Answer {
	body := c.inspection()
	if c.Which == Neither {
		return answerJSON(http.StatusOK, body)
	}
	body["authentication_succeeded"] = true
	for name, value := range c.privileged() {
		body[name] = value
	}
	return answerJSON(http.StatusOK, body)
}

func (c *Context) inspection() map[string]any {
	var succeeded any // null: the request was unsigned
	if c.Signed && c.Why != nil {
		succeeded = false
	}
	return map[string]any{
		"authentication_succeeded": succeeded,
		"capabilities":             capabilities,
		"function_count":           len(c.Functions),
		"has_event_key":            c.Getenv(EnvEventKey) != "",
		"has_signing_key":          !c.Keys.Primary.IsZero(),
		"has_signing_key_fallback": !c.Keys.Fallback.IsZero(),
		"mode":                     c.Mode.String(),
		"schema_version":           schemaVersion,
	}
}

func (c *Context) privileged() map[string]any {
	return map[string]any{
		"api_origin":                c.Mode.API,
		"app_id":                    c.AppID,
		"env":                       orNull(c.Getenv(EnvEnvironment)),
		"event_api_origin":          c.Mode.EventsAPI,
		"event_key_hash":            orNull(hashText(c.Getenv(EnvEventKey))),
		"framework":                 framework,
		"sdk_language":              "go",
		"sdk_version":               strings.TrimPrefix(SDK, "countersign-reference:v"),
		"serve_origin":              orNull(c.Getenv(EnvServeOrigin)),
		"serve_path":                orNull(c.Getenv(EnvServePath)),
		"signing_key_fallback_hash": orNull(hashText(c.Keys.Fallback.Text())),
		"signing_key_hash":          orNull(hashText(c.Keys.Primary.Text())),
	}
}

// hashText is the SHA-256 of a whole key text, so that it never equals a bearer.
func hashText(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// ServeURL is where Inngest will find this endpoint: INNGEST_SERVE_ORIGIN and
// INNGEST_SERVE_PATH where they are set, else what the request says.
func ServeURL(c *Context) string {
	origin := firstSet(c.Getenv(EnvServeOrigin), "http://"+c.Request.Host)
	path := c.Request.URL.Path
	if set := c.Getenv(EnvServePath); set != "" {
		path = "/" + strings.TrimLeft(set, "/")
	}
	return origin + path
}

// registration is the payload of a sync (SPEC 4.3.2).
func (c *Context) registration(serveURL string) map[string]any {
	functions := []any{}
	for _, id := range slices.Sorted(maps.Keys(c.Functions)) {
		full := c.AppID + "-" + id
		step := map[string]any{
			"id": functionStep, "name": functionStep,
			"runtime": map[string]any{"type": "http", "url": serveURL + "?fnId=" + url.QueryEscape(full) + "&stepId=" + functionStep},
		}
		functions = append(functions, map[string]any{
			"id": full, "name": id,
			"triggers": []any{map[string]any{"event": c.AppID + "/" + id}},
			"steps":    map[string]any{functionStep: step},
		})
	}
	return map[string]any{
		"url": serveURL, "deployType": "ping", "appName": c.AppID, "sdk": SDK, "v": "0.1",
		"framework": framework, "functions": functions, "capabilities": capabilities,
	}
}

// SyncOut answers an out-of-band sync: it registers the functions with the API
// and tells the caller only whether that went well (SPEC 4.3). In cloud mode
// nothing is registered without a key: the API is owed a bearer (KEYS 2).
func SyncOut(c *Context) Answer {
	if _, err := c.UsableKeys(c.Keys); err != nil && !c.Mode.Dev {
		return c.Refuse(c, err)
	}
	body, err := json.Marshal(c.registration(c.ServeURL(c)))
	if err != nil {
		return synced(http.StatusInternalServerError, "the registration cannot be encoded", false)
	}
	register := c.APIOrigin(c) + "/fn/register"
	if deploy := c.Request.URL.Query().Get("deployId"); deploy != "" {
		register += "?deployId=" + url.QueryEscape(deploy)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if kind := c.Request.Header.Get(HeaderServerKind); kind != "" {
		header.Set(HeaderExpectedServerKind, kind)
	}
	reply, err := c.Client(c).Call(c.Request.Context(), http.MethodPost, register, header, body)
	switch {
	case errors.Is(err, ErrRefused):
		return synced(http.StatusInternalServerError, "the API refused the signing key", false)
	case err != nil:
		return synced(http.StatusInternalServerError, "the API cannot be reached", false)
	case reply.Status != http.StatusOK:
		return synced(http.StatusInternalServerError, fmt.Sprintf("the API answered %d", reply.Status), false)
	}
	var told struct {
		Modified bool `json:"modified"`
	}
	if err := json.NewDecoder(bytes.NewReader(reply.Body)).Decode(&told); err != nil {
		return synced(http.StatusInternalServerError, "the API's answer is not JSON", false)
	}
	return synced(http.StatusOK, "Successfully synced.", told.Modified)
}

func synced(status int, message string, modified bool) Answer {
	return answerJSON(status, map[string]any{"message": message, "modified": modified})
}

// SyncIn answers an in-band sync: the function list itself, at the URL that the
// signed body names unless INNGEST_SERVE_ORIGIN says otherwise (SPEC 4.3.5).
func SyncIn(c *Context) Answer {
	var asked struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(c.Body, &asked); err != nil || !isOrigin(asked.URL) {
		return failure(http.StatusInternalServerError, errors.New("the sync names no URL"))
	}
	serveURL := asked.URL
	if c.Getenv(EnvServeOrigin) != "" || c.Getenv(EnvServePath) != "" {
		serveURL = c.ServeURL(c)
	}
	body := c.registration(serveURL)
	inspection := c.inspection()
	if c.Which != Neither {
		inspection["authentication_succeeded"] = true
	}
	body["app_id"], body["env"], body["inspection"] = c.AppID, orNull(c.Getenv(EnvEnvironment)), inspection
	body["sdk_language"], body["sdk_version"] = "go", strings.TrimPrefix(SDK, "countersign-reference:v")
	answer := answerJSON(http.StatusOK, body)
	answer.Header.Set(HeaderSyncKind, inBand)
	return answer
}
