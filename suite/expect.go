package suite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// Expectation is what a case expects: a sentence, and the checks of an
// [Observation] that decide whether it holds.
type Expectation struct {
	Requirement string // "the call is refused and the function does not run"
	Checks      []Check
	// Negative expectations hold for a target that does nothing at all, so they
	// count only between two controls.
	Negative       bool
	Accepts        bool // it holds only if the target accepted the request
	Serving        bool // it also requires that the control after the request is accepted
	OKIfNotStarted bool // failing to start also satisfies it
	Silent         bool // a target that sends nothing to the API also satisfies it
	Output         bool // it is about the target's own output, which has to be readable
	// Behaviour describes what the target did, where the specification does not
	// say what is right.
	Behaviour func(Observation) string
}

// Check is one condition of an expectation.
type Check struct {
	Says  string // what the target must do, after "to": "run nothing"
	Holds func(Observation) bool
	// Harm marks a check whose failure is a violation even if a prerequisite of the
	// case failed: something ran or was disclosed.
	Harm bool
}

// Holds reports whether every check holds.
func (e Expectation) Holds(o Observation) bool { return len(e.Missed(o)) == 0 }

// Missed lists the checks that do not hold, by what the target should have done:
// "run nothing".
func (e Expectation) Missed(o Observation) []string {
	var missed []string
	for _, check := range e.Checks {
		if !check.Holds(o) {
			missed = append(missed, check.Says)
		}
	}
	return missed
}

// Harms lists the checks marked Harm that do not hold: "reveal no key material".
func (e Expectation) Harms(o Observation) []string {
	var harms []string
	for _, check := range e.Checks {
		if check.Harm && !check.Holds(o) {
			harms = append(harms, check.Says)
		}
	}
	return harms
}

// harm is a single check marked Harm.
func harm(says string, holds func(Observation) bool) []Check { return []Check{{says, holds, true}} }

// check is a single check that is not marked Harm.
func check(says string, holds func(Observation) bool) []Check { return []Check{{says, holds, false}} }

// accepted expects that the request is accepted and has its effect.
func accepted() Expectation {
	return Expectation{Requirement: "the request is accepted", Accepts: true, Checks: check("be accepted", Observation.Accepted)}
}

// refused expects an error status, no run and no leak (R1, R19).
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

// refusedByStatus reports whether the status is an error. The response to an
// introspection may also be a success if it is the unauthenticated one (R2).
func refusedByStatus(o Observation) bool {
	if o.Kind == KindIntrospect {
		return o.Concluded() && len(o.Disclosed()) == 0 && o.Object()["authentication_succeeded"] != true
	}
	return o.ErrorStatus()
}

// disclosesNothing expects a response without privileged fields, and no run.
func disclosesNothing() Expectation {
	return Expectation{
		Requirement: "nothing privileged is disclosed and nothing runs",
		Negative:    true,
		Checks: slices.Concat(
			check("respond", Observation.Concluded),
			harm("run nothing", func(o Observation) bool { return o.Runs == 0 && !o.Echoed() }),
			harm("disclose no privileged field", func(o Observation) bool { return len(o.Disclosed()) == 0 }),
			harm("leak nothing", func(o Observation) bool { return len(o.Leaked()) == 0 }),
		),
	}
}

// neverRuns expects that no function runs, with any response.
func neverRuns() Expectation {
	return Expectation{
		Requirement: "nothing runs",
		Negative:    true,
		Checks:      harm("run nothing", func(o Observation) bool { return o.Concluded() && o.Runs == 0 && !o.Echoed() }),
	}
}

// authenticated expects the full response to an introspection.
func authenticated() Expectation {
	return Expectation{
		Requirement: "the full response, with authentication_succeeded: true",
		Checks: check("return the full response", func(o Observation) bool {
			return o.Succeeded() && o.Object()["authentication_succeeded"] == true && len(o.Disclosed()) > 0
		}),
	}
}

// hasField expects a top-level member of the response's JSON with one of the values.
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

// respondsWithError expects an error status and no run.
func respondsWithError() Expectation {
	return Expectation{
		Requirement: "an error status, and nothing runs",
		Checks:      check("respond with an error status", func(o Observation) bool { return o.ErrorStatus() && o.Runs == 0 }),
	}
}

// responseHas expects a response header whose value meets a condition.
func responseHas(says, header string, holds func(value string) bool) Expectation {
	return Expectation{
		Requirement: "the response has " + says,
		Checks:      check("have "+says, func(o Observation) bool { return o.Concluded() && holds(o.Response.Header.Get(header)) }),
	}
}

// contactsAPIWith expects that every request to the API is sent with these keys'
// bearer tokens, one after the other, and is otherwise the same each time.
func contactsAPIWith(bearers ...KeyName) Expectation {
	names := []string{}
	for _, name := range bearers {
		names = append(names, "the "+string(name)+" key's bearer token")
	}
	return Expectation{
		Requirement: "the API is contacted with " + strings.Join(names, ", then with "),
		Checks: slices.Concat(
			check("respond", Observation.Responded),
			check("contact the API", func(o Observation) bool { return len(apiRequests(o)) > 0 }),
			check("use these bearer tokens", func(o Observation) bool { return sentWith(apiRequests(o), bearers) }),
			check("repeat the same request", func(o Observation) bool { return all(apiRequests(o), sameRequest) }),
		),
	}
}

// sentWith reports whether the first request was sent with each bearer token in
// turn. Later requests may be sent with the last token only, because the SDK then
// knows that it is accepted.
func sentWith(requests [][]APIRequest, bearers []KeyName) bool {
	with := func(attempts []APIRequest, bearers []KeyName) bool {
		return slices.EqualFunc(attempts, bearers, APIRequest.by)
	}
	return len(requests) > 0 && with(requests[0], bearers) && all(requests[1:], func(attempts []APIRequest) bool {
		return with(attempts, bearers) || with(attempts, bearers[len(bearers)-1:])
	})
}

// apiRequests groups the requests to the API by method and path: each request
// with its retries. Requests that the specification does not define are left out.
func apiRequests(o Observation) [][]APIRequest {
	var grouped [][]APIRequest
	at := map[string]int{}
	for _, r := range o.APIRequests {
		if !r.Specified() {
			continue
		}
		name := r.Method + " " + r.Path
		if _, known := at[name]; !known {
			at[name] = len(grouped)
			grouped = append(grouped, nil)
		}
		grouped[at[name]] = append(grouped[at[name]], r)
	}
	return grouped
}

// sameRequest reports whether all attempts have the same query and body.
func sameRequest(attempts []APIRequest) bool {
	return all(attempts, func(a APIRequest) bool {
		return a.Query == attempts[0].Query && a.Body == attempts[0].Body
	})
}

func all[T any](list []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(list, func(item T) bool { return !holds(item) })
}

// everyAPIRequest expects requests to the API that all meet a condition.
func everyAPIRequest(says string, holds func(APIRequest) bool) Expectation {
	return Expectation{
		Requirement: "the API is contacted, and every request to it " + says,
		Checks: slices.Concat(
			check("contact the API", func(o Observation) bool { return len(apiRequests(o)) > 0 }),
			check(says, func(o Observation) bool { return all(slices.Concat(apiRequests(o)...), holds) }),
		),
	}
}

// and joins expectations: all of them must hold.
func and(parts ...Expectation) Expectation {
	joined := Expectation{}
	requirements, checks := []string{}, []Check(nil)
	for _, part := range parts {
		requirements, checks = append(requirements, part.Requirement), append(checks, part.Checks...)
		joined.Negative, joined.Accepts = joined.Negative || part.Negative, joined.Accepts || part.Accepts
		joined.Serving, joined.Silent, joined.Output = joined.Serving || part.Serving, joined.Silent || part.Silent, joined.Output || part.Output
	}
	joined.Negative = joined.Negative && !joined.Accepts
	joined.Requirement, joined.Checks = strings.Join(requirements, "; "), checks
	return joined
}

// reportsError expects an error status without key material, and no run.
func reportsError() Expectation {
	return Expectation{
		Requirement: "an error status without key material, and nothing runs",
		Checks: slices.Concat(
			check("report an error", func(o Observation) bool { return o.ErrorStatus() && o.Runs == 0 }),
			harm("reveal no key material", func(o Observation) bool { return len(o.Leaked()) == 0 }),
		),
	}
}

// responseWithoutKeys expects a response without key material.
func responseWithoutKeys() Expectation {
	return Expectation{
		Requirement: "the response contains no key material",
		Checks: slices.Concat(
			check("respond", Observation.Concluded),
			harm("reveal no key material", func(o Observation) bool { return len(o.Leaked()) == 0 }),
		),
	}
}

// registered expects that the URL that the SDK registers meets a condition.
func registered(says string, holds func(url string) bool) Expectation {
	return Expectation{
		Requirement: "the registered URL " + says,
		Checks: check(says, func(o Observation) bool {
			urls := registeredURLs(o)
			return len(urls) > 0 && all(urls, holds)
		}),
	}
}

// reported requires nothing: the target's behaviour is reported.
func reported(behaviour func(Observation) string) Expectation {
	return Expectation{Requirement: "nothing: the behaviour is reported", Behaviour: behaviour, Negative: true}
}

// acceptedOrRefused describes what happened to a request that may be accepted or
// refused.
func acceptedOrRefused(o Observation) string {
	switch {
	case o.Closed:
		return "refused by closing the connection"
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

// signedResponse expects a response with a signature over its bytes by a key.
func signedResponse(name KeyName) Expectation {
	return responseHas("a signature by the "+string(name)+" key over its bytes", reference.HeaderSignature,
		func(value string) bool { return strings.Contains(value, MACToken(name)) })
}
