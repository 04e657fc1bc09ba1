package run

import (
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
)

const baselineForm = "a baseline is a list of entries, each with case, reason and link"

// ReadBaseline reads known violations, strictly: an unknown key, an entry without
// a reason, or one for a case of the core is an error.
func ReadBaseline(file string) (*report.Baseline, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, page.Usage("--baseline takes the path of a YAML file", "the baseline cannot be read: %v", err)
	}
	baseline := &report.Baseline{File: file}
	if err := yaml.UnmarshalWithOptions(text, &baseline.Entries, yaml.Strict()); err != nil {
		at, _, _ := strings.Cut(err.Error(), "\n") // "[line:column] what is wrong", and then the text
		return nil, page.Usage(baselineForm, "the baseline %s: %s", file, at)
	}
	seen := map[string]bool{}
	for i, e := range baseline.Entries {
		switch {
		case e.Case == "" || e.Reason == "" || e.Link == "":
			return nil, page.Usage(baselineForm, "the baseline %s: entry %d lacks a case, a reason or a link", file, i+1)
		case slices.Contains(suite.Core, e.Case):
			return nil, page.Usage("a target that fails it accepts forged requests; no other result can make up for that",
				"the baseline %s: %s cannot be excused", file, e.Case)
		case seen[e.Case]:
			return nil, page.Usage("keep one of them", "the baseline %s: %s is excused twice", file, e.Case)
		}
		seen[e.Case] = true
	}
	return baseline, nil
}
