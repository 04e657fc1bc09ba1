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

// rotation is a signing key on its way from one to the next: the SDK's
// processes, the server that signs, the API that is asked, and one clock.
//
//	stage             environment          server signs with, API takes
//	0 before          old                  old
//	1 both deployed   new, fallback old    old
//	2 rotated         new, fallback old    new
//	3 after           new                  new
type rotation struct {
	scheme    Scheme
	old, next keyText
	stranger  keyText
	stage     int
	now       time.Time
	processes []*process // one, or two while one takes over from the other
	caught    []parcel   // signed messages that are still under way, or were copied
	bearers   []string   // what the API heard
}

// ARotationLosesNothingAndLetsNothingIn: over a whole rotation, in whatever
// order things happen, authentic requests are accepted at every stage and by
// both processes while one takes over; a key that a process does not hold, a
// forgery and an old signature are refused; and every sync finds a key that the
// API takes, the primary key first.
func (s Scheme) ARotationLosesNothingAndLetsNothingIn(t *rapid.T) {
	r := &rotation{
		scheme: s, now: time.Unix(1_700_000_000, 0),
		old: keyText("signkey-prod-" + strings.Repeat("0a", 16)), next: keyText("signkey-prod-" + strings.Repeat("0b", 16)),
		stranger: keyText("signkey-prod-" + strings.Repeat("0c", 16)),
	}
	r.deploy(r.old)
	t.Repeat(map[string]func(*rapid.T){
		"":        r.theAPIHeardBearersOnly,
		"advance": r.advance, "settle": r.settle, "wait": r.wait, "send": r.send, "catch": r.catch,
		"deliver": r.deliver, "sign with the other key": r.misuse, "forge": r.forge, "sync": r.sync,
	})
}

// advance begins the next stage. A deployment leaves the process before it
// running until it is settled.
func (r *rotation) advance(t *rapid.T) {
	if r.stage == 3 || len(r.processes) > 1 {
		t.Skip("the rotation is over, or a deployment under way")
	}
	r.stage++
	switch r.stage {
	case 1:
		r.deploy(r.next, r.old)
	case 3:
		r.deploy(r.next)
	}
}

// settle ends the process that was taken over from.
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

// send is the server at work: it signs, and the message arrives at once.
func (r *rotation) send(t *rapid.T) {
	m, p := r.sign(t, r.signing()), r.draw(t)
	if !r.accepts(p, m) {
		t.Fatalf("stage %d: an authentic %s is refused", r.stage, m.name)
	}
}

// catch keeps a message of the server's, to be delivered later.
func (r *rotation) catch(t *rapid.T) { r.caught = append(r.caught, r.sign(t, r.signing())) }

// deliver brings a message that was caught, perhaps not for the first time.
func (r *rotation) deliver(t *rapid.T) {
	if len(r.caught) == 0 {
		t.Skip("nothing was caught")
	}
	m := r.caught[rapid.IntRange(0, len(r.caught)-1).Draw(t, "which")]
	r.arrives(t, m)
}

// misuse is someone who has the key that the server does not sign with now.
func (r *rotation) misuse(t *rapid.T) {
	key := r.old
	if r.signing() == r.old {
		key = r.next
	}
	r.arrives(t, r.sign(t, key))
}

// arrives delivers a message and compares what follows with what must.
func (r *rotation) arrives(t *rapid.T, m parcel) {
	p, age := r.draw(t), r.now.Sub(m.at)
	held := slices.Contains(p.holds, m.key)
	got, want := r.accepts(p, m), held && age <= mostAge
	if got != want {
		t.Fatalf("stage %d: it is %v that a %s of age %s is accepted; its key is held: %v", r.stage, got, m.name, age, held)
	}
}

// forge is someone who has no key: the message is one that was signed for
// another body, or with a key of the forger's own, or with none.
func (r *rotation) forge(t *rapid.T) {
	m := r.sign(t, r.stranger)
	switch rapid.SampledFrom([]string{"own key", "no key", "no signature", "other message"}).Draw(t, "how") {
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

// sync has the SDK ask the API, which takes the server's key and no other.
func (r *rotation) sync(t *rapid.T) {
	p, before := r.draw(t), len(r.bearers)
	answer := p.ask(http.MethodPut, "/", "", "")
	if answer.Code != http.StatusOK {
		t.Fatalf("stage %d: a sync fails: %d %s", r.stage, answer.Code, answer.Body)
	}
	order := p.holds[:slices.Index(p.holds, r.signing())+1]
	if heard := r.bearers[before:]; !slices.EqualFunc(heard, order, func(h string, k keyText) bool { return h == "Bearer "+k.bearer() }) {
		t.Fatalf("stage %d: a sync asks with %q, and not with %q in turn", r.stage, heard, order)
	}
}

func (r *rotation) theAPIHeardBearersOnly(t *rapid.T) {
	for _, heard := range r.bearers {
		if heard != "Bearer "+r.old.bearer() && heard != "Bearer "+r.next.bearer() {
			t.Fatalf("the API heard %q", heard)
		}
	}
}

// signing is the key that the server signs with and the API takes.
func (r *rotation) signing() keyText {
	if r.stage < 2 {
		return r.old
	}
	return r.next
}

func (r *rotation) sign(t *rapid.T, key keyText) parcel {
	names := map[string]kind{}
	order := make([]string, len(kinds))
	for i, k := range kinds {
		names[k.name], order[i] = k, k.name
	}
	k := names[rapid.SampledFrom(order).Draw(t, "kind")]
	return parcel{k, key, r.now, r.signature(key, k.body)}
}

// signature is the server's, by hand: the body of every kind is canonical.
func (r *rotation) signature(key keyText, body string) string {
	return macWith(key.secret(), []byte(body), r.now)
}

// draw draws the process that a request comes to: the newest first.
func (r *rotation) draw(t *rapid.T) *process {
	return r.processes[len(r.processes)-1-rapid.IntRange(0, len(r.processes)-1).Draw(t, "processes back")]
}

func (r *rotation) accepts(p *process, m parcel) bool {
	p.ran = false
	return m.accepted(p, p.ask(m.method, m.target, m.body, m.header))
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
	p.endpoint.Do = r.answerAPI
	r.processes = append(r.processes, p)
}

func (r *rotation) answerAPI(request *http.Request) (*http.Response, error) {
	heard := request.Header.Get("Authorization")
	r.bearers = append(r.bearers, heard)
	if heard != "Bearer "+r.signing().bearer() {
		return &http.Response{StatusCode: http.StatusUnauthorized, Body: io.NopCloser(strings.NewReader("Authentication failed"))}, nil
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"ok":true,"modified":true}`))}, nil
}
