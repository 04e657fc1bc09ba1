package fuzz

import (
	"fmt"
	"runtime"
	"strings"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// VerifyHasOneResultForAnything: whatever arrives, Verify returns, names a key if
// and only if it accepts, gives equal results for equal arguments, and does not
// change the body.
func (s Scheme) VerifyHasOneResultForAnything(t *rapid.T) {
	m := s.drawAnything(t)
	first := s.result(t, m)
	for range 8 { // a random order shows soon
		if again := s.result(t, m); again != first {
			t.Fatalf("first %s, then %s", first, again)
		}
	}
}

// result is the result of Verify as a text.
func (s Scheme) result(t *rapid.T, m message) string {
	body := []byte(strings.Clone(m.body))
	which, err := s.Verify(strings.Clone(m.header), body, m.keys, m.now)
	if (err == nil) != (which != reference.NoKey) {
		t.Fatalf("the key is %s and the error is %v", which, err)
	}
	if string(body) != m.body {
		t.Fatalf("the body %q became %q", m.body, body)
	}
	return fmt.Sprintf("%s, %v", which, err)
}

// drawAnything draws arguments of Verify: well-formed, nearly so, or neither.
func (s Scheme) drawAnything(t *rapid.T) message {
	m := message{
		header: HeaderText().Draw(t, "header"),
		body:   rapid.OneOf(rapid.Just(""), Text()).Draw(t, "body"),
		now:    rapid.OneOf(Instant(), AnyInstant()).Draw(t, "now"),
	}
	m.keys.Primary, _ = s.ParseKey(rapid.OneOf(KeyText(), BlankKeyText()).Draw(t, "primary"))
	m.keys.Fallback, _ = s.ParseKey(rapid.OneOf(KeyText(), BlankKeyText()).Draw(t, "fallback"))
	if rapid.Bool().Draw(t, "signed") {
		if signature, err := s.Sign(m.keys.Primary, []byte(m.body), m.now); err == nil {
			m.header = signature.String()
		}
	}
	return m
}

// What one verification may allocate: a fixed number of bytes, and some for each
// byte that arrived. The worst that was measured is 47 for each, of an object with
// thousands of names that are sorted.
const (
	fixedAllocation   = 64 << 10
	allocationPerByte = 128
)

// VerifyAllocatesNoMoreThanItIsSent: the bytes that a verification allocates grow
// with the number of bytes that arrive, and with nothing that those bytes mean.
func (s Scheme) VerifyAllocatesNoMoreThanItIsSent(t *rapid.T) {
	key := s.key(t, keyText(KeyText().Draw(t, "key")))
	now := Instant().Draw(t, "now")
	body := long(t, "body", bodyShapes)
	header := reference.Signature{Time: now}.String() // so that the body is verified
	if rapid.Bool().Draw(t, "another header") {
		header = HeaderText().Draw(t, "header") + long(t, "more of it", headerShapes)
	}
	bound := fixedAllocation + allocationPerByte*uint64(len(header)+len(body))
	verify := func() {
		_, _ = s.Verify(header, []byte(body), reference.Keys{Primary: key, Fallback: key}, now)
	}
	for range 3 { // other goroutines allocate too, but not always
		if allocatedBy(verify) <= bound {
			return
		}
	}
	// the number itself differs from run to run, and a message that does cannot shrink
	t.Fatalf("a header of %d bytes and a body of %d made it allocate more than %d", len(header), len(body), bound)
}

// allocatedBy counts the bytes that are allocated while a function runs.
func allocatedBy(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
