package run

import (
	"os"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
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
	if err := engine.CheckExcuses(baseline.Entries); err != nil {
		return nil, page.Usage(baselineForm, "the baseline %s: %v", file, err)
	}
	return baseline, nil
}
