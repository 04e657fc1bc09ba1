package suite

import "fmt"

// NeedsAPI reports whether a case can be judged only where a stand-in API hears
// what the target sends.
func (c Case) NeedsAPI() bool {
	in := c.When.Fields()
	return in.UseAPI || in.Scripts() || c.When.Kind() == KindSync
}

// SignsWith names the key that signs the case's request.
func (c Case) SignsWith() KeyName { return SignedBy(c.When) }

// Sends reports whether the case's request has a method.
func (c Case) Sends(method string) bool {
	return c.When.Fields().method(c.When.Kind()) == method
}

// Unseen says why a case cannot be judged by one who sees this much of a target;
// empty where it can.
func (c Case) Unseen(s Visibility) string {
	if s == Full {
		return ""
	}
	in, isCall := c.When.Fields(), c.When.Kind() == KindCall
	switch {
	case c.NeedsAPI():
		return "it needs a stand-in for Inngest's API"
	case isCall && in.Function != "":
		return "it needs a function that may run"
	case in.Gzipped:
		return "its body may end the endpoint, which is not the runner's to start again"
	case isCall && s == ByIntrospection && in.needsBody():
		return "it needs a request with a body, and acceptance shows only in a signed GET"
	case isCall && s == ByProbe && in.Bodiless:
		return "a trust probe without a body is authentic with the signature of an empty body"
	}
	return ""
}

// needsBody: without a body there is nothing to tamper with or to send in an odd
// way, and a MAC over the time alone, or over any part of nothing, is the right one.
func (in Fields) needsBody() bool {
	switch in.Over {
	case NoMessage, FirstHalf, TimeFirst, RawBytes:
		return true
	}
	return in.Tamper != "" || in.Bodiless || in.Split != "" || in.Chunked || in.ContentType != "" || in.Body != Canonical
}

// OwnsTarget: an SDK may switch to the fallback key for good once the primary was
// refused, so a case in which that happens ends with its target.
func (c Case) OwnsTarget() bool {
	refused := c.When.Fields().APIRefuses
	return (refused == Primary || refused == Both) && c.Given.hasFallback()
}

func (c Case) Fit() bool {
	_, unfit := c.Given.Control()
	return !unfit
}

func SignedBy(s Stimulus) KeyName {
	if name := s.Fields().Key; name != "" {
		return name
	}
	return Primary
}

// ShownBy is the kind that a stimulus has where calls cannot be seen to run.
func ShownBy(s Stimulus, sight Visibility) Kind {
	switch {
	case s.Kind() == KindCall && sight == ByIntrospection:
		return KindIntrospect
	case s.Kind() == KindCall && sight == ByProbe:
		return KindProbe
	}
	return s.Kind()
}

// Unclaimed says which optional capability a case needs and a target does not
// claim; empty where there is none.
func Unclaimed(c Case, claims []Capability) string {
	for _, need := range c.Needs {
		claimed := false
		for _, claim := range claims {
			claimed = claimed || claim == need
		}
		if !claimed {
			return fmt.Sprintf("the target does not claim %s", need)
		}
	}
	return ""
}

// Visibility is how much a lab can see of its targets.
type Visibility int

const (
	// Full: a beacon hears executions and a stand-in API hears requests.
	Full Visibility = iota
	// ByProbe: only answers are seen, and acceptance shows in the trust probe.
	ByProbe
	// ByIntrospection: only answers are seen, and acceptance shows in a signed GET.
	ByIntrospection
)
