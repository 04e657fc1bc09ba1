// Package fuzz has the properties that hold for every key, body, time and header.
//
// A property is a method of [Scheme] that takes a *rapid.T. It has two
// engines: rapid.Check draws and shrinks, and rapid.MakeFuzz makes it a target
// of `go test -fuzz`. A Scheme is a struct of function fields, so that a test
// can break one of them and see that the property fails. What a property expects
// is written out or computed independently, never by the code under test.
package fuzz

import (
	"context"
	"crypto/sha256"
	"errors"
	"math"
	"net/http"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// Scheme is an implementation that the properties are checked on.
type Scheme struct {
	ParseKey       func(text string) (reference.Key, error)
	Canonicalise   func(body []byte) ([]byte, error)
	ParseSignature func(value string) (reference.Signature, error)
	Spell          func(reference.Signature) string
	Sign           func(key reference.Key, body []byte, at time.Time) (reference.Signature, error)
	Verify         func(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error)
	NewEndpoint    func(appID string, functions map[string]reference.Function, getenv func(string) string) *reference.Endpoint
	Bearer         func(reference.Key) string
	ResolveMode    func(getenv func(string) string) reference.Mode
	Call           func(c *reference.Client, ctx context.Context, method, url string, header http.Header, body []byte) (reference.APIResponse, error)
}

// Reference is the scheme of package reference.
func Reference() Scheme {
	return Scheme{
		ParseKey: reference.ParseKey, Canonicalise: reference.Canonicalise,
		ParseSignature: reference.ParseSignature, Spell: reference.Signature.String,
		Sign: reference.Sign, Verify: reference.Verify, NewEndpoint: reference.NewEndpoint,
		Bearer: reference.Key.Bearer, ResolveMode: reference.ResolveMode, Call: (*reference.Client).Call,
	}
}

// message is a signed request on its way to a verifier.
type message struct {
	body      string
	covered   string // the bytes of the body that the MAC covers
	canonical bool   // they are the canonical form of the body
	header    string
	text      keyText // of the key that signed
	keys      reference.Keys
	holder    reference.MatchedKey // which of the verifier's keys it is
	at, now   time.Time
}

// The bytes of a body that a valid signature covers (protocol §3).
const (
	overNothing   = "an empty body"
	overCanonical = "the canonical form"
	overRaw       = "the raw bytes"
)

// drawBody draws a body, and the bytes of it that a valid signature covers.
func (s Scheme) drawBody(t *rapid.T) (m message) {
	switch rapid.SampledFrom([]string{overNothing, overCanonical, overRaw}).Draw(t, "covers") {
	case overCanonical:
		m.body = Document().Draw(t, "body")
		form, _ := s.Canonicalise([]byte(m.body)) // a document has a canonical form
		m.covered, m.canonical = string(form), true
	case overRaw:
		m.body = Text().Draw(t, "body")
		form, err := s.Canonicalise([]byte(m.body))
		m.covered, m.canonical = m.body, err == nil && string(form) == m.body
	}
	return m
}

func (s Scheme) drawMessage(t *rapid.T) message {
	m := s.drawBody(t)
	m.text = keyText(KeyText().Draw(t, "key"))
	key := s.key(t, m.text)
	m.holder = rapid.SampledFrom([]reference.MatchedKey{reference.Primary, reference.Fallback}).Draw(t, "holder")
	m.keys = reference.Keys{Primary: key}
	if m.holder == reference.Fallback {
		m.keys = reference.Keys{Fallback: key}
	}
	m.at = Instant().Draw(t, "at")
	m.now = onTime(m.at).Draw(t, "now")
	m.header = s.Spell(s.sign(t, key, m))
	return m
}

func (s Scheme) key(t *rapid.T, text keyText) reference.Key {
	k, err := s.ParseKey(string(text))
	if err != nil {
		t.Fatalf("the key %q is rejected: %v", text, err)
	}
	return k
}

func (s Scheme) sign(t *rapid.T, k reference.Key, m message) reference.Signature {
	signature, err := s.Sign(k, []byte(m.covered), m.at)
	if err != nil {
		t.Fatalf("%q cannot be signed: %v", m.covered, err)
	}
	return signature
}

// ASignatureHoldsUntilAnythingChanges: what was signed verifies, with the key
// that signed it; with one change to body, t, s, key or header it does not, nor
// by a clock that is out of the window. Where the canonical form is signed,
// another encoding of the same body is no change.
func (s Scheme) ASignatureHoldsUntilAnythingChanges(t *rapid.T) {
	m := s.drawMessage(t)
	s.mustHold(t, m)
	changes := map[string]func(*rapid.T, message) message{
		"body": changeBody, "t": changeTime, "s": changeMAC, "key": s.changeKey, "header": changeHeader, "clock": changeClock,
	}
	change := rapid.SampledFrom([]string{"body", "t", "s", "key", "header", "clock"}).Draw(t, "change")
	changed := changes[change](t, m)
	if change == "body" && (changed.body == m.body || changed.body == m.covered || m.canonical && sameJSON(m.body, changed.body)) {
		s.mustHold(t, changed)
		return
	}
	which, err := s.Verify(changed.header, []byte(changed.body), changed.keys, changed.now)
	if err == nil || which != reference.NoKey {
		t.Fatalf("after a change of %s the signature still holds: %s, %v", change, which, err)
	}
}

func (s Scheme) mustHold(t *rapid.T, m message) {
	which, err := s.Verify(m.header, []byte(m.body), m.keys, m.now)
	if err != nil || which != m.holder {
		t.Fatalf("the signature of %q over %q does not hold: %s, %v", m.body, m.covered, which, err)
	}
}

// TheHeaderReadsBackAsItWasWritten: every signature is spelled `t=…&s=…` and
// survives being read, and a text is read only if it is such a spelling, t and s
// in either order, of a year with four digits.
func (s Scheme) TheHeaderReadsBackAsItWasWritten(t *rapid.T) {
	want := Signature().Draw(t, "signature")
	texts := spellings(want.Time.Unix(), want.MAC[:])
	for _, text := range texts {
		got, err := s.ParseSignature(text)
		if err != nil || !got.Time.Equal(want.Time) || got.MAC != want.MAC {
			t.Fatalf("%q is read as %q, %v", text, got, err)
		}
	}
	if text := s.Spell(want); text != texts[0] {
		t.Fatalf("%q is written as %q", texts[0], text)
	}
	text := rapid.OneOf(HeaderText(), lateHeader(want.MAC)).Draw(t, "text")
	got, err := s.ParseSignature(text)
	own := spellings(got.Time.Unix(), got.MAC[:])
	var broken *reference.HeaderError
	switch {
	case err != nil && !errors.As(err, &broken):
		t.Fatalf("%q is rejected without a rule: %v", text, err)
	case err != nil && got != reference.Signature{}:
		t.Fatalf("%q is rejected and yet read as %q", text, got)
	case err == nil && text != own[0] && text != own[1]:
		t.Fatalf("%q is read as if it were %q", text, own[0])
	case err == nil && got.Time.Unix() > lastSecond:
		t.Fatalf("%q is read, and its year has five digits", text)
	}
}

// lateHeader draws a header whose time is past all that RFC 3339 can spell.
func lateHeader(mac [sha256.Size]byte) *rapid.Generator[string] {
	return rapid.Map(rapid.Int64Range(lastSecond+1, math.MaxInt64), func(second int64) string { return spellings(second, mac[:])[0] })
}

// CanonicalBytesAgreeWith another library: both give the same bytes or both
// give none, and the canonical form is its own canonical form; the same with
// capital exponents.
func (s Scheme) CanonicalBytesAgreeWith(other func([]byte) ([]byte, error)) func(*rapid.T) {
	return func(t *rapid.T) {
		text := Text().Draw(t, "text")
		for _, text := range []string{text, strings.ReplaceAll(text, "e", "E")} {
			s.agrees(t, text, other)
		}
	}
}

func (s Scheme) agrees(t *rapid.T, text string, other func([]byte) ([]byte, error)) {
	ours, err := s.Canonicalise([]byte(text))
	theirs, theirErr := other([]byte(text))
	if (err == nil) != (theirErr == nil) || string(ours) != string(theirs) {
		t.Fatalf("%q: ours is %q, %v; theirs is %q, %v", text, ours, err, theirs, theirErr)
	}
	if err != nil {
		return
	}
	if again, err := s.Canonicalise(ours); err != nil || string(again) != string(ours) {
		t.Fatalf("the canonical form %q has another: %q, %v", ours, again, err)
	}
}
