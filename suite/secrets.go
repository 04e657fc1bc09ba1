package suite

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// privilegedFields are the members of an introspection that only an authenticated
// caller may receive (SPEC 4.5), and the functions, which only a sync may contain.
var privilegedFields = []string{
	"api_origin", "app_id", "env", "event_api_origin", "event_key_hash", "framework", "functions",
	"sdk_language", "sdk_version", "serve_origin", "serve_path", "signing_key_fallback_hash", "signing_key_hash",
}

// mayDisclose is a fast check before [Observation.Disclosed] parses a body: does
// it contain the name of a privileged field, or an escape that may hide one?
func mayDisclose(body []byte) bool {
	return bytes.IndexByte(body, '\\') >= 0 || slices.ContainsFunc(privilegedFields, func(name string) bool {
		return bytes.Contains(body, []byte(name))
	})
}

// Disclosed lists the privileged fields in a response, with any status and at any
// depth.
func (o Observation) Disclosed() []string {
	var body any
	if !mayDisclose(o.Response.Body) || json.Unmarshal(o.Response.Body, &body) != nil {
		return nil
	}
	names := map[string]bool{}
	collectMembers(body, names)
	return slices.DeleteFunc(slices.Clone(privilegedFields), func(name string) bool { return !names[name] })
}

// collectMembers collects the names of all members that are not null. It skips
// capabilities, which are public, and an app_id that the server made up, which the
// SDK may return from the API's response to a registration.
func collectMembers(value any, names map[string]bool) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			collectMembers(item, names)
		}
	case map[string]any:
		for name, member := range v {
			if member == nil || name == "capabilities" || member == APIAppID {
				continue
			}
			names[name] = true
			collectMembers(member, names)
		}
	}
}

// Leaked lists what a response must never contain: secrets and their hashes, the
// correct MAC of a request that had another one, and the name of the environment.
func (o Observation) Leaked() []string {
	found := slices.Concat(o.Secrets(), o.Hashes(), o.RightMACs())
	if o.Env != "" && strings.Contains(o.responseText(), o.Env) {
		found = append(found, "the environment's name")
	}
	return found
}

// Secrets lists the secrets in a response, as tokens: the signing keys, the canary
// and the event key.
func (o Observation) Secrets() []string {
	return o.tokens(SecretToken(Primary), SecretToken(Fallback), CanaryToken, EventKeyToken)
}

// Hashes lists the hashes of signing keys in a response, as tokens.
func (o Observation) Hashes() []string {
	return o.tokens(HashToken(Primary), TextHashToken(Primary), HashToken(Fallback), TextHashToken(Fallback))
}

// RightMACs lists the MACs in a response that would have been correct for the
// request, which had another one, as tokens.
func (o Observation) RightMACs() []string {
	return o.tokens(RightMACToken(Primary), RightMACToken(Fallback))
}

// tokens lists those of the given tokens that a response contains.
func (o Observation) tokens(list ...string) []string {
	if !o.holdsTokens() {
		return nil
	}
	return tokensIn(o.responseText(), list...)
}

// holdsTokens is a fast check: does the response contain the start of any token?
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

// responseText joins the reason phrase, body and header fields of a response to
// search them.
func (o Observation) responseText() string {
	parts := []string{o.Response.Reason, string(o.Response.Body)}
	for name, values := range o.Response.Header {
		parts = append(parts, name+": "+strings.Join(values, ", "))
	}
	return strings.Join(parts, "\n")
}

// trace matches the stack traces and file paths of common languages. A text that it
// matches contains at least one of traceSigns, which are faster to search for.
var (
	trace      = regexp.MustCompile(`\bat .+:\d+:\d+\)?|node_modules/|File \\?"[^"]+\\?", line \d+|\.go:\d+|\.(java|kt|py|rb|rs|php|cs|exs?):\d+`)
	traceSigns = []string{"at ", "node_modules/", ", line ", ".go:", ".java:", ".kt:", ".py:", ".rb:", ".rs:", ".php:", ".cs:", ".ex:", ".exs:"}
)

// ShowsTrace reports whether a response contains a stack trace or a file path.
func (o Observation) ShowsTrace() bool {
	text := o.responseText()
	return slices.ContainsFunc(traceSigns, func(sign string) bool { return strings.Contains(text, sign) }) && trace.MatchString(text)
}

// HoldsSecret reports whether a response contains a signing key itself or another
// secret of the environment.
func (o Observation) HoldsSecret() bool { return len(o.Secrets()) > 0 }

// Secrets lists the secrets in a request that it must not contain, as tokens: the
// signing keys and the canary.
func (a APIRequest) Secrets() []string {
	return tokensIn(a.text(), SecretToken(Primary), SecretToken(Fallback), CanaryToken)
}

// HoldsNoKey reports whether the request contains no signing key.
func (a APIRequest) HoldsNoKey() bool {
	return len(tokensIn(a.text(), SecretToken(Primary), SecretToken(Fallback))) == 0
}

// HoldsNoCanary reports whether the request does not contain the canary, a secret
// of the environment that is not a key.
func (a APIRequest) HoldsNoCanary() bool { return len(tokensIn(a.text(), CanaryToken)) == 0 }

// HasHashedKey reports whether the request's bearer token is the hash of a key.
func (a APIRequest) HasHashedKey() bool { return a.by(Primary) || a.by(Fallback) }

// HoldsNoHash reports whether the request contains neither a signing key nor the
// hash of one, which is the bearer token.
func (a APIRequest) HoldsNoHash() bool {
	return a.HoldsNoKey() && len(tokensIn(a.text(), HashToken(Primary), HashToken(Fallback))) == 0
}

// text joins the path, query, body and header fields of a request to search them.
func (a APIRequest) text() string {
	all := []string{a.Path, a.Query, a.Body}
	for name, values := range a.Header {
		all = append(append(all, name), values...)
	}
	return strings.Join(all, "\n")
}

// by reports whether a request was sent with the bearer token of a key.
func (a APIRequest) by(name KeyName) bool {
	return a.Bearer[strings.LastIndexByte(a.Bearer, '-')+1:] == HashToken(name)
}
