package fuzz

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// NothingIsAcceptedThatNeitherKeySigned: a MAC opens the verifier if one of its
// two keys made it, and that key is named; whatever else is made of the keys
// opens nothing.
func (s Scheme) NothingIsAcceptedThatNeitherKeySigned(t *rapid.T) {
	m := message{method: rapid.SampledFrom(methods).Draw(t, "method")}
	if m.method != http.MethodGet {
		m.body = Document().Draw(t, "body")
	}
	m.at = Instant().Draw(t, "at")
	m.now = InWindow(m.at).Draw(t, "now")
	both := reference.Keys{Primary: s.key(t, KeyText().Draw(t, "primary")), Fallback: s.key(t, KeyText().Draw(t, "fallback"))}
	m.keys = rapid.SampledFrom([]reference.Keys{both, {Primary: both.Primary}, {Fallback: both.Fallback}}).Draw(t, "held")
	secret := s.drawSecret(t, both)
	covered, _ := s.Canonicalise([]byte(m.body)) // of a GET: nothing
	m.header = macWith(secret, covered, m.at)

	want := reference.Choose(m.keys, func(k reference.Key) bool { return !k.IsZero() && k.Secret() == secret })
	if which, err := s.Verify(m.method, m.header, []byte(m.body), m.keys, m.now); which != want || (err == nil) != (want != reference.Neither) {
		t.Fatalf("signed with %q: %s, %v, want %s", secret, which, err, want)
	}
}

// drawSecret draws what a MAC is made with: a key that may be held, or something
// made of the keys that a careless verifier might try too.
func (s Scheme) drawSecret(t *rapid.T, k reference.Keys) string {
	one, other := k.Primary, k.Fallback
	names := []string{
		"the primary key", "the fallback key", "no key", "the whole text", "the bearer", "the bearer's hash",
		"the decoded key", "both keys joined", "another case", "half the key", "a stranger's key",
	}
	switch rapid.SampledFrom(names).Draw(t, "signed with") {
	case "the primary key":
		return one.Secret()
	case "the fallback key":
		return other.Secret()
	case "the whole text":
		return other.Text()
	case "the bearer":
		return other.Bearer()
	case "the bearer's hash":
		return strings.TrimPrefix(other.Bearer(), strings.TrimSuffix(other.Text(), other.Secret()))
	case "the decoded key":
		raw, _ := hex.DecodeString(other.Secret()) // a key is hexadecimal
		return string(raw)
	case "both keys joined":
		return one.Secret() + other.Secret()
	case "another case":
		return strings.ToUpper(other.Secret())
	case "half the key":
		return other.Secret()[:len(other.Secret())/2]
	case "a stranger's key":
		return s.key(t, KeyText().Draw(t, "stranger")).Secret()
	}
	return ""
}

// NothingIsAcceptedWithAnEmptyKey: where the environment holds no key, or one
// key and nothing beside it, a MAC that anyone can make opens nothing.
func (s Scheme) NothingIsAcceptedWithAnEmptyKey(t *rapid.T) {
	env := map[string]string{
		reference.EnvSigningKey: BlankKeyText().Draw(t, "primary"),
		reference.EnvFallback:   BlankKeyText().Draw(t, "fallback"),
	}
	if real := rapid.SampledFrom([]string{"", reference.EnvSigningKey, reference.EnvFallback}).Draw(t, "real"); real != "" {
		env[real] = KeyText().Draw(t, "key")
	}
	m := message{method: rapid.SampledFrom(methods).Draw(t, "method")}
	if m.method != http.MethodGet {
		m.body = Document().Draw(t, "body")
	}
	m.at = Instant().Draw(t, "at")
	m.now = InWindow(m.at).Draw(t, "now")
	m.keys.Primary, _ = s.ParseKey(env[reference.EnvSigningKey])
	m.keys.Fallback, _ = s.ParseKey(env[reference.EnvFallback])
	m.header = s.forge(t, m)

	if which, err := s.Verify(m.method, m.header, []byte(m.body), m.keys, m.now); err == nil || which != reference.Neither {
		t.Fatalf("Verify accepts a forgery: %s, %v", which, err)
	}
	if what := s.opens(m, func(name string) string { return env[name] }); what != "" {
		t.Fatalf("a forgery opens an endpoint: %s", what)
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

// macWith is the header of a MAC that is made with any secret, also with none.
func macWith(secret string, covered []byte, at time.Time) string {
	signature := reference.Signature{Time: at}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(covered)
	mac.Write([]byte(signature.T()))
	signature.MAC = [32]byte(mac.Sum(nil))
	return signature.String()
}

// opens sends a message to an endpoint in cloud mode, in memory, and says what
// it opened; nothing is the empty text.
func (s Scheme) opens(m message, getenv func(string) string) (what string) {
	echo := func(context.Context, reference.Call) (any, error) { what = "the function ran"; return nil, nil }
	endpoint := s.NewEndpoint("app", map[string]reference.Function{"echo": echo}, getenv)
	endpoint.Now = func() time.Time { return m.now }
	request := httptest.NewRequest(m.method, "/?fnId=app-echo", strings.NewReader(m.body))
	request.Header.Set(reference.HeaderSignature, m.header)
	request.Header.Set(reference.HeaderSyncKind, "in_band")
	answer := httptest.NewRecorder()
	endpoint.ServeHTTP(answer, request)
	switch {
	case what != "":
		return what
	case answer.Header().Get(reference.HeaderSignature) != "":
		return "the answer is signed"
	case m.method == http.MethodGet && strings.Contains(answer.Body.String(), `"app_id"`):
		return "introspection tells everything"
	case m.method != http.MethodGet && answer.Code < http.StatusBadRequest:
		return "it answers " + http.StatusText(answer.Code)
	}
	return ""
}
