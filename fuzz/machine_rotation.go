package fuzz

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// rotation is the rotation of a signing key: the SDK's processes, the server that
// signs, the API that they contact, and one clock.
//
//	stage             environment          server signs with, API accepts
//	0 before          old                  old
//	1 both deployed   new, fallback old    old
//	2 rotated         new, fallback old    new
//	3 after           new                  new
type rotation struct {
	scheme    Scheme
	old, next keyText
	unknown   keyText
	stage     int
	now       time.Time
	processes []*process      // one, or two while one takes over from the other
	captured  []signedMessage // signed messages that are not delivered yet, or were copied
	bearers   []string        // that the API received
}

// ARotationLosesNothingAndLetsNothingIn: over a whole rotation, in whatever
// order things happen, authentic requests are accepted at every stage and by
// both processes while one takes over; a key that a process does not have, a
// forgery and an old signature are rejected; and every sync ends with a key that
// the API accepts, the primary key first.
func (s Scheme) ARotationLosesNothingAndLetsNothingIn(t *rapid.T) {
	r := &rotation{
		scheme: s, now: time.Unix(1_700_000_000, 0),
		old: keyText("signkey-prod-" + strings.Repeat("0a", 16)), next: keyText("signkey-prod-" + strings.Repeat("0b", 16)),
		unknown: keyText("signkey-prod-" + strings.Repeat("0c", 16)),
	}
	r.deploy(r.old)
	t.Repeat(map[string]func(*rapid.T){
		"":        r.theAPIReceivedBearersOnly,
		"advance": r.advance, "settle": r.settle, "wait": r.wait, "send": r.send, "capture": r.capture,
		"deliver": r.deliver, "sign with the other key": r.useOtherKey, "forge": r.forge, "sync": r.sync,
	})
}

// advance begins the next stage. A deployment leaves the process before it
// running until it is settled.
func (r *rotation) advance(t *rapid.T) {
	if r.stage == 3 || len(r.processes) > 1 {
		t.Skip("the rotation is over, or a deployment is in progress")
	}
	r.stage++
	switch r.stage {
	case 1:
		r.deploy(r.next, r.old)
	case 3:
		r.deploy(r.next)
	}
}

// settle ends the process that was replaced.
func (r *rotation) settle(t *rapid.T) {
	if len(r.processes) == 1 {
		t.Skip("nothing is being deployed")
	}
	r.processes = r.processes[1:]
}

// wait lets time pass: the first choice is just too long for a signature.
func (r *rotation) wait(t *rapid.T) {
	seconds := rapid.SampledFrom([]int{301, 300, 1, 60, 299, 3600}).Draw(t, "seconds")
	r.now = r.now.Add(time.Duration(seconds) * time.Second)
}

// send signs as the server does, and delivers the message at once.
func (r *rotation) send(t *rapid.T) {
	m, p := r.sign(t, r.signing()), r.draw(t)
	if !r.accepts(p, m) {
		t.Fatalf("stage %d: an authentic %s is rejected", r.stage, m.name)
	}
}

// capture keeps a message of the server's, to be delivered later.
func (r *rotation) capture(t *rapid.T) { r.captured = append(r.captured, r.sign(t, r.signing())) }

// deliver delivers a captured message, perhaps not for the first time.
func (r *rotation) deliver(t *rapid.T) {
	if len(r.captured) == 0 {
		t.Skip("nothing was captured")
	}
	m := r.captured[rapid.IntRange(0, len(r.captured)-1).Draw(t, "which")]
	r.arrives(t, m)
}

// useOtherKey delivers what someone signs with the key that the server does not use
// now.
func (r *rotation) useOtherKey(t *rapid.T) {
	key := r.old
	if r.signing() == r.old {
		key = r.next
	}
	r.arrives(t, r.sign(t, key))
}

// arrives delivers a message and compares the result with the expected one.
func (r *rotation) arrives(t *rapid.T, m signedMessage) {
	p, age := r.draw(t), r.now.Sub(m.at)
	held := slices.Contains(p.holds, m.key)
	got, want := r.accepts(p, m), held && age <= mostAge
	if got != want {
		t.Fatalf("stage %d: a %s of age %s is accepted: %v, want %v", r.stage, m.name, age, got, want)
	}
}

// forge delivers what someone without a key can send: a message signed for
// another body, with an unknown key, or with none.
func (r *rotation) forge(t *rapid.T) {
	m := r.sign(t, r.unknown)
	switch rapid.SampledFrom([]string{"unknown key", "no key", "no signature", "other message"}).Draw(t, "how") {
	case "no key":
		m.header = macWith("", []byte(m.body), m.at)
	case "no signature":
		m.header = ""
	case "other message":
		m.header = r.signature(r.signing(), `{"other":true}`)
	}
	if p := r.draw(t); r.accepts(p, m) {
		t.Fatalf("stage %d: a forged %s is accepted", r.stage, m.name)
	}
}

// sync has the SDK contact the API, which accepts the server's key and no other.
func (r *rotation) sync(t *rapid.T) {
	p, before := r.draw(t), len(r.bearers)
	response := p.send(http.MethodPut, "/", "", "")
	if response.Code != http.StatusOK {
		t.Fatalf("stage %d: a sync fails: %d %s", r.stage, response.Code, response.Body)
	}
	order := p.holds[:slices.Index(p.holds, r.signing())+1]
	if sent := r.bearers[before:]; !slices.EqualFunc(sent, order, func(b string, k keyText) bool { return b == "Bearer "+k.bearer() }) {
		t.Fatalf("stage %d: a sync sends the bearers %q, want %q", r.stage, sent, order)
	}
}

func (r *rotation) theAPIReceivedBearersOnly(t *rapid.T) {
	for _, sent := range r.bearers {
		if sent != "Bearer "+r.old.bearer() && sent != "Bearer "+r.next.bearer() {
			t.Fatalf("the API received %q", sent)
		}
	}
}

// signing is the key that the server signs with and the API accepts.
func (r *rotation) signing() keyText {
	if r.stage < 2 {
		return r.old
	}
	return r.next
}

func (r *rotation) sign(t *rapid.T, key keyText) signedMessage {
	names := map[string]kind{}
	order := make([]string, len(kinds))
	for i, k := range kinds {
		names[k.name], order[i] = k, k.name
	}
	k := names[rapid.SampledFrom(order).Draw(t, "kind")]
	return signedMessage{k, key, r.now, r.signature(key, k.body)}
}

// signature is the server's, computed here: the body of every kind is canonical.
func (r *rotation) signature(key keyText, body string) string {
	return macWith(key.secret(), []byte(body), r.now)
}

// draw draws the process that gets a request: the newest first.
func (r *rotation) draw(t *rapid.T) *process {
	return r.processes[len(r.processes)-1-rapid.IntRange(0, len(r.processes)-1).Draw(t, "processes back")]
}

func (r *rotation) accepts(p *process, m signedMessage) bool {
	p.ran = false
	return m.accepted(p, p.send(m.method, m.target, m.body, m.header))
}

// deploy starts a process with the keys of a new environment: one, or the
// primary one and the fallback.
func (r *rotation) deploy(keys ...keyText) {
	env, p := map[string]string{}, &process{holds: keys}
	for i, name := range []string{keyVariable, fallbackVariable}[:len(keys)] {
		env[name] = string(keys[i])
	}
	echo := func(context.Context, reference.Call) (any, error) { p.ran = true; return nil, nil }
	p.endpoint = r.scheme.NewEndpoint("app", map[string]reference.Function{"echo": echo}, func(name string) string { return env[name] })
	p.endpoint.Now = func() time.Time { return r.now }
	p.endpoint.Do = r.respondAPI
	r.processes = append(r.processes, p)
}

func (r *rotation) respondAPI(request *http.Request) (*http.Response, error) {
	heard := request.Header.Get("Authorization")
	r.bearers = append(r.bearers, heard)
	if heard != "Bearer "+r.signing().bearer() {
		return &http.Response{StatusCode: http.StatusUnauthorized, Body: io.NopCloser(strings.NewReader("Authentication failed"))}, nil
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"ok":true,"modified":true}`))}, nil
}
