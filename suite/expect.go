package suite

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/countersign-dev/countersign/reference"
)

// Expectation is what a case expects to see: a sentence, and the matchers over
// an [Outcome] that tell whether it holds.
type Expectation struct {
	Owed string // "the call is refused and the function does not run"
	want types.GomegaMatcher
	// negative expectations hold for a target that does nothing at all, so they
	// count only between two controls.
	negative bool
	accepts  bool // it shows by itself that the target does something
	serving  bool // what is owed shows in the control after
	unborn   bool // a target that does not start meets it, too
	// follow says which way a target went, where no way is right or wrong.
	follow func(Outcome) string
}

// Holds reports whether an outcome is as expected.
func (e Expectation) Holds(o Outcome) (bool, error) {
	if e.want == nil {
		return true, nil
	}
	return e.want.Match(o)
}

// outcome is a matcher over outcomes.
func outcome(says string, holds func(Outcome) bool) types.GomegaMatcher {
	return outcomeMatcher{says, holds}
}

type outcomeMatcher struct {
	says  string
	holds func(Outcome) bool
}

func (m outcomeMatcher) Match(actual any) (bool, error) {
	o, is := actual.(Outcome)
	if !is {
		return false, fmt.Errorf("expected an outcome, got %T", actual)
	}
	return m.holds(o), nil
}

func (m outcomeMatcher) FailureMessage(actual any) string { return m.message("to ", actual) }

func (m outcomeMatcher) NegatedFailureMessage(actual any) string { return m.message("not to ", actual) }

func (m outcomeMatcher) message(to string, actual any) string {
	o, _ := actual.(Outcome)
	return "expected the target " + to + m.says + "\nseen: " + o.seen()
}

// acceptedAs says whether an outcome shows that the request was taken as
// authentic: by effect where there is a beacon, by the answer where not.
func acceptedAs(o Outcome) bool {
	switch o.kind {
	case KindCall:
		if o.beacon {
			return o.Runs == 1 && (o.Got.Status == http.StatusOK || o.Got.Status == http.StatusPartialContent) && o.answered()
		}
		return o.success()
	case KindIntrospect:
		return o.success() && (!o.byGET || o.showsTrust())
	case KindInBandSync:
		return o.Got.Status == http.StatusOK && o.answered() && len(functionsOf(o)) > 0
	}
	return o.Got.Status == http.StatusOK && o.answered()
}

func functionsOf(o Outcome) []any {
	list, _ := o.object()["functions"].([]any)
	return list
}

// accepted: the request is taken as authentic and does what it asks for.
func accepted() Expectation {
	return Expectation{Owed: "the request is accepted", accepts: true, want: outcome("be accepted", acceptedAs)}
}

// refused: an error status, nothing ran, nothing leaked (readings R1, R19).
func refused() Expectation {
	return Expectation{
		Owed:     "the request is refused: an error status, nothing runs, nothing leaks",
		negative: true,
		want: gomega.And(
			outcome("run nothing", func(o Outcome) bool { return o.Runs == 0 && !o.echoed() }),
			outcome("be answered with an error status", refusedByStatus),
			outcome("leak nothing", func(o Outcome) bool { return len(o.leaked()) == 0 }),
			outcome("ask the API nothing", func(o Outcome) bool { return len(o.Asked) == 0 }),
		),
	}
}

// refusedByStatus: the status of a refusal; an introspection may also be
// answered with success, if the answer is the unauthenticated one (reading R2).
func refusedByStatus(o Outcome) bool {
	if o.kind == KindIntrospect {
		return o.answered() && len(o.disclosed()) == 0 && o.object()["authentication_succeeded"] != true
	}
	return o.errorStatus()
}

// keepsQuiet: the answer discloses no privileged field and nothing runs.
func keepsQuiet() Expectation {
	return Expectation{
		Owed:     "nothing privileged is disclosed and nothing runs",
		negative: true,
		want: gomega.And(
			outcome("be answered", Outcome.answered),
			outcome("run nothing", func(o Outcome) bool { return o.Runs == 0 && !o.echoed() }),
			outcome("disclose no privileged field", func(o Outcome) bool { return len(o.disclosed()) == 0 }),
			outcome("leak nothing", func(o Outcome) bool { return len(o.leaked()) == 0 }),
		),
	}
}

// neverRuns: whatever is answered, the function does not run with this request.
func neverRuns() Expectation {
	return Expectation{
		Owed:     "nothing runs",
		negative: true,
		want:     outcome("run nothing", func(o Outcome) bool { return o.answered() && o.Runs == 0 && !o.echoed() }),
	}
}

// authenticated: an introspection is answered in full.
func authenticated() Expectation {
	return Expectation{
		Owed: "the full answer, with authentication_succeeded: true",
		want: outcome("be answered in full", func(o Outcome) bool {
			return o.success() && o.object()["authentication_succeeded"] == true && len(o.disclosed()) > 0
		}),
	}
}

// hasField: the answer's JSON has a top-level field with one of the values.
func hasField(name string, values ...any) Expectation {
	return Expectation{
		Owed: fmt.Sprintf("the answer's %s is %s", name, either(values)),
		want: outcome("have "+name, func(o Outcome) bool {
			return o.success() && slices.Contains(values, o.object()[name])
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

// answersError: an error status, and nothing ran.
func answersError() Expectation {
	return Expectation{
		Owed: "an error status, and nothing runs",
		want: outcome("be answered with an error status", func(o Outcome) bool { return o.errorStatus() && o.Runs == 0 }),
	}
}

// answerHas: the answer carries a header that meets a condition.
func answerHas(says, header string, holds func(value string) bool) Expectation {
	return Expectation{
		Owed: "the answer has " + says,
		want: outcome("have "+says, func(o Outcome) bool { return o.answered() && holds(o.Got.Header.Get(header)) }),
	}
}

// askedAPI: every request that the API hears is sent with these keys' bearers,
// one after the other, and is otherwise the same each time.
func askedAPI(bearers ...KeyName) Expectation {
	names := []string{}
	for _, name := range bearers {
		names = append(names, "the "+string(name)+" key's bearer")
	}
	return Expectation{
		Owed: "the API is asked with " + strings.Join(names, ", then with "),
		want: gomega.And(
			outcome("be answered", Outcome.answered),
			outcome("ask the API", func(o Outcome) bool { return len(conversations(o)) > 0 }),
			outcome("ask with these bearers", func(o Outcome) bool { return askedWith(conversations(o), bearers) }),
			outcome("repeat the same request", func(o Outcome) bool { return all(conversations(o), sameRequest) }),
		),
	}
}

// askedWith: the first request is made with each bearer in turn. Later ones may
// begin with the last, which by then is known to be taken.
func askedWith(said [][]Asked, bearers []KeyName) bool {
	with := func(c []Asked, bearers []KeyName) bool { return slices.EqualFunc(c, bearers, Asked.by) }
	return len(said) > 0 && with(said[0], bearers) && all(said[1:], func(c []Asked) bool {
		return with(c, bearers) || with(c, bearers[len(bearers)-1:])
	})
}

// by reports whether a request was made with the bearer of a key.
func (a Asked) by(name KeyName) bool {
	return a.Bearer[strings.LastIndexByte(a.Bearer, '-')+1:] == hashToken(name)
}

// conversations groups what the API heard by request: one with its repetitions.
// Requests that no clause speaks of are left out.
func conversations(o Outcome) [][]Asked {
	var grouped [][]Asked
	at := map[string]int{}
	for _, asked := range o.Asked {
		if !spokenOf(asked) {
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

// spokenOf: a sync, a read of a run's payload, a checkpoint, a connect start.
func spokenOf(a Asked) bool {
	for _, prefix := range []string{"/fn/register", "/v0/runs/", "/v1/checkpoint", "/v0/connect/start"} {
		if strings.HasPrefix(a.Path, prefix) {
			return true
		}
	}
	return false
}

func sameRequest(conversation []Asked) bool {
	return all(conversation, func(a Asked) bool {
		return a.Query == conversation[0].Query && a.Body == conversation[0].Body
	})
}

func all[T any](list []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(list, func(item T) bool { return !holds(item) })
}

// everyAsked: the API is asked, and every request meets a condition.
func everyAsked(says string, holds func(Asked) bool) Expectation {
	return Expectation{
		Owed: "the API is asked, and every request to it " + says,
		want: gomega.And(
			outcome("ask the API", func(o Outcome) bool { return len(conversations(o)) > 0 }),
			outcome(says, func(o Outcome) bool { return all(slices.Concat(conversations(o)...), holds) }),
		),
	}
}

// and joins expectations: all of them are owed.
func and(parts ...Expectation) Expectation {
	joined := Expectation{}
	owed, matchers := []string{}, []types.GomegaMatcher{}
	for _, part := range parts {
		owed, matchers = append(owed, part.Owed), append(matchers, part.want)
		joined.negative, joined.accepts = joined.negative || part.negative, joined.accepts || part.accepts
		joined.serving = joined.serving || part.serving
	}
	joined.negative = joined.negative && !joined.accepts
	joined.Owed, joined.want = strings.Join(owed, "; "), gomega.And(matchers...)
	return joined
}

// callerTold: the caller gets an error status and no key material, and nothing ran.
func callerTold() Expectation {
	return Expectation{
		Owed: "the caller is told by an error status, without key material, and nothing runs",
		want: outcome("tell the caller", func(o Outcome) bool { return o.errorStatus() && o.Runs == 0 && len(o.leaked()) == 0 }),
	}
}

// quietAnswer: the answer holds no key material.
func quietAnswer() Expectation {
	return Expectation{
		Owed: "the answer holds no key material",
		want: outcome("hold no key material", func(o Outcome) bool { return o.answered() && len(o.leaked()) == 0 }),
	}
}

// registered: the URL that the SDK registers meets a condition.
func registered(says string, holds func(url string) bool) Expectation {
	return Expectation{
		Owed: "the registered URL " + says,
		want: outcome(says, func(o Outcome) bool {
			urls := registeredURLs(o)
			return len(urls) > 0 && all(urls, holds)
		}),
	}
}

// registeredURLs are the URLs of the app; callURLs those of its functions, which
// are the ones that Inngest calls.
func registeredURLs(o Outcome) []string {
	var urls []string
	for _, asked := range o.Asked {
		if asked.Path != "/fn/register" {
			continue
		}
		if url, isText := objectOf(asked.Body)["url"].(string); isText {
			urls = append(urls, url)
		}
	}
	return urls
}

func callURLs(o Outcome) []string {
	var urls []string
	for _, asked := range o.Asked {
		if asked.Path == "/fn/register" {
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
func reported(follow func(Outcome) string) Expectation {
	return Expectation{Owed: "nothing; the way taken is reported", follow: follow, negative: true}
}

// takenOrNot names the way of a request that may be accepted or refused.
func takenOrNot(o Outcome) string {
	switch {
	case o.NoAnswer != "":
		return "no answer"
	case acceptedAs(o):
		return "accepted"
	case o.Runs > 0:
		return fmt.Sprintf("ran, and answered %d", o.Got.Status)
	}
	return fmt.Sprintf("refused with %d", o.Got.Status)
}

// signedAnswer: the answer carries a signature over its bytes by a key.
func signedAnswer(name KeyName) Expectation {
	return answerHas("a signature by the "+string(name)+" key over its bytes", reference.HeaderSignature,
		func(value string) bool { return strings.Contains(value, macToken(name)) })
}
