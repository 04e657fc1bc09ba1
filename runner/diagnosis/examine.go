package diagnosis

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/explain"
)

func rightForm(name, text string) signer {
	forms := explain.KeyForms(text)
	if len(forms) == 0 {
		return signer{}
	}
	return signer{name, forms[0].Secret}
}

// views are the responses to the same request, signed in different ways.
type views struct {
	open    exchange // unsigned
	signed  exchange // with the signing key
	control exchange // with an unknown key
}

// accepts reports whether a response shows that its signature was accepted: it
// says so, or it is an SDK's and differs from that to an unknown key.
func (v views) accepts(x exchange) bool {
	return x.authenticated() && !v.control.authenticated() ||
		x.responded() && (v.control.responded() || v.control.closed()) && !x.same(v.control) && (x.bySDK() || x.says(unknownFunction)) && x.status() != http.StatusTooManyRequests
}

// refused reports whether the signature changes nothing, or is said not to match.
func (v views) refused() bool {
	return v.signed.same(v.open) || v.signed.object()["authentication_succeeded"] == false
}

// differs reports whether the response is another one than that to an unknown key, and
// not a proxy's of the moment.
func (v views) differs(x exchange) bool {
	passing := []int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	return x.responded() && v.control.responded() && !x.same(v.control) && !slices.Contains(passing, x.status())
}

var (
	unknownFunction = regexp.MustCompile(`(?i)function\b.{0,80}\b(not found|missing|unknown|does not exist)|(not find|no such|unknown|unregistered) (the )?function|function_not_found|validation errors?`)
	noSignature     = regexp.MustCompile(`(?i)(no|missing|without( a)?) ?(x-inngest-)?signature|signature.{0,30}(missing|not (found|provided|present|set)|required|absent)`)
	badSignature    = regexp.MustCompile(`(?i)(invalid|bad|wrong) (x-inngest-)?signature|signature.{0,30}(invalid|mismatch|does not match|failed|incorrect)`)
	noKey           = regexp.MustCompile(`(?i)signing.?key.{0,40}(missing|not set|required|unspecified|not found|undefined|empty)|(no|missing|find) (a )?signing.?key`)
	staleSignature  = regexp.MustCompile(`(?i)(signature|timestamp|request).{0,40}(expired|too old|in the future|stale)|(expired|stale) (signature|timestamp|request)`)
	noFunctionID    = regexp.MustCompile(`(?i)(no|missing|without|undefined|empty|required).{0,30}(fnid|function id|function_id|fn_id)|(fnid|function id|fn_id).{0,40}(missing|required|undefined|not (found|provided|set)|null)`)
)

// examine sends the requests.
func (e *examination) examine(ctx context.Context) {
	e.notes()
	v := views{open: e.send(ctx, request{method: http.MethodGet, signer: unsigned}), signed: exchange{unsent: true}, control: exchange{unsent: true}}
	if v.open.responded() || v.open.closed() {
		v.signed = e.send(ctx, request{method: http.MethodGet, signer: e.primary})
	}
	if v.open.err != nil && !v.signed.responded() {
		e.found("no-response", "something accepts connections there and does not respond", "look at the app's log: the handler may hang; check the scheme and the port", v.open)
		return
	}
	if e.reportForeign(ctx, v) || e.reportLimiter() {
		return
	}
	e.noteSDK(v.open, v.signed)
	if v.control = v.signed; !v.refused() { // otherwise your key is one that is refused
		v.control = e.send(ctx, request{method: http.MethodGet, signer: e.unknown})
	}
	holder := e.findHolder(ctx, &v)
	if holder != nil {
		e.examinePOST(ctx, *holder, v)
	}
	e.reportLimiter()
	if r := e.result; len(r.Findings)+len(r.Checked)+len(r.Skipped) == 0 {
		e.found("unexplained", "nothing shows that a signature is accepted, and nothing that was tried explains why", "look at the app's log, and capture a request as it reaches the app: `countersign verify` explains it", v.open, v.signed, v.control)
	}
}

// notes are what is wrong with the texts of the keys here.
func (e *examination) notes() {
	for name, text := range map[string]string{"your signing key": e.Primary, "your fallback key": e.Fallback} {
		for _, fault := range explain.CheckKey(text) {
			if text != "" {
				e.warn("key-here", name+", as it is configured here: "+fault.Fault, fault.Fix, "the form of the text")
			}
		}
	}
}

func (e *examination) noteSDK(all ...exchange) {
	for _, x := range all {
		if sdk := header(x, reference.HeaderSDK); sdk != "" && e.result.SDK == "" {
			e.result.SDK = sdk
		}
	}
}

// reportForeign reports what responds in an SDK's place, if something does.
func (e *examination) reportForeign(ctx context.Context, v views) bool {
	f, signed := e.foreign(v.open), e.foreign(v.signed)
	if v.open.closed() {
		f = signed
	}
	if f == nil || signed == nil {
		return false
	}
	if f.id == "not-an-sdk" && header(v.open, "Age", "X-Cache") != "" {
		e.found("cache", "a cache responds in the app's place", "exempt the endpoint's path from the cache", v.open, "Age: "+header(v.open, "Age")+" X-Cache: "+header(v.open, "X-Cache"))
		return true
	}
	fix := f.fix
	if f.id == "wrong-path" || f.id == "not-an-sdk" {
		if x := e.send(ctx, e.probe(e.primary)); x.bySDK() || x.says(unknownFunction) {
			e.found("wrong-method", "POSTs reach the SDK, and GETs do not: "+f.cause, "route GET, POST and PUT to the SDK's handler", v.open, x)
			return true
		}
		if path, shown := e.lookElsewhere(ctx); path != "" {
			e.found(f.id, f.cause+"; one is at "+path, "use the path "+path, v.open, shown)
			return true
		}
	}
	if to := header(v.open, "Location"); to != "" {
		fix += ". It redirects to " + to
	}
	// An edge may write its own page for what the app refuses.
	e.found(f.id, f.cause, fix, v.open, v.signed).Possible = f.id == "access-denied" && v.open.status() == http.StatusUnauthorized
	return true
}

// usualPaths are where SDKs are served, in the order in which they are tried.
var usualPaths = []string{"/api/inngest", "/api/inngest/", "/inngest", "/.netlify/functions/inngest", "/.redwood/functions/inngest", "/api/v1/inngest"}

// lookElsewhere looks for the SDK at usual paths.
func (e *examination) lookElsewhere(ctx context.Context) (string, exchange) {
	here := e.connection.Path()
	slash := here + "/"
	if strings.HasSuffix(here, "/") {
		slash = strings.TrimRight(here, "/")
	}
	for _, path := range append([]string{slash}, usualPaths...) {
		if path == here || path == "" {
			continue
		}
		if x := e.send(ctx, request{method: http.MethodGet, path: path, signer: e.primary}); x.bySDK() {
			return path, x
		}
	}
	return "", exchange{}
}

// reportLimiter reports a limiter that refused requests.
func (e *examination) reportLimiter() bool {
	switch {
	case len(e.limited) == 0:
		return false
	case e.stopped:
		e.found("limiter", "a limiter refuses requests", "let requests for the endpoint's path pass: Inngest sends many at a time", e.limited[0], e.limited[len(e.limited)-1])
	default:
		e.warn("limiter", fmt.Sprintf("a limiter refused %d of %d requests", len(e.limited), e.sent), "let requests for the endpoint's path pass: Inngest sends many at a time", e.limited[0])
	}
	e.limited = nil
	return e.stopped
}

// findHolder finds out which key the app has, and by which clock it judges. It
// reports why there is none.
func (e *examination) findHolder(ctx context.Context, v *views) *signer {
	object := v.open.object()
	if object == nil || object["mode"] == nil {
		object = v.signed.object()
	}
	_, shows := object["authentication_succeeded"]
	switch {
	case v.signed.bySDK() && object["mode"] == "dev":
		e.reportDev(ctx, v.open)
		return nil
	case v.accepts(v.signed):
		e.checked("a GET signed with your signing key is accepted, one with an unknown key is not")
		e.compareClocks(v.signed)
		return &e.primary
	case v.signed.bySDK() && object["has_signing_key"] == false:
		e.found("no-key", "the app has no signing key", "set INNGEST_SIGNING_KEY in the app's environment, and deploy it again", v.signed)
		return nil
	case v.signed.says(noKey) || v.open.status()/100 == 5 && v.open.same(v.signed) && v.signed.same(v.control):
		e.reportFailing(v)
		return nil
	case v.open.bySDK() && !shows: // its GETs are not authenticated
		return e.findHolderByPOST(ctx, v)
	case e.findClock(ctx, v):
		return &e.primary
	case e.unsteady:
		return nil
	}
	return e.findHolderOf(ctx, v, shows)
}

// findHolderOf finds out which key the app has, where a GET that is signed with yours is
// not accepted. The response to a probe says first whether the GETs are the app's own.
func (e *examination) findHolderOf(ctx context.Context, v *views, shows bool) *signer {
	probe := e.send(ctx, e.probe(e.primary))
	if probe.bySDK() && probe.status()/100 == 2 || probe.says(unknownFunction) {
		return e.holderOfPOSTs(ctx, v, probe)
	}
	succeeded, shown := v.signed.object()["authentication_succeeded"]
	lost := shown && succeeded == nil && v.open.same(v.signed)
	switch {
	case probe.says(staleSignature):
		e.found("clock", "the app finds a signature of this moment too old, or from the future: its clock or its time zone is off",
			"compare `date -u` there and here, and set both clocks by NTP; let no code take local time for UTC", v.signed, probe)
		return nil
	case probe.says(noSignature), lost && !probe.says(badSignature):
		e.reportLost(v, probe)
		return nil
	}
	return e.searchKey(ctx, v, request{method: http.MethodGet}, probe, shows)
}

// holderOfPOSTs is for an app that accepts a probe and not a GET, both signed with your
// key.
func (e *examination) holderOfPOSTs(ctx context.Context, v *views, probe exchange) *signer {
	p := views{open: v.open, signed: probe, control: e.send(ctx, e.probe(e.unknown))}
	again := e.sendAgain(ctx, request{method: http.MethodGet, signer: e.primary})
	switch {
	case !p.accepts(probe):
		e.reportNotVerified(p)
		return nil
	case !again.same(v.signed):
		e.reportUnsteady(v.signed, again)
		return nil
	}
	e.warn("cache", "GETs get their response from something before the app, such as a cache: whatever their signature is, the response is the same", "exempt the endpoint's path from it", v.open, v.signed, probe)
	e.checked("a probe signed with your signing key is accepted, one with an unknown key is not")
	*v = p
	return &e.primary
}

// reportFailing reports an app that responds to everything with the same error.
func (e *examination) reportFailing(v *views) {
	f := e.found("no-key", "the app fails at every request, signed or not: most likely it has no signing key in cloud mode",
		"look at the app's log, and set INNGEST_SIGNING_KEY in its environment", v.open, v.signed, v.control)
	if f.Possible = !v.signed.says(noKey); !f.Possible {
		f.Cause = "the app has no signing key"
	}
}

func (e *examination) reportDev(ctx context.Context, open exchange) {
	control := e.send(ctx, e.probe(e.unknown))
	const fix = "unset INNGEST_DEV (or set it to 0) in the app's environment, set NODE_ENV=production where the SDK looks at it, and set no development mode in code"
	if control.responded() && (control.status()/100 == 2 || control.says(unknownFunction)) {
		e.found("dev-mode", "dev mode is on: the app runs whatever it is sent, by anyone", fix, open, control)
		return
	}
	e.found("dev-mode", "dev mode is on", fix, open, control)
}

// skewed is a difference of clocks that is worth a word.
const skewed = 45 * time.Second

const clockFix = "set both clocks by NTP; compare each with `date -u` on a third machine to see which is wrong"

// clocks says how two clocks differ.
func clocks(by time.Duration) string {
	side := "ahead of"
	if by < 0 {
		side = "behind"
	}
	return fmt.Sprintf("the app's clock is %s %s this machine's", by.Abs().Round(time.Second), side)
}

// compareClocks compares the app's clock with ours, where it accepts what is signed by
// ours. A Date may be another machine's; the time of a signed response is not.
func (e *examination) compareClocks(x exchange) {
	by, known := x.ownClock()
	switch {
	case known && by.Abs() >= skewed:
		e.warn("clock", clocks(by), clockFix, x, "its response is signed at t, "+by.Round(time.Second).String()+" from ours")
	case known || x.dated && x.offset.Abs() < skewed:
		e.checked(fmt.Sprintf("its clock and this machine's differ by less than %s", skewed))
	default:
		e.skipped("whether its clock is right")
	}
}

// findClock signs by the clock that the Date shows, where it is not ours. It reports
// whether the app accepts that, and signs by that clock from then on.
func (e *examination) findClock(ctx context.Context, v *views) bool {
	x := v.signed
	return x.dated && x.offset.Abs() >= skewed && e.tryClock(ctx, v, x.offset, "Date: "+header(x, "Date"))
}

// tryClock signs by a clock that differs from ours. Where the app accepts that it has
// found its clock.
func (e *examination) tryClock(ctx context.Context, v *views, by time.Duration, evidence ...any) bool {
	e.clock = by
	x := e.send(ctx, request{method: http.MethodGet, signer: e.primary})
	x.what += " by a clock that differs by " + by.Round(time.Second).String()
	if !v.accepts(x) {
		e.clock = 0
		return false
	}
	e.clock = 0
	if back := e.sendAgain(ctx, request{method: http.MethodGet, signer: e.primary}); back.responded() && !back.same(v.signed) {
		e.reportUnsteady(v.signed, x, back)
		return false
	}
	e.clock = by
	if own, known := x.ownClock(); known {
		by, evidence = own, append(evidence, "its response is signed by its own clock")
	} else if len(evidence) == 0 {
		evidence = append(evidence, "the difference is an estimate, to within five minutes")
	}
	e.clock = by
	e.found("clock", clocks(by)+": it refuses what is signed by this one", clockFix, append([]any{v.signed, x}, evidence...)...)
	v.signed = x
	return true
}
