package diagnosis

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/explain"
	"github.com/countersign-dev/countersign/runner/report"
)

// candidate is a form of a key that the app may hold.
type candidate struct {
	signer
	id, fix string
	own     bool // a right form: of the fallback or another environment's key
}

// ids are the permanent names of the forms of keys.
var ids = map[string]string{
	"with a line feed behind it":                       "key.line-feed",
	"with double quotes around it":                     "key.quotes",
	"with its prefix, which an HMAC key does not have": "key.prefix",
	"decoded from hexadecimal":                         "key.decoded",
	"with a blank behind it":                           "key.blank",
	"with a carriage return and a line feed behind it": "key.crlf",
	"with a carriage return behind it":                 "key.carriage-return",
	"with a blank before it":                           "key.blank-before",
	"with single quotes around it":                     "key.single-quotes",
	"encoded as base64":                                "key.base64",
	"encoded as base64, with a line feed behind it":    "key.base64-line-feed",
	"hashed, as a bearer is":                           "key.hashed",
	"hashed, as a bearer is, with its prefix":          "key.hashed",
	"with the name of the variable before it":          "key.named",
	"in upper case":                                    "key.upper-case",
	"with a backslash and an n behind it":              "key.backslash-n",
	"with a byte order mark before it":                 "key.byte-order-mark",
	"without its last character":                       "key.cut",
	"without its first digit":                          "key.cut",
}

// candidates are the forms that the app may hold, the likelier ones first.
func (e *examination) candidates() (all []candidate) {
	if e.fallback.secret != nil {
		all = append(all, candidate{e.fallback, "key.fallback-only", "deploy the app again with your signing key as INNGEST_SIGNING_KEY, and the other as INNGEST_SIGNING_KEY_FALLBACK", true})
	}
	for _, k := range e.Others {
		if forms := explain.KeyForms(k.Text); len(forms) > 0 {
			all = append(all, candidate{signer{k.Name, forms[0].Secret}, "key.other-environment", "configure the app with the key of the environment that calls it", true})
		}
	}
	for i, form := range explain.KeyForms(e.Primary) {
		if id := ids[form.Name]; i > 0 && id != "" {
			all = append(all, candidate{signer{"your signing key " + form.Name, form.Secret}, id, form.Fix, false})
		}
	}
	return all
}

// reserved are the requests that are kept for what follows a search for the key: to
// confirm it, and the first one with a body; or other clocks.
const reserved = 2

// searchKey signs a request with the forms of the key until one is accepted. shown
// says that the SDK tells a wrong signature from none. probe is the response to one
// with a body, where the request is a GET.
func (e *examination) searchKey(ctx context.Context, v *views, r request, probe exchange, shown bool) *signer {
	atOtherPath := exchange{unsent: true}
	if r.method == http.MethodGet && !shown && !probe.says(badSignature) {
		atOtherPath = e.send(ctx, request{method: http.MethodGet, path: "/countersign-none", signer: unsigned})
	}
	tried := 0
	for _, c := range e.candidates() {
		if e.left() <= reserved {
			break
		}
		r.signer = c.signer
		tried++
		x := e.send(ctx, r)
		if !v.accepts(x) && !v.differs(x) {
			continue
		}
		if !e.confirm(ctx, v, r, x) {
			return nil
		}
		e.noteSDK(x)
		e.reportKey(c, v, x)
		v.signed = x
		return &c.signer
	}
	if r.method == http.MethodGet {
		for _, by := range offClocks { // where no Date shows the app's
			if e.tryClock(ctx, v, by) {
				return &e.primary
			}
			if e.unsteady {
				return nil
			}
		}
	}
	e.reportUnknownKey(v, tried, shown, probe, atOtherPath)
	return nil
}

// confirm reports whether a form of the key that was accepted is accepted again, and an
// unknown key still refused. Otherwise it reports why that shows nothing.
func (e *examination) confirm(ctx context.Context, v *views, r request, x exchange) bool {
	again := e.sendAgain(ctx, r)
	r.signer = e.unknown
	control := e.send(ctx, r)
	switch {
	case v.accepts(again) && (!control.responded() || control.same(v.control)):
		return true
	case !v.accepts(again) && v.differs(again): // an error behind the check of the signature is enough, if only the signature causes it
		return control.same(v.control)
	}
	e.reportUnsteady(x, again, control)
	return false
}

// reportUnsteady reports an app that accepts and refuses the same request by turns.
func (e *examination) reportUnsteady(shown ...exchange) {
	e.unsteady = true
	f := e.found("unsteady", "the same request is accepted and refused by turns: the instances behind the address differ, in their keys or in their code",
		"deploy all of them with the same environment, and take the old ones out of the load balancer")
	for _, x := range shown {
		if !x.unsent {
			f.Evidence = append(f.Evidence, x.String())
		}
	}
}

// offClocks are two times of signatures that are accepted by a clock that is up to
// five minutes behind, or five to ten ahead.
var offClocks = []time.Duration{-290 * time.Second, 310 * time.Second}

func (e *examination) reportKey(c candidate, v *views, x exchange) {
	cause := "the app has " + c.name
	switch {
	case c.id == "key.fallback-only":
		cause = "the app has your fallback key, and not your signing key"
	case c.own:
		cause = "the app has " + c.name + ", not your signing key"
	}
	f := e.found(c.id, cause, c.fix)
	f.Evidence = evidenceOf(v.signed, v.control, x)
	if hash, is := x.object()["signing_key_hash"].(string); is && c.id == "key.fallback-only" && len(hash) >= 8 {
		f.Evidence = append(f.Evidence, "its introspection shows the hash "+cut(hash, 8)+" of its signing key")
	}
}

// reportUnknownKey says what fits where no form of the key is accepted.
func (e *examination) reportUnknownKey(v *views, tried int, shown bool, probe, atOtherPath exchange) {
	if e.stopped {
		return
	}
	key := Finding{SetupMistake: report.SetupMistake{
		ID: "key.unknown", Cause: fmt.Sprintf("most likely the app has another key: it accepts neither yours nor any of %d forms of it", tried),
		Fix: "compare `countersign keys hash` here with the same in the app's environment; the key of another environment can be tried as INNGEST_SIGNING_KEY_<NAME>. " +
			"Where they are equal, look at the app's clock and time zone, and capture a request as it reaches the app: `countersign verify` explains it",
		Evidence: evidenceOf(v.open, v.signed, v.control),
	}}
	if shown && v.signed.object()["authentication_succeeded"] == false || probe.says(badSignature) {
		key.Evidence = append(key.Evidence, "the app saw a signature that does not match", probe.String())
		e.result.Findings = append(e.result.Findings, key)
		return
	}
	alike := v.open.same(v.signed) && v.open.same(v.control)
	if alike && atOtherPath.same(v.open) {
		e.found("wall", "something before the app refuses every request by itself", "look which service responds: it says the same at a path that does not exist", v.open, atOtherPath).Possible = true
	}
	key.Possible = alike
	e.result.Findings = append(e.result.Findings, key)
	if alike {
		e.reportLost(v, probe).Possible = true
	}
}

// reportLost reports a signature header that does not reach the app.
func (e *examination) reportLost(v *views, probe exchange) *Finding {
	f := e.found("header-lost", "the signature header does not reach the app: something on the way removes or renames it",
		"let the proxy pass "+reference.HeaderSignature+" on as it is, or send to the app without it to compare")
	f.Evidence = evidenceOf(v.open, v.signed)
	switch {
	case probe.says(noSignature):
		f.Evidence = append(f.Evidence, probe.String())
	case v.open.same(v.signed):
		f.Evidence = append(f.Evidence, "the responses with and without a signature are the same")
	}
	return f
}

// evidenceOf are exchanges, each once.
func evidenceOf(all ...exchange) (texts []string) {
	for _, x := range all {
		if text := x.String(); x.what != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// findHolderByPOST is for SDKs whose GETs show nothing.
func (e *examination) findHolderByPOST(ctx context.Context, v *views) *signer {
	get := *v
	v.open = get.open
	v.signed, v.control = e.send(ctx, e.probe(e.primary)), e.send(ctx, e.probe(e.unknown))
	switch {
	case v.accepts(v.signed):
		e.checked("a probe signed with your signing key is accepted, one with an unknown key is not")
		return &e.primary
	case v.signed.same(v.control) && (v.signed.status()/100 == 2 || v.signed.says(unknownFunction)):
		e.found("not-verified", "the app accepts what is signed with an unknown key: it verifies nothing", "unset INNGEST_DEV in the app's environment, and set no development mode in code", v.signed, v.control)
		return nil
	}
	if f := e.foreign(v.signed); f != nil && f.id != "not-an-sdk" {
		e.found(f.id, "POST: "+f.cause, f.fix, get.signed, v.signed)
		return nil
	}
	return e.searchKey(ctx, v, e.probe(signer{}), v.signed, false)
}
