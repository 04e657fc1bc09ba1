package live

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// What is required of every request.
const (
	everyResponse = "SPEC 4.1: every request gets a response"
	noSecrets     = "R19: no response contains a key or another secret"
)

// check compares what was observed of an attempt with what is required of it,
// and with what is required of every request.
func (a *attempt) check() {
	x, required := a.observed, a.required
	a.violations = nil
	add := func(class Class, level suite.Level, required, format string, args ...any) {
		a.violations = append(a.violations, violation{class, level, required, fmt.Sprintf(format, args...)})
	}
	if x.Died != "" {
		add(Crash, suite.Must, "SPEC 4.1: whatever is sent, the endpoint keeps responding", "%s: %s", targetDied, x.Died)
		return
	}
	how := ""
	if required.outcome == mustReject {
		if how = required.accepted(x, a.accepted == "" || a.accepted == likeness(x)); how != "" {
			add(FalseAccept, required.level, required.why, "%s", how)
		}
	}
	if secrets := required.secrets(x, how != ""); len(secrets) > 0 {
		add(Disclosure, suite.Must, noSecrets, "the response contains %s", strings.Join(secrets, ", "))
	} else if required.forged && how == "" {
		if leaked := required.leak(x); leaked != "" {
			add(Disclosure, suite.Must, "R19: "+required.why, "%s", leaked)
		} else if x.ShowsTrace() {
			add(Disclosure, suite.Should, "R19: a rejection contains no stack trace", "the response contains a stack trace or a file path")
		}
	}
	if misuse := misused(x.Heard); misuse != "" {
		add(OutboundMisuse, suite.Must, "SPEC 4.1.4, KEYS 2: the API is sent the hashed key, and nothing more secret", "%s", misuse)
	}
	if missing := a.input.Base.missing(x); required.outcome == mustAccept && x.NoResponse == "" && x.Cut == "" && missing != "" {
		add(FalseReject, required.level, required.why, "%s", missing)
	}
	switch {
	case x.NoResponse == "" || a.sent.misframed || x.Cut != "" || x.GaveUp != "":
	case x.Closed && required.outcome != mustAccept: // which is how it refuses
	case x.TimedOut:
		add(Hang, suite.Must, everyResponse, "no response within the time limit")
	case plainHTTP(a.sent.Request) && (required.outcome == mustAccept || required.byStatus):
		add(Crash, suite.Must, everyResponse, "%s", arrived(x))
	case plainHTTP(a.sent.Request):
		add(Crash, suite.Should, everyResponse, "%s", arrived(x))
	}
	if x.Response.Status == suite.HandlerThrew {
		add(Crash, suite.Should, "SPEC 4.1: the SDK responds to what goes wrong", "an exception left the SDK")
	}
}

// arrived says what came in place of a response.
func arrived(x *engine.Exchange) string {
	_, reason, _ := strings.Cut(x.NoResponse, ": ") // before it stands to whom the request was sent
	if reason == "" || reason == engine.ErrClosed.Error() {
		return noResponse
	}
	return notArrived + reason
}

// shows gives the violation of a class that an attempt showed, or nil.
func (a *attempt) shows(class Class) *violation {
	if at := slices.IndexFunc(a.violations, func(v violation) bool { return v.class == class }); at >= 0 {
		return &a.violations[at]
	}
	return nil
}

// accepted says how a request that must be rejected was taken as authentic; it is
// empty where it was not. Where Inngest never sends such a request, something in
// front of the endpoint may respond to it with success, so that the status counts
// only where the response is alike to that of an accepted request (R31).
func (required requirement) accepted(x *engine.Exchange, alike bool) string {
	switch {
	case x.Runs > 0:
		return "the function ran"
	case x.Object()["authentication_succeeded"] == true:
		return "the response says that authentication succeeded"
	case len(functionsOf(x)) > 0 && x.Response.Status/100 == 2:
		return "the response lists the functions"
	case required.byStatus && (alike || !required.unsent) && x.Response.Status != 0 && x.Response.Status < http.StatusBadRequest:
		return fmt.Sprintf("the response is %d, which is no rejection", x.Response.Status)
	case required.byStatus && required.forged && x.Response.Header.Get(reference.HeaderSignature) != "":
		return "the response is signed, as those to authentic requests are"
	case required.byStatus && slices.ContainsFunc(x.APIRequests, func(r suite.APIRequest) bool { return required.causedBy(x, r) }):
		return "the API was contacted before the request was rejected"
	}
	return ""
}

// likeness is what responses to equal requests have in common.
func likeness(x *engine.Exchange) string {
	kind, _, _ := strings.Cut(x.Response.Header.Get("Content-Type"), ";")
	return fmt.Sprint(x.Response.Status, strings.TrimSpace(kind), keysOf(x.Object()))
}

// causedBy reports whether a request to the API shows by itself that the request
// caused it: events do not, and neither does what some background task may send. What
// Inngest never sends may have become an unsigned sync on its way (R11).
func (required requirement) causedBy(x *engine.Exchange, r suite.APIRequest) bool {
	return !r.SendsEvents() && (r.Registers() && !required.unsent || names(r, x.Nonce))
}

// names reports whether a request to the API contains a nonce.
func names(r suite.APIRequest, nonce string) bool {
	return strings.Contains(r.Path+r.Query+r.Body, nonce)
}

// secrets are those in a response that it may not contain. Hashes of keys may be
// shown to authenticated requests (ambiguity R13), also in the in-band response to a
// signed sync (R25). That a request was accepted wrongly is another finding.
func (required requirement) secrets(x *engine.Exchange, accepted bool) []string {
	if required.repeats {
		return nil
	}
	authentic := accepted || required.outcome == mustAccept || !required.forged && len(functionsOf(x)) > 0
	if authentic || required.purpose == forIntrospection || required.purpose == forInBandSync {
		return x.Secrets()
	}
	return append(x.Secrets(), x.Hashes()...)
}

// leak says what a response reveals to whoever sent a forged request.
func (required requirement) leak(x *engine.Exchange) string {
	if hashes := x.Hashes(); len(hashes) > 0 && !required.repeats {
		return "the response contains " + strings.Join(hashes, ", ")
	}
	if len(x.RightMACs()) > 0 {
		return "the response contains the MAC that would have been right"
	}
	if fields := x.Disclosed(); len(fields) > 0 {
		return "the response contains " + strings.Join(fields, ", ")
	}
	return ""
}

// misused says what was sent to the API that must not be, or was not that must.
func misused(heard []suite.APIRequest) string {
	for _, r := range heard {
		if secrets := r.Secrets(); len(secrets) > 0 {
			return fmt.Sprintf("%s %s carries %s", r.Method, r.Path, strings.Join(secrets, ", "))
		}
		if r.Elsewhere {
			return fmt.Sprintf("%s %s %s", r.Method, r.Path, otherOrigin)
		}
		if r.Specified() && !r.HasHashedKey() {
			return fmt.Sprintf("%s %s %s", r.Method, r.Path, noHashedKey)
		}
	}
	return ""
}

// fingerprint is how the target behaved, coarsely: the neighbours of an input
// that shows a new one are worth trying.
func (a *attempt) fingerprint() string {
	x := a.observed
	fields := keysOf(x.Object())
	return fmt.Sprint(a.input.Base, a.required.outcome, x.Response.Status, slices.Sorted(maps.Keys(x.Response.Header)), fields,
		len(fields) == 0 && len(x.Response.Body) > 0, x.Runs > 0, len(x.APIRequests) > 0, x.NoResponse != "", x.Died != "")
}
