package engine

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// Diagnosis says why a valid request was not seen to run.
type Diagnosis struct {
	Observed string `json:"observed"` // the response to a valid request
	Cause    string `json:"cause"`    // the likeliest one
	Remedy   string `json:"remedy"`   // what to do about it
}

// Diagnose finds the likeliest reason why a valid call, or the probe or GET in its
// place, was not seen to run. The response to a valid GET helps; the zero
// Observation stands for none.
func Diagnose(call, get suite.Observation) Diagnosis {
	e := evidence{Observation: call, text: excerpt(call.Response.Body, searched), get: get.Object()}
	for _, s := range symptoms {
		if s.shows(e) {
			return Diagnosis{e.observed(), s.cause, s.remedy}
		}
	}
	return Diagnosis{e.observed(), "none that is known: the response has no familiar form", "look at the target's own output, and send the request by hand"}
}

// evidence is what the symptoms are looked for in.
type evidence struct {
	suite.Observation
	text string         // of the response
	get  map[string]any // the response to a valid GET
}

// How much of a response is searched, and how much is shown.
const (
	searched = 4000
	shown    = 160
)

// excerpt is the beginning of a body, in one line.
func excerpt(body []byte, most int) string {
	text := strings.Join(strings.Fields(string(body)), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

func (e evidence) observed() string {
	text := e.Summary()
	if body := excerpt(e.Response.Body, shown); body != "" {
		text += fmt.Sprintf("; body: %s", body)
	}
	return text
}

// says reports whether the response matches a pattern, in any case.
func (e evidence) says(pattern *regexp.Regexp) bool {
	return e.Responded() && pattern.MatchString(e.text)
}

func (e evidence) status(codes ...int) bool {
	for _, code := range codes {
		if e.Responded() && e.Response.Status == code {
			return true
		}
	}
	return false
}

// bySDK reports whether the response says that an SDK made it.
func (e evidence) bySDK() bool {
	return e.Response.Header.Get(reference.HeaderSDK) != "" || strings.Contains(strings.ToLower(e.text), "inngest")
}

// What SDKs say. The words are those of several of them, in several versions.
var (
	unknownFunction = regexp.MustCompile(`(?i)function\b.{0,60}\b(not found|missing|unknown|does not exist)|(not find|no such|unknown|unregistered) (the )?function|function_not_found`)
	missingBody     = regexp.MustCompile(`(?i)(missing|empty|no|undefined|invalid) (request )?body|body.{0,40}(missing|empty|required|not parsed|middleware|parser)|unexpected end of json|body_invalid`)
	missingKey      = regexp.MustCompile(`(?i)signing.?key.{0,40}(missing|not set|required|unspecified|not found|undefined|empty)|(no|missing|find) (a )?signing.?key`)
	expired         = regexp.MustCompile(`(?i)expired|too old|replay window`)
	wrongSignature  = regexp.MustCompile(`(?i)signature|sig_verification|unauthori[sz]ed`)
	wrongMode       = regexp.MustCompile(`(?i)(server.?kind|\bmode\b).{0,60}(mismatch|dev|cloud|invalid)|dev(elopment)? (server|mode)|(cloud|dev).{0,20}\bmode`)
	missingMember   = regexp.MustCompile(`(?i)\b(missing|required|undefined|null|none|keyerror)\b.{0,60}\b(ctx|run_id|attempt|step_id|stack|events?|env|fn_id|qi_id|steps)\b|\b(ctx|run_id|attempt|step_id|stack|env|fn_id|qi_id)\b.{0,60}(missing|required|undefined|null|none)`)
)

// symptom is what shows in the response where something is wrong with a target.
type symptom struct {
	cause, remedy string
	shows         func(evidence) bool
}

// symptoms are looked for in this order: the more telling ones come first.
var symptoms = []symptom{
	{
		"the target exited", "look at its last output",
		func(e evidence) bool { return e.Died != "" },
	},
	{
		"the target accepts connections and does not respond", "look at its own output: the handler may wait for something, such as the beacon or more of the body",
		func(e evidence) bool { return e.NoResponse != "" },
	},
	{
		"an exception left the SDK", "look at the target's own output",
		func(e evidence) bool { return e.Response.Status == suite.HandlerThrew },
	},
	{
		"the function ran, but the beacon was never called", "the function has to POST to $" + suite.EnvBeacon + "/<percent-encoded nonce> before it returns",
		func(e evidence) bool { return e.Beacon && e.Runs == 0 && e.Echoed() },
	},
	{
		"wrong path: the app's server responded, and no SDK is served there", "serve the SDK at the path of target.yaml, or at that of the URL",
		func(e evidence) bool { return e.status(http.StatusNotFound) && !e.bySDK() && !e.says(unknownFunction) },
	},
	{
		"wrong path: it redirects", "give the path that it redirects to",
		func(e evidence) bool { return e.Responded() && e.Response.Status/100 == 3 },
	},
	{
		"the route takes no POST", "route GET, POST and PUT to the SDK's handler",
		func(e evidence) bool { return e.status(http.StatusMethodNotAllowed) },
	},
	{
		"the SDK has no trust probes: it takes one for a call, of a function that does not exist", "name a harmless function that may run with --function",
		func(e evidence) bool {
			return e.Kind == suite.KindProbe && e.says(unknownFunction) && e.get["authentication_succeeded"] == true
		},
	},
	{
		"the endpoint does not know the trust probe, and shows nothing else by which a valid request could be recognised", "name a harmless function that may run with --function",
		func(e evidence) bool { return !e.Beacon && e.Kind != suite.KindCall && e.says(unknownFunction) },
	},
	{
		"unknown function id", "give the id by which Inngest calls it, APP-FUNCTION",
		func(e evidence) bool { return !e.Beacon && e.says(unknownFunction) },
	},
	{
		"unknown function id", "the app id must be " + suite.AppID + " and the function's id echo, so that the call of " + suite.EchoID + " finds it",
		func(e evidence) bool { return e.says(unknownFunction) },
	},
	{
		"the target holds no signing key", "let the SDK read " + reference.EnvSigningKey + " from the environment; a key in code, or a mapped name, may hide it",
		func(e evidence) bool { return e.says(missingKey) || e.get["has_signing_key"] == false },
	},
	{
		"body not parsed: the SDK does not see the request's body", "add the body parser that the SDK's handler needs, or remove one that consumes the body before it",
		func(e evidence) bool { return e.says(missingBody) },
	},
	{
		"the clocks differ: a fresh signature counts as expired", "set the clock of this machine, or of the endpoint's",
		func(e evidence) bool { return e.says(expired) && e.says(wrongSignature) },
	},
	{
		"the body is lost or changed before it is verified: the key is right, because a signed GET was authenticated", "give the SDK the bytes that were sent: add the body parser that its handler needs, or remove one that writes them anew",
		func(e evidence) bool { return e.refusesSignature() && e.get["authentication_succeeded"] == true },
	},
	{
		"wrong key: a correctly signed request is refused", "the key that the SDK reads from " + reference.EnvSigningKey + " must be the one that signs here; check also that the body reaches the SDK unchanged",
		func(e evidence) bool { return e.refusesSignature() },
	},
	{
		"dev mode: the target does not run in cloud mode", "name the variables that select cloud mode under `cloud` in target.yaml",
		func(e evidence) bool { return e.get["mode"] == "dev" || e.Response.Status >= 400 && e.says(wrongMode) },
	},
	{
		"missing member of ctx: the SDK wants more in a call, or in another form, than the server sends", "see which member it names; if the real server sends it, this is a defect of Countersign",
		func(e evidence) bool { return e.Response.Status >= 400 && e.says(missingMember) },
	},
	{
		"the function fails", "choose one that succeeds for any event",
		func(e evidence) bool {
			return !e.Beacon && e.Kind == suite.KindCall && e.bySDK() && e.Response.Status >= 400
		},
	},
	{
		"the function fails", "look at the target's own output: a failed call of the beacon must not fail the function",
		func(e evidence) bool { return e.bySDK() && e.Responded() && e.Response.Status >= 500 },
	},
	{
		"something else responds: it is a success whatever is sent, and no response is an SDK's", "give the URL of the endpoint itself",
		func(e evidence) bool { return !e.Beacon && e.Succeeded() },
	},
	{
		"something else responds: it is a success without the function's output", "serve the SDK's handler at this path; the function has to return {\"nonce\": event.data.nonce}",
		func(e evidence) bool { return e.Succeeded() },
	},
	{
		"something else responds: nothing in its response is an SDK's", "serve the SDK's handler at this path, with nothing before it",
		func(e evidence) bool { return e.Responded() && !e.bySDK() },
	},
}

func (e evidence) refusesSignature() bool {
	return e.says(wrongSignature) && e.Response.Status >= 400 || e.status(http.StatusUnauthorized, http.StatusForbidden)
}

// diagnose looks at the first valid call that was sent in the plain set-up, and at
// the first valid GET. It gives nil where there was no such call.
func diagnose(results []Result) *Diagnosis {
	var call, get *Exchange
	for _, result := range results {
		for _, step := range result.Steps {
			if x := step.Exchange; result.Case.Given == (suite.Setup{}) && step.valid(result.Case) {
				switch {
				case get == nil && x.Kind == suite.KindIntrospect && !x.ByGET:
					get = x
				case call == nil && (x.Kind == suite.KindCall || x.Kind == suite.KindProbe || x.ByGET):
					call = x
				}
			}
		}
	}
	if call == nil {
		return nil
	}
	var seen suite.Observation
	if get != nil {
		seen = get.Observation
	}
	found := Diagnose(call.Observation, seen)
	return &found
}

// valid reports whether a step sends a valid request without any peculiarity.
func (s Step) valid(c suite.Case) bool {
	return s.Part == controlBefore || s.Part == controlAfter || s.Part == theRequest && (c.When == suite.Call{} || c.When == suite.Introspect{})
}
