package reference

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	inBand       = "in_band" // the value that servers and SDKs use (R15)
	functionStep = "step"
)

// serveURL is the URL at which Inngest reaches this endpoint:
// INNGEST_SERVE_ORIGIN and INNGEST_SERVE_PATH where they are set, else the
// host and path of the request.
func serveURL(c *Context) string {
	origin := firstSet(c.Getenv(EnvServeOrigin), "http://"+c.Request.Host)
	path := c.Request.URL.Path
	if set := c.Getenv(EnvServePath); set != "" {
		path = "/" + strings.TrimLeft(set, "/")
	}
	return origin + path
}

// registration is the payload of a sync (SPEC 4.3.2).
func (c *Context) registration(serveURL string) map[string]any {
	return map[string]any{
		"url": serveURL, "deployType": "ping", "appName": c.AppID, "sdk": SDK, "v": "0.1",
		"framework": framework, "functions": c.functionsAt("http", serveURL), "capabilities": capabilities,
	}
}

// functionsAt describes the functions, as called in a way ("http", "ws") at a URL.
func (c *Context) functionsAt(runtime, serveURL string) []any {
	functions := []any{}
	for _, id := range slices.Sorted(maps.Keys(c.Functions)) {
		full := c.AppID + "-" + id
		step := map[string]any{
			"id": functionStep, "name": functionStep,
			"runtime": map[string]any{"type": runtime, "url": serveURL + "?fnId=" + url.QueryEscape(full) + "&stepId=" + functionStep},
		}
		functions = append(functions, map[string]any{
			"id": full, "name": id,
			"triggers": []any{map[string]any{"event": c.AppID + "/" + id}},
			"steps":    map[string]any{functionStep: step},
		})
	}
	return functions
}

// syncOut handles an out-of-band sync: it registers the functions with the API
// and reports only whether that succeeded (SPEC 4.3). In cloud mode nothing is
// registered without a key, as the API requires a bearer (KEYS 2).
func syncOut(c *Context) Response {
	if _, err := c.UsableKeys(c.Keys); err != nil && !c.Mode.Dev {
		return c.Refuse(c, err)
	}
	body, err := json.Marshal(c.registration(c.ServeURL(c)))
	if err != nil {
		return syncResult(http.StatusInternalServerError, "the registration cannot be encoded", false)
	}
	response, err := c.Client(c).Call(c.Request.Context(), http.MethodPost, c.registerURL(), c.registerHeader(), body)
	switch {
	case errors.Is(err, ErrRefused):
		return syncResult(http.StatusInternalServerError, "the API refused the signing key", false)
	case err != nil:
		return syncResult(http.StatusInternalServerError, "the API cannot be reached", false)
	case response.Status != http.StatusOK:
		return syncResult(http.StatusInternalServerError, fmt.Sprintf("the API responded with %d", response.Status), false)
	}
	var registered struct {
		Modified bool `json:"modified"`
	}
	if err := json.NewDecoder(bytes.NewReader(response.Body)).Decode(&registered); err != nil {
		return syncResult(http.StatusInternalServerError, "the API's response is not JSON", false)
	}
	return syncResult(http.StatusOK, "Successfully synced.", registered.Modified)
}

func (c *Context) registerURL() string {
	register := c.APIOrigin(c) + "/fn/register"
	if deploy := c.Request.URL.Query().Get("deployId"); deploy != "" {
		register += "?deployId=" + url.QueryEscape(deploy)
	}
	return register
}

func (c *Context) registerHeader() http.Header {
	header := http.Header{"Content-Type": {"application/json"}}
	if kind := c.Request.Header.Get(HeaderServerKind); kind != "" {
		header.Set(HeaderExpectedServerKind, kind)
	}
	return header
}

func syncResult(status int, message string, modified bool) Response {
	return jsonResponse(status, map[string]any{"message": message, "modified": modified})
}

// syncIn handles an in-band sync: it responds with the list of functions at the
// URL in the body, unless INNGEST_SERVE_ORIGIN or INNGEST_SERVE_PATH is set
// (SPEC 4.3.5).
func syncIn(c *Context) Response {
	var request struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(c.Body, &request); err != nil || !isOrigin(request.URL) {
		return failure(http.StatusInternalServerError, errors.New("the sync has no URL"))
	}
	serveURL := request.URL
	if c.Getenv(EnvServeOrigin) != "" || c.Getenv(EnvServePath) != "" {
		serveURL = c.ServeURL(c)
	}
	body := c.registration(serveURL)
	inspection := c.inspection()
	if c.MatchedKey != NoKey {
		inspection["authentication_succeeded"] = true
	}
	body["app_id"], body["env"], body["inspection"] = c.AppID, orNull(Environment(c.Getenv)), inspection
	body["sdk_language"], body["sdk_version"] = sdkLanguage, sdkVersion
	response := jsonResponse(http.StatusOK, body)
	response.Header.Set(HeaderSyncKind, inBand)
	return response
}
