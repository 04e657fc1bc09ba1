package suite

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// NeedsAPI reports whether a case can be judged only if a stand-in API receives
// the target's requests.
func (c Case) NeedsAPI() bool {
	return slices.ContainsFunc(c.sends(), func(s Stimulus) bool {
		return s.Fields().UseAPI || s.Fields().Scripts() || s.Kind() == KindSync || s.Kind() == KindConnect
	})
}

// sends are the stimuli of the case, in the order in which they are sent.
func (c Case) sends() []Stimulus {
	var all []Stimulus
	for _, e := range c.State.After {
		all = append(all, e.Send)
	}
	return append(all, c.When)
}

// SignsWith is the key that signs the case's request.
func (c Case) SignsWith() KeyName { return SignedBy(c.When) }

// Sends reports whether a request of the case has this method.
func (c Case) Sends(method string) bool {
	return slices.ContainsFunc(c.sends(), func(s Stimulus) bool { return s.Fields().method(s.Kind()) == method })
}

// Unseen returns why a case cannot be judged with this visibility, or "" if it can.
func (c Case) Unseen(s Visibility) string {
	if s == Full {
		return ""
	}
	in, isCall := c.When.Fields(), c.When.Kind() == KindCall
	switch {
	case c.Facets.Of != "":
		return "what a group of deviations lets in shows in what runs"
	case c.Then.Output:
		return "it needs the target's own output"
	case c.NeedsAPI():
		return "it needs a stand-in for Inngest's API"
	case in.Tamper.injects():
		return "it needs to be seen which of two events runs"
	case isCall && in.Function != "" && s != ByCall:
		return "it needs a function that may run"
	case in.Function == StepID || in.Function == SendID:
		return "it needs a function of the target apps"
	case in.Gzipped:
		return "its body may end the endpoint, which is not the runner's to start again"
	case isCall && s == ByIntrospection && in.needsBody():
		return "it needs a request with a body, and acceptance shows only in a signed GET"
	case isCall && s == ByProbe && in.Bodiless:
		return "a trust probe without a body is authentic with the signature of an empty body"
	}
	return ""
}

// needsBody reports whether the stimulus makes no sense without a body: there is
// nothing to modify or to exchange, and a MAC over the time alone is the correct one.
func (in Fields) needsBody() bool {
	switch in.Over {
	case NoMessage, FirstHalf, TimeFirst, RawBytes:
		return true
	}
	return in.Tamper != "" || in.Borrowed || in.Bodiless || in.Split != "" || in.Chunked || in.ContentType != "" || in.Body != Canonical
}

// OwnsTarget reports whether the case needs a target of its own: the API rejects
// the primary key, after which an SDK may use the fallback key from then on.
func (c Case) OwnsTarget() bool {
	refusesPrimary := func(s Stimulus) bool {
		refused := s.Fields().APIRefuses
		return refused == Primary || refused == Both
	}
	return c.Given.hasFallback() && slices.ContainsFunc(c.sends(), refusesPrimary)
}

// SendsSecrets reports whether requests of the case carry secrets of the account. What a
// target then prints of them, such as the URL in its access log, is not its own doing.
func (c Case) SendsSecrets() bool {
	secret := func(in Fields) bool {
		for placeholder := range credentials {
			if strings.Contains(in.Path+in.Headers+in.Query, placeholder) {
				return true
			}
		}
		return false
	}
	sent := slices.Concat(c.sends(), c.Also)
	return slices.ContainsFunc(c.Facets.Deviations(), secret) || slices.ContainsFunc(sent, func(s Stimulus) bool { return secret(s.Fields()) })
}

// SignedBy is the key that signs a stimulus.
func SignedBy(s Stimulus) KeyName {
	if name := s.Fields().Key; name != "" {
		return name
	}
	return Primary
}

// Unclaimed returns the reason why a case is not applicable to a target with these
// claims, or "" if it is applicable.
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

// Repeats names what requests of a stimulus have signed each time, and by which
// key, so that their signatures differ by the time only. It is empty where each
// has a message of its own, or no signature.
func Repeats(s Stimulus, sight Visibility) string {
	in, kind := s.Fields(), ShownBy(s, sight)
	by := " by " + string(SignedBy(s))
	switch {
	case in.Unsigned:
		return ""
	case in.Over == NoMessage, in.Tamper == CallOnlyInQuery:
		return "nothing" + by
	case literalMessages[in.Over] != "":
		return string(in.Over) + by
	case kind == KindSync || kind == KindInBandSync:
		return "the URL of a sync" + by
	case in.Over == OtherBody:
		return "another body" + by
	case kind == KindIntrospect, in.Bodiless, kind == KindOtherMethod && (in.Method == http.MethodHead || in.Method == http.MethodOptions):
		return "nothing" + by
	}
	return ""
}

// PlainCall is a call that every target in a set-up accepts; ok is false where the
// set-up is unfit to accept any.
func PlainCall(s Setup) (call Call, ok bool) {
	if _, unfit := s.Control(); unfit {
		return Call{}, false
	}
	if s.Dev() {
		return Call{Unsigned: true}, true
	}
	return Call(Fields{}.valid(s)), true
}
