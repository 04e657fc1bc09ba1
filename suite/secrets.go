package suite

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// privilegedFields are the fields of introspection that only an authenticated
// caller may see (SPEC 4.5), and the functions, which only a sync may tell.
var privilegedFields = []string{
	"api_origin", "app_id", "env", "event_api_origin", "event_key_hash", "framework", "functions",
	"sdk_language", "sdk_version", "serve_origin", "serve_path", "signing_key_fallback_hash", "signing_key_hash",
}

// mayDisclose is a quick look for what disclosed may find: a name of a privileged
// field, or an escape in which one may hide.
func mayDisclose(body []byte) bool {
	return bytes.IndexByte(body, '\\') >= 0 || slices.ContainsFunc(privilegedFields, func(name string) bool {
		return bytes.Contains(body, []byte(name))
	})
}

// Disclosed lists the privileged fields in an answer, whatever its status and
// however deep in it they stand.
func (o Observation) Disclosed() []string {
	var answer any
	if !mayDisclose(o.Response.Body) || json.Unmarshal(o.Response.Body, &answer) != nil {
		return nil
	}
	told := map[string]bool{}
	collectMembers(answer, told)
	return slices.DeleteFunc(slices.Clone(privilegedFields), func(name string) bool { return !told[name] })
}

// collectMembers collects the names of all members that are not null. Capabilities are
// named by the SDK and open to everybody, and an app_id may be the server's, passed
// on from the response to a registration.
func collectMembers(value any, told map[string]bool) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			collectMembers(item, told)
		}
	case map[string]any:
		for name, member := range v {
			if member == nil || name == "capabilities" || member == APIAppID {
				continue
			}
			told[name] = true
			collectMembers(member, told)
		}
	}
}

// Leaked lists what a response must never contain: key material, a MAC that the
// request should have had, and the environment.
func (o Observation) Leaked() []string {
	found := slices.Concat(o.Secrets(), o.Hashes(), o.RightMACs())
	if o.Env != "" && strings.Contains(o.responseText(), o.Env) {
		found = append(found, "the environment's name")
	}
	return found
}

// Secrets lists the tokens of the secrets in a response: of the keys, the canary
// and the event key.
func (o Observation) Secrets() []string {
	return o.tokens(SecretToken(Primary), SecretToken(Fallback), CanaryToken, EventKeyToken)
}

// Hashes lists the tokens of the hashes of keys in a response.
func (o Observation) Hashes() []string {
	return o.tokens(HashToken(Primary), TextHashToken(Primary), HashToken(Fallback), TextHashToken(Fallback))
}

// RightMACs lists the tokens of the MACs in a response that the request should
// have had and did not have.
func (o Observation) RightMACs() []string {
	return o.tokens(RightMACToken(Primary), RightMACToken(Fallback))
}

// tokens are those of a list that a response contains.
func (o Observation) tokens(list ...string) []string {
	if !o.holdsTokens() {
		return nil
	}
	return tokensIn(o.responseText(), list...)
}

// holdsTokens is a quick look for the start of any token.
func (o Observation) holdsTokens() bool {
	if bytes.Contains(o.Response.Body, []byte("{{")) || strings.Contains(o.Response.Reason, "{{") {
		return true
	}
	for name, values := range o.Response.Header {
		if strings.Contains(name, "{{") || slices.ContainsFunc(values, func(value string) bool { return strings.Contains(value, "{{") }) {
			return true
		}
	}
	return false
}

func tokensIn(text string, list ...string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(token string) bool { return !strings.Contains(text, token) })
}

// responseText is a response's body and header fields.
func (o Observation) responseText() string {
	parts := []string{o.Response.Reason, string(o.Response.Body)}
	for name, values := range o.Response.Header {
		parts = append(parts, name+": "+strings.Join(values, ", "))
	}
	return strings.Join(parts, "\n")
}

// trace matches the stack traces and file paths of common languages, and
// traceSigns are texts without any of which it matches nothing.
var (
	trace      = regexp.MustCompile(`\bat .+:\d+:\d+\)?|node_modules/|File \\?"[^"]+\\?", line \d+|\.go:\d+|\.(java|kt|py|rb|rs|php|cs|exs?):\d+`)
	traceSigns = []string{"at ", "node_modules/", ", line ", ".go:", ".java:", ".kt:", ".py:", ".rb:", ".rs:", ".php:", ".cs:", ".ex:", ".exs:"}
)

// ShowsTrace reports whether a response contains a stack trace or a file path.
func (o Observation) ShowsTrace() bool {
	text := o.responseText()
	return slices.ContainsFunc(traceSigns, func(sign string) bool { return strings.Contains(text, sign) }) && trace.MatchString(text)
}

// HoldsSecret reports whether a key itself, or another secret of the
// environment, stands in a response.
func (o Observation) HoldsSecret() bool { return len(o.Secrets()) > 0 }
