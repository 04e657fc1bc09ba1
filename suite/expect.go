package suite

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// Expectation is what a case expects to see: a sentence, and the matchers over
// an [Observation] that tell whether it holds.
type Expectation struct {
	Requirement string // "the call is refused and the function does not run"
	Checks      []Check
	// negative expectations hold for a target that does nothing at all, so they
	// count only between two controls.
	Negative       bool
	Accepts        bool // it shows by itself that the target does something
	Serving        bool // what is owed shows in the control after
	OKIfNotStarted bool // a target that does not start meets it, too
	Silent         bool // a target that sends nothing meets it, so it rests on what makes the target send
	// follow says which way a target went, where no way is right or wrong.
	Behaviour func(Observation) string
}

// Check is one thing that an expectation looks at.
type Check struct {
	Says  string // what the target must do, after "to": "run nothing"
	Holds func(Observation) bool
	// Harm: to miss it is harm by itself, whatever else the target cannot do.
	Harm bool
}

// Holds reports whether an observation is as expected.
func (e Expectation) Holds(o Observation) bool { return len(e.Missed(o)) == 0 }

// Missed lists what the target did not do of what it must: "run nothing".
func (e Expectation) Missed(o Observation) []string {
	var missed []string
	for _, check := range e.Checks {
		if !check.Holds(o) {
			missed = append(missed, check.Says)
		}
	}
	return missed
}

// Harms lists what of an observation is harm by itself: "reveal no key material".
func (e Expectation) Harms(o Observation) []string {
	var harms []string
	for _, check := range e.Checks {
		if check.Harm && !check.Holds(o) {
			harms = append(harms, check.Says)
		}
	}
	return harms
}

// harm is a single check of what must never be seen.
func harm(says string, holds func(Observation) bool) []Check { return []Check{{says, holds, true}} }

// check is a single check.
func check(says string, holds func(Observation) bool) []Check { return []Check{{says, holds, false}} }

func functionsOf(o Observation) []any {
	list, _ := o.Object()["functions"].([]any)
	return list
}

// accepted: the request is taken as authentic and does what it asks for.
func accepted() Expectation {
	return Expectation{Requirement: "the request is accepted", Accepts: true, Checks: check("be accepted", Observation.Accepted)}
}

// refused: an error status, nothing ran, nothing leaked (readings R1, R19).
func refused() Expectation {
	return Expectation{
		Requirement: "the request is refused: an error status, nothing runs, nothing leaks",
		Negative:    true,
		Checks: slices.Concat(
			harm("run nothing", func(o Observation) bool { return o.Runs == 0 && !o.Echoed() }),
			check("respond with an error status", refusedByStatus),
			harm("leak nothing", func(o Observation) bool { return len(o.Leaked()) == 0 }),
			check("not contact the API", func(o Observation) bool { return len(o.APIRequests) == 0 }),
		),
	}
}

// refusedByStatus: the status of a refusal; an introspection may also be
// answered with success, if the answer is the unauthenticated one (reading R2).
func refusedByStatus(o Observation) bool {
	if o.Kind == KindIntrospect {
		return o.Responded() && len(o.Disclosed()) == 0 && o.Object()["authentication_succeeded"] != true
	}
	return o.ErrorStatus()
}

// disclosesNothing: the answer discloses no privileged field and nothing runs.
func disclosesNothing() Expectation {
	return Expectation{
		Requirement: "nothing privileged is disclosed and nothing runs",
		Negative:    true,
		Checks: slices.Concat(
			check("respond", Observation.Responded),
			harm("run nothing", func(o Observation) bool { return o.Runs == 0 && !o.Echoed() }),
			harm("disclose no privileged field", func(o Observation) bool { return len(o.Disclosed()) == 0 }),
			harm("leak nothing", func(o Observation) bool { return len(o.Leaked()) == 0 }),
		),
	}
}

// neverRuns: whatever is answered, the function does not run with this request.
func neverRuns() Expectation {
	return Expectation{
		Requirement: "nothing runs",
		Negative:    true,
		Checks:      harm("run nothing", func(o Observation) bool { return o.Responded() && o.Runs == 0 && !o.Echoed() }),
	}
}

// authenticated: an introspection is answered in full.
func authenticated() Expectation {
	return Expectation{
		Requirement: "the full response, with authentication_succeeded: true",
		Checks: check("return the full response", func(o Observation) bool {
			return o.Succeeded() && o.Object()["authentication_succeeded"] == true && len(o.Disclosed()) > 0
		}),
	}
}

// hasField: the answer's JSON has a top-level field with one of the values.
func hasField(name string, values ...any) Expectation {
	return Expectation{
		Requirement: fmt.Sprintf("the response's %s is %s", name, either(values)),
		Checks: check("have "+name, func(o Observation) bool {
			return o.Succeeded() && slices.Contains(values, o.Object()[name])
		}),
	}
}

func either(values []any) string {
	words := []string{}
	for _, value := range values {
		words = append(words, fmt.Sprint(value))
	}
	return strings.Join(words, " or ")
}

// respondsWithError: an error status, and nothing ran.
func respondsWithError() Expectation {
	return Expectation{
		Requirement: "an error status, and nothing runs",
		Checks:      check("respond with an error status", func(o Observation) bool { return o.ErrorStatus() && o.Runs == 0 }),
	}
}

// responseHas: the answer carries a header that meets a condition.
func responseHas(says, header string, holds func(value string) bool) Expectation {
	return Expectation{
		Requirement: "the response has " + says,
		Checks:      check("have "+says, func(o Observation) bool { return o.Responded() && holds(o.Response.Header.Get(header)) }),
	}
}

// asksAPI: every request that the API hears is sent with these keys' bearers,
// one after the other, and is otherwise the same each time.
func asksAPI(bearers ...KeyName) Expectation {
	names := []string{}
	for _, name := range bearers {
		names = append(names, "the "+string(name)+" key's bearer token")
	}
	return Expectation{
		Requirement: "the API is contacted with " + strings.Join(names, ", then with "),
		Checks: slices.Concat(
			check("respond", Observation.Responded),
			check("contact the API", func(o Observation) bool { return len(conversations(o)) > 0 }),
			check("use these bearer tokens", func(o Observation) bool { return askedInTurn(conversations(o), bearers) }),
			check("repeat the same request", func(o Observation) bool { return all(conversations(o), sameRequest) }),
		),
	}
}

// askedInTurn: the first request is made with each bearer in turn. Later ones may
// begin with the last, which by then is known to be taken.
func askedInTurn(said [][]APIRequest, bearers []KeyName) bool {
	with := func(c []APIRequest, bearers []KeyName) bool { return slices.EqualFunc(c, bearers, APIRequest.by) }
	return len(said) > 0 && with(said[0], bearers) && all(said[1:], func(c []APIRequest) bool {
		return with(c, bearers) || with(c, bearers[len(bearers)-1:])
	})
}

// by reports whether a request was made with the bearer of a key.
func (a APIRequest) by(name KeyName) bool {
	return a.Bearer[strings.LastIndexByte(a.Bearer, '-')+1:] == HashToken(name)
}

// conversations groups what the API heard by request: one with its repetitions.
// Requests that no clause speaks of are left out.
func conversations(o Observation) [][]APIRequest {
	var grouped [][]APIRequest
	at := map[string]int{}
	for _, asked := range o.APIRequests {
		if !asked.Specified() {
			continue
		}
		what := asked.Method + " " + asked.Path
		if _, seen := at[what]; !seen {
			at[what] = len(grouped)
			grouped = append(grouped, nil)
		}
		grouped[at[what]] = append(grouped[at[what]], asked)
	}
	return grouped
}

func sameRequest(conversation []APIRequest) bool {
	return all(conversation, func(a APIRequest) bool {
		return a.Query == conversation[0].Query && a.Body == conversation[0].Body
	})
}

func all[T any](list []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(list, func(item T) bool { return !holds(item) })
}

// everyAPIRequest: the API is asked, and every request meets a condition.
func everyAPIRequest(says string, holds func(APIRequest) bool) Expectation {
	return Expectation{
		Requirement: "the API is contacted, and every request to it " + says,
		Checks: slices.Concat(
			check("contact the API", func(o Observation) bool { return len(conversations(o)) > 0 }),
			check(says, func(o Observation) bool { return all(slices.Concat(conversations(o)...), holds) }),
		),
	}
}

// and joins expectations: all of them are owed.
func and(parts ...Expectation) Expectation {
	joined := Expectation{}
	owed, matchers := []string{}, []Check(nil)
	for _, part := range parts {
		owed, matchers = append(owed, part.Requirement), append(matchers, part.Checks...)
		joined.Negative, joined.Accepts = joined.Negative || part.Negative, joined.Accepts || part.Accepts
		joined.Serving, joined.Silent = joined.Serving || part.Serving, joined.Silent || part.Silent
	}
	joined.Negative = joined.Negative && !joined.Accepts
	joined.Requirement, joined.Checks = strings.Join(owed, "; "), matchers
	return joined
}

// reportsError: the caller gets an error status and no key material, and nothing ran.
func reportsError() Expectation {
	return Expectation{
		Requirement: "an error status without key material, and nothing runs",
		Checks: slices.Concat(
			check("report an error", func(o Observation) bool { return o.ErrorStatus() && o.Runs == 0 }),
			harm("reveal no key material", func(o Observation) bool { return len(o.Leaked()) == 0 }),
		),
	}
}

// responseWithoutKeys: the answer holds no key material.
func responseWithoutKeys() Expectation {
	return Expectation{
		Requirement: "the response contains no key material",
		Checks: slices.Concat(
			check("respond", Observation.Responded),
			harm("reveal no key material", func(o Observation) bool { return len(o.Leaked()) == 0 }),
		),
	}
}

// registered: the URL that the SDK registers meets a condition.
func registered(says string, holds func(url string) bool) Expectation {
	return Expectation{
		Requirement: "the registered URL " + says,
		Checks: check(says, func(o Observation) bool {
			urls := registeredURLs(o)
			return len(urls) > 0 && all(urls, holds)
		}),
	}
}

// registeredURLs are the URLs of the app; callURLs those of its functions, which
// are the ones that Inngest calls.
func registeredURLs(o Observation) []string {
	var urls []string
	for _, asked := range o.APIRequests {
		if !asked.Registers() {
			continue
		}
		if url, isText := objectOf(asked.Body)["url"].(string); isText {
			urls = append(urls, url)
		}
	}
	return urls
}

func callURLs(o Observation) []string {
	var urls []string
	for _, asked := range o.APIRequests {
		if asked.Registers() {
			urls = append(urls, urlsOfSteps(objectOf(asked.Body))...)
		}
	}
	return urls
}

// urlsOfSteps are the runtime URLs in a list of functions (SPEC 4.3.2).
func urlsOfSteps(registration map[string]any) []string {
	var urls []string
	functions, _ := registration["functions"].([]any)
	for _, function := range functions {
		fields, _ := function.(map[string]any)
		steps, _ := fields["steps"].(map[string]any)
		for _, id := range slices.Sorted(maps.Keys(steps)) {
			step, _ := steps[id].(map[string]any)
			runtime, _ := step["runtime"].(map[string]any)
			if url, isText := runtime["url"].(string); isText {
				urls = append(urls, url)
			}
		}
	}
	return urls
}

// reported: nothing is owed; the way that the target goes is named.
func reported(follow func(Observation) string) Expectation {
	return Expectation{Requirement: "nothing: the behaviour is reported", Behaviour: follow, Negative: true}
}

// takenOrNot names the way of a request that may be accepted or refused.
func takenOrNot(o Observation) string {
	switch {
	case o.NoResponse != "":
		return "no response"
	case o.Kind == KindIntrospect && o.Succeeded() && !o.ShowsTrust() && len(o.Disclosed()) == 0:
		return "refused, with the unauthenticated response"
	case o.Accepted():
		return "accepted"
	case o.Runs > 0:
		return fmt.Sprintf("ran, with status %d", o.Response.Status)
	}
	return fmt.Sprintf("refused with %d", o.Response.Status)
}

// signedResponse: the answer carries a signature over its bytes by a key.
func signedResponse(name KeyName) Expectation {
	return responseHas("a signature by the "+string(name)+" key over its bytes", reference.HeaderSignature,
		func(value string) bool { return strings.Contains(value, MACToken(name)) })
}
