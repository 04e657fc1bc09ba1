package fuzz

import (
	"errors"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// SignIsTheHMACOfBodyAndTime: the signature of a body is the HMAC-SHA256 of its
// bytes and of t after them, keyed with the key's digits, at any fraction of a
// second; without a key nothing is signed.
func (s Scheme) SignIsTheHMACOfBodyAndTime(t *rapid.T) {
	m := s.drawMessage(t)
	key := s.key(t, m.text)
	fraction := time.Duration(rapid.Int64Range(0, int64(time.Second)-1).Draw(t, "fraction"))
	for _, body := range []string{m.covered, m.body} {
		signature, err := s.Sign(key, []byte(body), m.at.Add(fraction))
		if want := macWith(m.text.secret(), []byte(body), m.at); err != nil || s.Spell(signature) != want || !signature.Time.Equal(m.at) {
			t.Fatalf("%q is signed with %q of %s, want %q: %v", body, s.Spell(signature), signature.Time, want, err)
		}
	}
	if signature, err := s.Sign(reference.Key{}, []byte(m.covered), m.at); !errors.Is(err, reference.ErrNoKey) {
		t.Fatalf("without a key %q is signed with %q, %v", m.covered, s.Spell(signature), err)
	}
}

// fault is one thing that is wrong with a request, and the reason to reject it.
type fault struct {
	name   string
	reason error // nil for a *reference.HeaderError
	commit func(t *rapid.T, m *message)
}

// faults are in the order of the checks that reveals least (protocol §3).
var faults = []fault{
	{"no header", reference.ErrUnsigned, func(_ *rapid.T, m *message) { m.header = "" }},
	{"an unreadable header", nil, func(t *rapid.T, m *message) {
		m.header = rapid.SampledFrom([]string{"t", "&", "t=0", "s=0", "t=00&" + m.header, m.header + "0", m.header + "&"}).Draw(t, "header")
	}},
	{"no key", reference.ErrNoKey, func(_ *rapid.T, m *message) { m.keys = reference.Keys{} }},
	{"an old time", reference.ErrExpired, func(t *rapid.T, m *message) { m.now = tooLate(m.at).Draw(t, "then") }},
	{"a time ahead", reference.ErrFuture, func(t *rapid.T, m *message) { m.now = tooSoon(m.at).Draw(t, "then") }},
	{"another body", reference.ErrMismatch, func(_ *rapid.T, m *message) { m.body += "{" }},
	{"another MAC", reference.ErrMismatch, func(t *rapid.T, m *message) { *m = changeMAC(t, *m) }},
}

// TheFirstFaultIsTheReason: of all that is wrong with a request, Verify names
// what comes first in the order of the checks; where nothing is wrong, the key.
func (s Scheme) TheFirstFaultIsTheReason(t *rapid.T) {
	m := s.drawMessage(t)
	s.mustHold(t, m)
	names := rapid.SliceOfNDistinct(rapid.SampledFrom(faultNames()), 1, 3, rapid.ID[string]).Draw(t, "faults")
	var first fault
	for _, f := range slices.Backward(faults) {
		if slices.Contains(names, f.name) {
			f.commit(t, &m)
			first = f
		}
	}
	which, err := s.Verify(m.header, []byte(m.body), m.keys, m.now)
	var unreadable *reference.HeaderError
	named := errors.Is(err, first.reason)
	if first.reason == nil {
		named = errors.As(err, &unreadable)
	}
	if !named || which != reference.NoKey {
		t.Fatalf("%s: %s, %v", first.name, which, err)
	}
}

func faultNames() (names []string) {
	for _, f := range faults {
		names = append(names, f.name)
	}
	return names
}
