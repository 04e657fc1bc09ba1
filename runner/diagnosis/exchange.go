package diagnosis

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// exchange is a request with its response.
type exchange struct {
	what   string // the request, in plain words: "a GET signed with your signing key"
	got    suite.Response
	err    error
	unsent bool // nothing was sent: the budget is spent, or ctx ended
	offset time.Duration
	dated  bool // the response has a Date, which is offset ahead of our clock
	sentAt time.Time
}

// closed reports whether the connection ended in place of a response.
func (x exchange) closed() bool { return x.err != nil && errors.Is(x.err, engine.ErrClosed) }

// ownClock is how far ahead of ours the clock is that the SDK signed the response by.
func (x exchange) ownClock() (by time.Duration, known bool) {
	fields, err := url.ParseQuery(header(x, reference.HeaderSignature))
	seconds, notNumber := strconv.ParseInt(fields.Get("t"), 10, 64)
	if err != nil || notNumber != nil || !x.responded() {
		return 0, false
	}
	at := time.Unix(seconds, 0)
	if seconds > 1e11 {
		at = time.UnixMilli(seconds)
	}
	return at.Sub(x.sentAt.Truncate(time.Second)), true
}

func (x exchange) responded() bool { return x.err == nil && !x.unsent }

// String is the request and the response, in one line.
func (x exchange) String() string {
	switch {
	case x.unsent:
		return x.what + " was not sent"
	case x.err != nil:
		return fmt.Sprintf("%s: no response (%v)", x.what, x.err)
	}
	text := fmt.Sprintf("%s: %d", x.what, x.got.Status)
	if location := x.got.Header.Get("Location"); location != "" {
		text += " to " + location
	}
	o := x.object()
	succeeded, shown := o["authentication_succeeded"]
	if o["mode"] != nil {
		text += fmt.Sprintf(", mode %v", o["mode"])
	}
	if shown && succeeded == nil {
		succeeded = "null"
	}
	if shown {
		text += fmt.Sprintf(", authentication_succeeded %v", succeeded)
	}
	if body := strings.Join(strings.Fields(string(x.got.Body)), " "); body != "" && !shown && o["mode"] == nil {
		text += " " + cut(body, 100)
	}
	if sdk := x.got.Header.Get(reference.HeaderSDK); sdk != "" {
		text += " (by " + sdk + ")"
	}
	return text
}

func cut(text string, most int) string {
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

func (x exchange) object() (o map[string]any) {
	_ = json.Unmarshal(x.got.Body, &o) // nil for anything else
	return o
}

// bySDK reports whether an SDK says that it made the response.
func (x exchange) bySDK() bool {
	o := x.object()
	return x.responded() && (x.got.Header.Get(reference.HeaderSDK) != "" || o["function_count"] != nil && o["has_signing_key"] != nil)
}

func (x exchange) authenticated() bool {
	return x.responded() && x.object()["authentication_succeeded"] == true
}

func (x exchange) status() int {
	if !x.responded() {
		return 0
	}
	return x.got.Status
}

func (x exchange) says(pattern *regexp.Regexp) bool {
	return x.responded() && pattern.Match(x.got.Body[:min(len(x.got.Body), 20_000)])
}

// varying is what differs between two equal responses: times, ids.
var varying = regexp.MustCompile(`[0-9a-fA-F-]{8,}|\d+|\s+`)

// same reports whether two responses say the same, whatever ids and times
// they contain.
func (x exchange) same(y exchange) bool {
	if x.closed() || y.closed() {
		return x.closed() && y.closed()
	}
	if !x.responded() || !y.responded() {
		return false
	}
	form := func(z exchange) string {
		return fmt.Sprint(z.got.Status, z.got.Header.Get(reference.HeaderSDK), z.got.Header.Get(reference.HeaderSignature) != "",
			varying.ReplaceAllString(cut(string(z.got.Body), 2000), " "))
	}
	return form(x) == form(y)
}

// signer is what requests are signed with.
type signer struct {
	name   string // "your signing key with a line feed behind it"
	secret []byte
}

func (s signer) header(body []byte, at time.Time) string {
	signature := reference.Signature{Time: at}
	mac := hmac.New(sha256.New, s.secret)
	mac.Write(body)
	mac.Write([]byte(signature.T()))
	mac.Sum(signature.MAC[:0])
	return signature.String()
}

// unsigned signs nothing.
var unsigned = signer{name: "unsigned"}

// request is one request of a diagnosis.
type request struct {
	method string
	path   string // that of the endpoint if empty
	signer signer
	body   []byte
	over   []byte // what is signed in place of the body, if not nil
	as     string // what over is, in plain words
	age    time.Duration
	before time.Duration // signed at a time so long before the first request, so that no other has the same signature
}

// examination is a diagnosis that is being made.
type examination struct {
	Options
	connection  *launch.Connection
	primary     signer // the right form of the key
	fallback    signer // no secret if there is none
	unknown     signer // a key that nobody has
	clock       time.Duration
	function    string // the id of a function that does not exist
	sent        int
	limited     []string // requests that a limiter refused
	stopped     bool     // a limiter refuses everything
	interrupted []string // requests that got an error from an edge at first, and not when they were sent again
	began       time.Time
	repeated    int
	unsteady    bool // the same request is accepted and refused by turns
	closes      bool // it refuses by closing the connection
	result      Result
}

func newExamination(o Options, c *launch.Connection) *examination {
	e := &examination{Options: o, connection: c, function: "countersign-none-" + random(6), began: time.Now()}
	e.primary = rightForm("your signing key", o.Primary)
	e.fallback = rightForm("your fallback key", o.Fallback)
	if string(e.fallback.secret) == string(e.primary.secret) {
		e.fallback = signer{}
	}
	e.unknown = signer{"an unknown key", []byte(random(32))}
	return e
}

func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}

func (r request) String() string {
	what := map[string]string{http.MethodPost: "probe (POST)"}[r.method]
	what = cmp.Or(what, r.method)
	if r.signer.secret == nil {
		what = "an unsigned " + what
	} else {
		what = suite.Article(what) + " signed with " + r.signer.name
	}
	if r.over != nil {
		what += " over " + r.as
	}
	if r.age > 0 {
		what += fmt.Sprintf(", %s old", r.age)
	}
	if len(r.body) > 10_000 {
		what += fmt.Sprintf(", with a body of %d bytes", len(r.body))
	}
	if r.path != "" {
		what += " to " + r.path
	}
	return what
}

// tries is how often a request is sent that gets this response: what is not the app's
// own may be another one a moment later.
func (e *examination) tries(x exchange) int {
	switch {
	case x.closed():
		if e.closes {
			return 1 // it refuses in this way
		}
		return 3
	case x.bySDK() || x.unsent:
		return 1
	case x.status() == http.StatusTooManyRequests:
		return 2
	case x.edgeFailed():
		return 3
	case x.status()/100 == 5:
		return 2
	}
	return 1
}

// send sends a request, and again after a pause if something else responds.
func (e *examination) send(ctx context.Context, r request) exchange {
	x := e.sendOnce(ctx, r)
	var failed []string
	for n := 1; n < e.tries(x); n++ {
		if x.status()/100 == 5 {
			failed = append(failed, x.String())
		}
		e.wait(ctx, x)
		again := e.sendOnce(ctx, r)
		if again.unsent {
			return x
		}
		e.closes = n == 2 && x.closed() && again.closed()
		x = again
	}
	if x.responded() && x.status()/100 != 5 {
		e.interrupted = append(e.interrupted, failed...)
	}
	e.stopped = e.stopped || x.status() == http.StatusTooManyRequests && !x.bySDK()
	return x
}

// wait waits as long as a limiter says, but not for long.
func (e *examination) wait(ctx context.Context, x exchange) {
	pause := cmp.Or(e.Pause, time.Second)
	if after, err := strconv.Atoi(x.got.Header.Get("Retry-After")); err == nil {
		pause = min(pause, time.Duration(after)*time.Second)
	}
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}

func (e *examination) sendOnce(ctx context.Context, r request) exchange {
	x := exchange{what: r.String()}
	if e.sent == limits.DiagnosisRequests || e.stopped || ctx.Err() != nil {
		x.unsent = true
		return x
	}
	e.sent++
	path := cmp.Or(r.path, e.connection.Path())
	wire := suite.Request{Method: r.method, Target: path, Body: r.body, Header: fieldsOf(r.method)}
	if r.method == http.MethodPost {
		wire.Target += "?fnId=" + e.function + "&stepId=step&probe=trust"
		wire.Header = append(wire.Header, suite.Field{Name: "Content-Type", Value: "application/json"})
	}
	before := time.Now()
	if r.signer.secret != nil {
		over := r.body
		if r.over != nil {
			over = r.over
		}
		wire.Header = append(wire.Header, suite.Field{Name: reference.HeaderSignature, Value: r.signer.header(over, e.timeOf(r, before))})
	}
	var after time.Time
	x.got, after, x.err = e.connection.Do(ctx, wire)
	if ctx.Err() != nil { // the diagnosis ended, not the app
		return exchange{what: x.what, unsent: true}
	}
	if x.status() == http.StatusTooManyRequests && !x.bySDK() {
		e.limited = append(e.limited, x.String())
	}
	x.sentAt = before
	if date, err := http.ParseTime(x.got.Header.Get("Date")); err == nil {
		x.dated, x.offset = true, date.Sub(before.Add(after.Sub(before)/2).Truncate(time.Second))
	}
	return x
}

// timeOf is when a request is signed that is sent at a moment.
func (e *examination) timeOf(r request, at time.Time) time.Time {
	if r.before > 0 {
		at = e.began.Add(-r.before)
	}
	return at.Add(e.clock - r.age)
}

// sendAgain sends a request once more, with a signature that no other has: an app may
// accept each only once.
func (e *examination) sendAgain(ctx context.Context, r request) exchange {
	e.repeated++
	r.before = time.Duration(e.repeated) * time.Second
	return e.send(ctx, r)
}

// fieldsOf are the header fields that Inngest sends, but for what a response could be
// compressed by.
func fieldsOf(method string) []suite.Field {
	kind := suite.KindIntrospect
	if method == http.MethodPost {
		kind = suite.KindCall
	}
	fields := suite.RecordedFields(kind, suite.Scene{Nonce: "countersign"})
	return slices.DeleteFunc(fields, func(f suite.Field) bool { return f.Name == "Accept-Encoding" })
}

// left is how many more requests may be sent.
func (e *examination) left() int {
	if e.stopped {
		return 0
	}
	return limits.DiagnosisRequests - e.sent
}

func header(x exchange, names ...string) string {
	for _, name := range names {
		if value := x.got.Header.Get(name); value != "" {
			return value
		}
	}
	return ""
}

// headers is the response's header in one text, for patterns.
func headers(x exchange) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(x.got.Header)) {
		fmt.Fprintf(&text, "%s: %s\n", name, strings.Join(x.got.Header[name], ", "))
	}
	return text.String()
}
