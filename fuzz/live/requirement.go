package live

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// outcome is what must become of a request.
type outcome string

// The outcomes. What is unspecified is never scored.
const (
	mustAccept  outcome = "must accept"
	mustReject  outcome = "must reject"
	unspecified outcome = "unspecified"
)

// requirement is what a target must do with a request, and why.
type requirement struct {
	outcome  outcome
	level    suite.Level
	why      string // with the clause or the ambiguity
	purpose  purpose
	byStatus bool // a rejection shows in the status, too
	forged   bool // no one who has a key made it
	unsent   bool // Inngest never sends such a request, whoever signs it (R31)
	repeats  bool // a response may repeat the secrets that it carries
}

// require says what a target in cloud mode must do with a request.
func require(r request, in Input, s scene) requirement {
	required := requirement{outcome: unspecified, level: suite.Must, purpose: purposeOf(r.Request), unsent: in.unsent()}
	path, _, _ := strings.Cut(r.Request.Target, "?")
	onPath := path == s.Path && !r.misframed
	required.byStatus = onPath && (required.purpose == forRun || required.purpose == forProbe || required.purpose == forInBandSync)
	if in.carries(func(d dictionary) bool { return d.bySigner }) {
		required.level = suite.Should
	}
	required.repeats = in.carries(func(d dictionary) bool { return d.secrets })
	found := examine(r, in.keys(s), s.Now)
	switch {
	case found.proof == forged:
		required.outcome, required.why, required.forged = mustReject, found.why, true
	case required.purpose == forOther && r.Request.Method != "post" && r.Request.Method != "get":
		required.outcome, required.why = mustReject, "protocol §4: "+suite.Article(r.Request.Method)+" request runs nothing and reveals nothing"
	case required.purpose == forRun && onPath && found.proof == genuine && strings.HasSuffix(r.Request.Target, "?"+nobody):
		required.outcome, required.why = mustReject, unknownFunction
	case s.singleUse && bases[in.Base].alike: // an equal request may have been accepted before
	case required.unsent: // to refuse it is as good as to serve it
	case found.proof == genuine && r.valid && onPath && bases[in.Base].purpose == required.purpose && isCanonical(r, required.purpose):
		required.outcome, required.why = mustAccept, "SPEC 4.1.3: it is authentic, well-formed and on time"
		if found.should || slices.ContainsFunc(in.Steps, func(s Step) bool { return s.Op == "grow" }) {
			required.level = suite.Should
		}
	}
	return required
}

// unsent: Inngest never sends a request with such steps, so that something in front
// of the endpoint may handle it in its own way.
func (in Input) unsent() bool {
	return slices.ContainsFunc(in.Steps, func(s Step) bool {
		return s.Op == "framing" || s.Op == "method" || s.Op == "field" && !harmless[s.Form] || s.Op == carry && !dictionaries[s.Form].signs
	})
}

// nobody is the query of a call to a function that no target has, and
// unknownFunction why it must be rejected.
const (
	nobody          = "fnId=" + suite.NobodyID + "&stepId=step"
	unknownFunction = "R12: a call to an unknown function is an error"
)

// keys are the keys that the target is configured with.
func (in Input) keys(s scene) []reference.Key {
	if in.Rotating {
		return []reference.Key{s.Keys.Primary, s.Keys.Fallback}
	}
	return []reference.Key{s.Keys.Primary}
}

func purposeOf(r suite.Request) purpose {
	_, query, _ := strings.Cut(r.Target, "?")
	values, _ := url.ParseQuery(query) // what can be read of it
	switch r.Method {
	case http.MethodPost:
		if slices.Contains(values["probe"], "trust") {
			return forProbe
		}
		return forRun
	case http.MethodGet:
		return forIntrospection
	case http.MethodPut:
		if strings.Join(valuesOf(r, reference.HeaderSyncKind), ",") == "in_band" {
			return forInBandSync
		}
		return forSync
	}
	return forOther
}

// isCanonical: the body is as the server writes it (protocol §3).
func isCanonical(r request, p purpose) bool {
	message, ok := signedMessage(r.Request.Method, r.Entity)
	if !ok {
		return false
	}
	escaped := swapping(`&`, `\u0026`, `<`, `\u003c`, `>`, `\u003e`)(message)
	return bytes.Equal(message, r.Entity) || p == forInBandSync && bytes.Equal(escaped, r.Entity)
}
