package diagnosis

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/explain"
)

// probeBody has the shape of a recorded call: some SDKs look at it before they verify.
// Its text is what proxies and libraries change when they write JSON anew. It is in its
// canonical form, as Inngest sends it.
const probeBody = `{"ctx":{"attempt":0,"disable_immediate_execution":false,"env":"","fn_id":"00000000-0000-4000-a000-000000000000","generation_id":1,` +
	`"job_id":"countersign","max_attempts":4,"qi_id":"countersign","request_id":"countersign","run_id":"countersign","stack":{"current":0,"stack":[]},` +
	`"step_id":"step","use_api":false},"defers":{},"event":{"data":{"text":"` + probeText + `"},"id":"countersign","name":"countersign/none","ts":1700000000000,"user":{}},` +
	`"events":[{"data":{"text":"` + probeText + `"},"id":"countersign","name":"countersign/none","ts":1700000000000,"user":{}}],"steps":{},"use_api":false,"version":-1}`

const probeText = `Zoë <b>&</b> a/b`

// probe is a POST that asks only whether its signature is accepted. The function
// that it names does not exist.
func (e *examination) probe(s signer) request {
	return request{method: http.MethodPost, signer: s, body: []byte(probeBody)}
}

// examinePOST finds out what becomes of bodies, now that the key is known.
func (e *examination) examinePOST(ctx context.Context, holder signer, v views) {
	p := views{signed: v.signed, control: v.control}
	if v.signed.what == "" || !isProbe(v.signed) {
		p.signed, p.control = e.send(ctx, e.probe(holder)), e.send(ctx, e.probe(e.unknown))
	}
	switch {
	case e.stopped || p.signed.unsent || p.control.unsent:
		e.skipped("POST: no request was left")
	case p.signed.bySDK() && p.signed.says(noFunctionID):
		e.found("query-lost", "the query of the URL does not reach the app", "let the proxy pass the query on: it says which function is called", p.signed)
	case p.accepts(p.signed):
		e.checked("a probe (POST) with a body is accepted, one signed with an unknown key is not")
		e.examineAccepted(ctx, holder, v, p)
	case p.signed.same(p.control) && p.signed.status()/100 == 2:
		e.reportNotVerified(p)
	default:
		e.explainRefusal(ctx, holder, v, p)
	}
}

// reportNotVerified reports that a probe is accepted whatever its signature; or that it
// gets its response from something else.
func (e *examination) reportNotVerified(p views) {
	if f := e.foreign(p.signed); f != nil {
		e.found(f.id, "GETs reach the SDK, and POSTs do not: "+f.cause, f.fix, p.signed, p.control)
		return
	}
	e.found("not-verified", "POSTs are not verified: one signed with an unknown key is accepted", "unset INNGEST_DEV in the app's environment, and set no development mode in code; look for an adapter that responds to POSTs by itself", p.signed, p.control)
}

func isProbe(x exchange) bool { return strings.HasPrefix(x.what, "a probe") }

// explainRefusal finds out why a POST is refused although the key is right.
func (e *examination) explainRefusal(ctx context.Context, holder signer, v, p views) {
	if !p.signed.responded() {
		e.found("post-no-response", "a POST gets no response, a GET does", "look at the app's log: something may wait for more of the body, or close the connection", v.signed, p.signed)
		return
	}
	// An edge may write its own page for what the app refuses: then it shows nothing.
	own := p.signed.same(v.control)
	if f := e.foreign(p.signed); f != nil && !own {
		e.found(f.id, "GETs reach the SDK, and POSTs do not: "+f.cause, f.fix, v.signed, p.signed)
		return
	}
	for range 2 { // two in a row: of two instances by turns, one gets one of them
		if again := e.sendAgain(ctx, e.probe(holder)); p.accepts(again) {
			e.reportUnsteady(p.signed, again)
			return
		}
	}
	switch status := p.signed.status(); {
	case status == http.StatusBadRequest && (isPage(p.signed) && !own || p.signed.says(unparsed)):
		e.found("body-changed", "the app's JSON parser cannot read the body: something on the way cuts, compresses or rewrites it",
			"let the proxy pass bodies on as they are, with their Content-Type and Content-Encoding; the app's log says what its parser found", v.signed, p.signed).Possible = !p.signed.says(unparsed)
		if !p.signed.says(unparsed) { // in production a parser does not say what it found
			e.reportDenied(v, p).Possible = true
		}
	case isPage(p.signed) && !own && status/100 == 5:
		e.found("app-error", "GETs reach the SDK; at POSTs the app, or something before it, fails with an error page", "look at the app's log", v.signed, p.signed)
	case isPage(p.signed) && !own && status/100 == 4:
		e.reportDenied(v, p)
	default:
		e.explainBody(ctx, holder, v, p)
	}
}

func (e *examination) reportDenied(v, p views) *Finding {
	return e.found("access-denied", "GETs reach the SDK; POSTs are refused with a page, which no SDK writes, by something before it", "let requests for the endpoint's path pass; they are authenticated by their signature", v.signed, p.signed)
}

// plainBody is a probe's body without characters that anything changes.
var plainBody = []byte(strings.ReplaceAll(probeBody, probeText, "plain"))

// explainBody finds out what becomes of bodies: it signs what the SDK may see in place of
// the body.
func (e *examination) explainBody(ctx context.Context, holder signer, v, p views) {
	simple := e.probe(holder)
	simple.body = plainBody
	plain := e.send(ctx, simple)
	for _, d := range damages(p.accepts(plain)) {
		if e.left() == 0 {
			break
		}
		r := e.probe(holder)
		r.over, r.as = d.Text, "the body as if "+d.Name
		x := e.send(ctx, r)
		if !p.accepts(x) {
			continue
		}
		if again := e.sendAgain(ctx, r); !again.unsent && !p.accepts(again) {
			continue
		}
		e.reportBody(d, v.signed, p.signed, x)
		return
	}
	if p.accepts(plain) {
		e.found("body-changed", "bodies with some characters are changed on the way: one with a plain text arrives, one with a capital, an accent, <, & and / does not", "let the proxy pass bodies on as they are", v.signed, p.signed, plain)
		return
	}
	e.found("body-changed", "GETs are accepted and POSTs are not: the body is changed or lost before the SDK verifies it, or the signature header is removed from POSTs",
		"give the SDK the bytes that were sent, and capture one request as it reaches the app: `countersign verify` says what was changed", v.signed, p.signed, p.control).Possible = true
}

// damages are what may become of a probe's body: what a plain body survives, too, or
// what it does not.
func damages(plainArrives bool) (all []explain.Damage) {
	ofPlain := explain.Damaged(plainBody)
	for _, d := range explain.Damaged([]byte(probeBody)) {
		hitsPlain := slices.ContainsFunc(ofPlain, func(o explain.Damage) bool { return o.ID == d.ID })
		if hitsPlain != plainArrives {
			all = append(all, d)
		}
	}
	return all
}

// reportBody reports what becomes of bodies.
func (e *examination) reportBody(d explain.Damage, shown ...any) {
	id, cause, fix := "body-rewritten", "the body is rewritten on the way: the app sees it as if "+d.Name, "let the proxy pass bodies on as they are, and let no middleware write them anew before the SDK"
	switch d.ID {
	case "empty":
		id, cause, fix = "body-lost", "the SDK sees no body: it is not parsed, or something consumed it before", "add the body parser that the SDK's handler needs before it (express: `app.use(express.json())` before the route), remove whatever reads the body without passing it on, and let proxies keep Content-Type: a parser looks at it"
	case "buffer":
		id, cause, fix = "body-raw", "the SDK sees a Buffer in place of the parsed body", "use express.json(), not express.raw(), for the endpoint's path"
	}
	e.found(id, cause, fix, shown...)
}

// examineAccepted looks at what works now, and for what will not.
func (e *examination) examineAccepted(ctx context.Context, holder signer, v, p views) {
	open := e.send(ctx, e.probe(unsigned))
	if open.same(p.signed) {
		e.found("unsigned-accepted", "a POST without a signature is accepted", "unset INNGEST_DEV in the app's environment, and upgrade the SDK", open, p.signed)
	} else if open.responded() {
		e.checked("a probe without a signature is refused")
	}
	e.examineFallback(ctx, holder, v)
	old := e.probe(holder)
	old.age = 15 * time.Minute
	switch x := e.send(ctx, old); {
	case p.accepts(x):
		e.warn("no-window", "old signatures are accepted: whoever records a request can send it again", "upgrade the SDK to a version that refuses signatures older than five minutes", p.signed, x)
	case x.responded():
		e.checked("a signature that is 15 minutes old is refused")
	}
	e.examineSize(ctx, holder, p)
	e.examineSteadiness(ctx, holder, p)
	e.examineVersion()
}

// examineSteadiness sends the same probe twice in a row: of two instances by turns, one
// gets one of them.
func (e *examination) examineSteadiness(ctx context.Context, holder signer, p views) {
	for range 2 {
		if x := e.sendAgain(ctx, e.probe(holder)); x.responded() && !p.accepts(x) && x.same(p.control) {
			e.reportUnsteady(p.signed, x)
			return
		}
	}
	if n := len(e.interrupted); n >= 3 && n*3 >= e.sent {
		e.warn("edge-error", fmt.Sprintf("%d of %d requests got an error from the edge before the app: some of its instances are down", n, e.sent),
			"look at the deployment and its log", e.interrupted[0])
	}
}

// sizes are just below common limits: Inngest's own, 1 MB and 100 kB.
var sizes = []int{3_900_000, 990_000, 90_000}

// examineSize finds out whether large bodies arrive.
func (e *examination) examineSize(ctx context.Context, holder signer, p views) {
	var refused exchange
	limit := 0
	for _, size := range sizes {
		r := e.probe(holder)
		r.body = []byte(strings.Replace(probeBody, probeText, strings.Repeat("x", size), 1))
		x := e.send(ctx, r)
		switch {
		case x.unsent:
			e.skipped("how large a body may be")
			return
		case p.accepts(x) && limit == 0:
			e.checked(fmt.Sprintf("a body of %.1f MB is accepted", float64(size)/1e6))
			return
		case p.accepts(x):
			e.warn("body-limit", fmt.Sprintf("a body of %d kB is accepted, one of %d kB is refused", size/1000, limit/1000),
				"raise the limit of the body parser or the proxy to 4 MiB, which is what Inngest sends at most: the state of a run grows with its steps", x, refused)
			return
		}
		refused, limit = x, size
	}
	e.warn("body-limit", fmt.Sprintf("a body of %d kB is refused, a small one is accepted", limit/1000), "raise the limit of the body parser or the proxy to 4 MiB, which is what Inngest sends at most", refused)
}

// examineFallback finds out whether the app accepts the fallback key, and so what
// would happen in a rotation.
func (e *examination) examineFallback(ctx context.Context, holder signer, v views) {
	const alone = "If the key were rotated now, the app would refuse every request until it is deployed with the new key. " +
		"First deploy it with the new key as INNGEST_SIGNING_KEY and the present one as INNGEST_SIGNING_KEY_FALLBACK, then rotate."
	if e.fallback.secret == nil || string(holder.secret) != string(e.primary.secret) {
		e.result.Rotation = alone
		if v.signed.object()["has_signing_key_fallback"] == true || isText(v.signed.object()["signing_key_fallback_hash"]) {
			e.result.Rotation = "The app has a fallback key, which was not given here: with INNGEST_SIGNING_KEY_FALLBACK it can be checked, too."
		}
		return
	}
	x := e.send(ctx, e.probe(e.fallback))
	control := e.send(ctx, e.probe(e.unknown))
	p := views{control: control}
	hash, _ := v.signed.object()["signing_key_hash"].(string)
	switch {
	case !x.responded() || control.unsent || e.foreign(x) != nil && x.status() != http.StatusUnauthorized:
		e.skipped("whether the app accepts your fallback key")
	case !p.accepts(x):
		e.result.Rotation = alone
		e.found("fallback-missing", "the app does not accept your fallback key", "set INNGEST_SIGNING_KEY_FALLBACK in the app's environment, and deploy it again", x, control)
	case len(hash) >= 8 && strings.HasPrefix(explain.BearerHash(e.Fallback), strings.TrimPrefix(hash, "signkey-")):
		e.result.Rotation = "The app accepts both keys: a rotation now would lose no request to it, but it sends its own with your fallback key first."
		e.found("key.swapped", "primary and fallback are swapped: the app's signing key is your fallback key", "swap INNGEST_SIGNING_KEY and INNGEST_SIGNING_KEY_FALLBACK in the app's environment",
			"its introspection shows the hash "+cut(hash, 8)+" for its signing key, which is your fallback key's", x)
	default:
		e.checked("a probe signed with your fallback key is accepted")
		e.result.Rotation = "The app accepts both keys: a rotation now would lose no request."
	}
}

func isText(v any) bool { text, is := v.(string); return is && text != "" }

// sdkVersion is what an SDK calls itself.
var sdkVersion = regexp.MustCompile(`^(inngest-)?(js|py|go)\w*:v?(\d+\.\d+\.\d+)`)

// rotates are the first versions that can rotate keys (KEYS 9).
var rotates = map[string]*semver.Version{
	"js": semver.MustParse("3.18.0"), "py": semver.MustParse("0.3.9"), "go": semver.MustParse("0.7.2"),
}

func (e *examination) examineVersion() {
	found := sdkVersion.FindStringSubmatch(e.result.SDK)
	if found == nil {
		return
	}
	version, err := semver.NewVersion(found[3])
	if first := rotates[found[2]]; err == nil && version.LessThan(first) {
		e.warn("too-old", fmt.Sprintf("%s cannot rotate keys: fallback keys are known from %s on", e.result.SDK, first), "upgrade the SDK before the key is rotated", "X-Inngest-Sdk: "+e.result.SDK)
		e.result.Rotation = "If the key were rotated now, the app would refuse every request until it is deployed with the new key: the SDK is too old for a fallback key."
	}
}
