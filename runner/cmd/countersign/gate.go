package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
)

// gateFlags are the flags that say what conforming requires.
type gateFlags struct {
	baseline  string
	require   string
	minJudged int
	catalogue string
}

func (f *gateFlags) registerGate(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.baseline, "baseline", "", "known violations: a YAML `FILE` of case, reason, link and, if wanted, expires; see `countersign baseline`")
	flags.StringVar(&f.require, "require", "must", "conforming requires each `LEVEL`: must, or should as well")
	flags.IntVar(&f.minJudged, "min-judged", 0, "conforming requires that at least `N` cases were judged")
	flags.StringVar(&f.catalogue, "catalogue", "", "score only what this `VERSION` of the catalogue had; newer cases are observed: "+strings.Join(suite.PinnedVersions(), ", "))
}

func (f gateFlags) check() error {
	if f.minJudged < 0 {
		return page.Usage("leave it out to require none", "--min-judged must be at least 0, not %d", f.minJudged)
	}
	return nil
}

// gate is what the flags require and excuse.
func (f gateFlags) gate() (gate report.Gate, baseline *report.Baseline, err error) {
	gate.MinJudged = f.minJudged
	if f.require == "should" {
		gate.Require = suite.Should
	}
	if f.baseline != "" {
		baseline, err = run.ReadBaseline(f.baseline)
	}
	return gate, baseline, err
}
