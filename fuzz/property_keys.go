package fuzz

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// NothingIsAcceptedThatNeitherKeySigned: a MAC is accepted if one of the two keys
// made it, and that key is named; whatever else is made of the keys is not.
func (s Scheme) NothingIsAcceptedThatNeitherKeySigned(t *rapid.T) {
	m := s.drawBody(t)
	m.at = Instant().Draw(t, "at")
	m.now = onTime(m.at).Draw(t, "now")
	primary, fallback := keyText(KeyText().Draw(t, "primary")), keyText(KeyText().Draw(t, "fallback"))
	held := rapid.SampledFrom([]string{"both", "primary", "fallback", "the same twice"}).Draw(t, "held")
	if held == "the same twice" {
		fallback = primary
	}
	if held != "fallback" {
		m.keys.Primary = s.key(t, primary)
	}
	if held != "primary" {
		m.keys.Fallback = s.key(t, fallback)
	}
	secret := drawSecret(t, primary, fallback)
	m.header = macWith(secret, []byte(m.covered), m.at)

	want := reference.NoKey
	switch { // the primary key goes first, also before its like
	case held != "fallback" && secret == primary.secret():
		want = reference.Primary
	case held != "primary" && secret == fallback.secret():
		want = reference.Fallback
	}
	if which, err := s.Verify(m.header, []byte(m.body), m.keys, m.now); which != want || (err == nil) != (want != reference.NoKey) {
		t.Fatalf("signed with %q: %s, %v, want %s", secret, which, err, want)
	}
}

// drawSecret draws what a MAC is made with: a key that may be held, or something
// made of the keys that a careless verifier might try too.
func drawSecret(t *rapid.T, one, other keyText) string {
	names := []string{
		"the primary key", "the fallback key", "no key", "the whole text", "the bearer", "the bearer's hash",
		"the decoded key", "both keys joined", "another case", "half the key", "an unknown key",
	}
	switch rapid.SampledFrom(names).Draw(t, "signed with") {
	case "the primary key":
		return one.secret()
	case "the fallback key":
		return other.secret()
	case "the whole text":
		return string(other)
	case "the bearer":
		return other.bearer()
	case "the bearer's hash":
		return strings.TrimPrefix(other.bearer(), other.prefix())
	case "the decoded key":
		return string(other.raw())
	case "both keys joined":
		return one.secret() + other.secret()
	case "another case":
		return strings.ToUpper(other.secret())
	case "half the key":
		return other.secret()[:len(other.secret())/2]
	case "an unknown key":
		return keyText(KeyText().Draw(t, "unknown key")).secret()
	}
	return ""
}

// NothingIsAcceptedWithAnEmptyKey: where the environment holds no key, or one
// key and nothing beside it, a MAC that anyone can make opens nothing.
func (s Scheme) NothingIsAcceptedWithAnEmptyKey(t *rapid.T) {
	env := map[string]string{
		keyVariable:      BlankKeyText().Draw(t, "primary"),
		fallbackVariable: BlankKeyText().Draw(t, "fallback"),
	}
	if real := rapid.SampledFrom([]string{"", keyVariable, fallbackVariable}).Draw(t, "real"); real != "" {
		env[real] = KeyText().Draw(t, "key")
	}
	method := rapid.SampledFrom([]string{http.MethodGet, http.MethodPost, http.MethodPut}).Draw(t, "method")
	m := message{}
	if method != http.MethodGet {
		m.body = Document().Draw(t, "body")
	}
	m.at = Instant().Draw(t, "at")
	m.now = onTime(m.at).Draw(t, "now")
	m.keys.Primary, _ = s.ParseKey(env[keyVariable])
	m.keys.Fallback, _ = s.ParseKey(env[fallbackVariable])
	m.header = s.forge(t, m)

	if which, err := s.Verify(m.header, []byte(m.body), m.keys, m.now); err == nil || which != reference.NoKey {
		t.Fatalf("Verify accepts a forgery: %s, %v", which, err)
	}
	if what := s.opens(method, m, func(name string) string { return env[name] }); what != "" {
		t.Fatalf("an endpoint accepts a forgery: %s", what)
	}
}

// forge signs with what anyone knows: no key, or the blank texts themselves.
func (s Scheme) forge(t *rapid.T, m message) string {
	secret := rapid.SampledFrom([]string{"", "\x00", " ", "\n", "signkey-", "signkey-prod-", "undefined", "null"}).Draw(t, "secret")
	covered, _ := s.Canonicalise([]byte(m.body))
	if rapid.Bool().Draw(t, "nothing covered") {
		covered = nil
	}
	return macWith(secret, covered, m.at)
}

// opens sends a message to an endpoint in cloud mode, in memory, and says how it
// was accepted; it is empty where it was not.
func (s Scheme) opens(method string, m message, getenv func(string) string) (what string) {
	echo := func(context.Context, reference.Call) (any, error) { what = "the function ran"; return nil, nil }
	endpoint := s.NewEndpoint("app", map[string]reference.Function{"echo": echo}, getenv)
	endpoint.Now = func() time.Time { return m.now }
	request := httptest.NewRequest(method, "/?fnId=app-echo", strings.NewReader(m.body))
	request.Header.Set(signatureHeader, m.header)
	request.Header.Set(syncKindHeader, "in_band")
	response := httptest.NewRecorder()
	endpoint.ServeHTTP(response, request)
	switch {
	case what != "":
		return what
	case response.Header().Get(signatureHeader) != "":
		return "the response is signed"
	case method == http.MethodGet && strings.Contains(response.Body.String(), `"app_id"`):
		return "introspection reveals everything"
	case method != http.MethodGet && response.Code < http.StatusBadRequest:
		return "the status is " + http.StatusText(response.Code)
	}
	return ""
}
