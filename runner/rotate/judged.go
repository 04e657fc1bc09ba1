package rotate

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
)

// outcome: an authentic request is accepted only if everything about it succeeded,
// any other one if it ran, with any response.
func (r RequestRecord) outcome() outcome {
	ran, success := r.Process > 0, r.succeeded()
	_, _, refused := r.final()
	switch {
	case r.Kind == kindSync && success && refused == 0,
		r.Kind.authentic() && r.Kind != kindSync && ran && success,
		!r.Kind.authentic() && ran:
		return outcomeAccepted
	case r.NoResponse != "":
		return outcomeNoResponse
	}
	return outcomeRefused
}

func (r RequestRecord) succeeded() bool { return r.NoResponse == "" && r.Status/100 == 2 }

// violation describes the violation that a request shows, or is "".
func (r RequestRecord) violation() string {
	_, _, refused := r.final()
	switch {
	case refused > 0:
		return "the API finally refused it: " + r.attemptsInWords()
	case r.Kind.authentic() && r.Outcome != outcomeAccepted:
		return r.observed()
	case r.Kind.forged() && r.Outcome == outcomeAccepted, r.oldKeyAccepted():
		return r.observed()
	}
	return ""
}

func (r RequestRecord) oldKeyAccepted() bool {
	return r.Kind == kindOldKey && r.Stage == after && r.Outcome == outcomeAccepted
}

// observed describes what was observed of a request.
func (r RequestRecord) observed() string {
	ran := "it did not run"
	switch {
	case r.Kind == kindSync:
		ran = "the API received " + page.Count(len(r.API), "request")
	case r.Process > 0:
		ran = fmt.Sprintf("it ran in process %d", r.Process)
	}
	if r.NoResponse != "" {
		return r.NoResponse + ", and " + ran
	}
	return fmt.Sprintf("the response was %d, and %s", r.Status, ran)
}

func (r RequestRecord) attemptsInWords() string {
	var words []string
	for _, a := range r.API {
		words = append(words, fmt.Sprintf("%s with key %s got %d", a.Request, a.Bearer, a.Status))
	}
	return strings.Join(words, ", ")
}
