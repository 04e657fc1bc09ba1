package reference

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

const (
	schemaVersion = "2024-05-24"
	framework     = "net/http"
	sdkLanguage   = "go"
)

var sdkVersion = strings.TrimPrefix(SDK, "countersign-reference:v")

// capabilities are advertised by introspection and by an in-band sync.
var capabilities = map[string]string{"in_band_sync": "v1", "trust_probe": "v1"}

// Introspect handles a GET: the response has the unauthenticated schema unless
// the request has a valid signature (SPEC 4.5).
func Introspect(c *Context) Response {
	body := c.inspection()
	if c.MatchedKey == NoKey {
		return jsonResponse(http.StatusOK, body)
	}
	body["authentication_succeeded"] = true
	for name, value := range c.privileged() {
		body[name] = value
	}
	return jsonResponse(http.StatusOK, body)
}

// inspection holds the fields of the unauthenticated schema.
func (c *Context) inspection() map[string]any {
	var succeeded any // null where the request is unsigned
	if c.Signed && c.Err != nil {
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

// privileged holds the fields that only an authenticated response has.
func (c *Context) privileged() map[string]any {
	return map[string]any{
		"api_origin":                c.Mode.API,
		"app_id":                    c.AppID,
		"env":                       orNull(Environment(c.Getenv)),
		"event_api_origin":          c.Mode.EventsAPI,
		"event_key_hash":            orNull(hashText(c.Getenv(EnvEventKey))),
		"framework":                 framework,
		"sdk_language":              sdkLanguage,
		"sdk_version":               sdkVersion,
		"serve_origin":              orNull(c.Getenv(EnvServeOrigin)),
		"serve_path":                orNull(c.Getenv(EnvServePath)),
		"signing_key_fallback_hash": orNull(hashText(c.Keys.Fallback.Text())),
		"signing_key_hash":          orNull(hashText(c.Keys.Primary.Text())),
	}
}

// hashText is the SHA-256 of the whole text of a key, prefix included, so that
// it never equals the hash in a bearer.
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
