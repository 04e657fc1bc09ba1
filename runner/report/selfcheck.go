package report

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
)

// SelfCheck is how endpoints with a known verdict were judged. It is made in
// every run, before the target is judged.
type SelfCheck struct {
	Endpoints []KnownEndpoint `json:"endpoints"`
	Misjudged string          `json:"misjudged,omitempty"` // which one got a wrong verdict; the results can't be trusted
}

// KnownEndpoint is an endpoint with a known verdict: the reference, or a mutant.
type KnownEndpoint struct {
	Name    string `json:"name"`
	Correct bool   `json:"correct"`        // the reference; a mutant is not
	Case    string `json:"case,omitempty"` // the one that detects the mutant; empty where all cases are judged
	Verdict string `json:"verdict"`        // what it got
}

// String is the result of the self-check in one line.
func (c SelfCheck) String() string {
	if c.Misjudged != "" {
		return "self-check: failed"
	}
	var words []string
	for _, e := range c.Endpoints {
		word := "mutant " + e.Name + " detected"
		if e.Correct {
			word = e.Name + " passed"
		}
		words = append(words, word)
	}
	return "self-check: " + strings.Join(words, ", ")
}

// short is [SelfCheck.String] with the number of endpoints in place of their names.
func (c SelfCheck) short() string {
	if c.Misjudged != "" || len(c.Endpoints) == 0 {
		return c.String()
	}
	return fmt.Sprintf("self-check: %s with a known verdict judged rightly", page.Count(len(c.Endpoints), "endpoint"))
}
