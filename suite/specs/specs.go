// Package specs shows the catalogue as Ginkgo specs, for those who test a Go
// SDK with Ginkgo: one spec a case, labelled by its level, risk and clause.
//
//	var _ = specs.Describe("my endpoint", func() suite.Lab { return myLab })
//
// Every spec asks the suite's own judge, so its verdict is the command line's.
package specs

import (
	"context"
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// VerdictEntry is the name of the report entry that holds a spec's verdict.
const VerdictEntry = "verdict"

// Describe declares one spec for every case, against the lab that it is given
// when the specs run. A MUST that is not met, an inconclusive case and an error
// fail the spec; a SHOULD that is not met is noted; a case that does not apply
// is skipped.
func Describe(text string, lab func() engine.Lab) bool {
	return ginkgo.Describe(text, func() {
		for _, c := range suite.Catalogue() {
			ginkgo.It(c.ID+": "+c.Title, labels(c), func(ctx context.Context) { check(ctx, lab(), c.ID) })
		}
	})
}

func labels(c suite.Case) ginkgo.Labels {
	return ginkgo.Labels{string(c.Level), string(c.Risk), c.Clause.Section, c.Source}
}

func check(ctx context.Context, lab engine.Lab, id string) {
	c, err := suite.Find(id) // fresh expectations for every run
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	judged, err := engine.Judge(ctx, lab, []suite.Case{c}, engine.Options{Jobs: 1, Seed: uint64(ginkgo.GinkgoRandomSeed())})
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	result := judged.Results[0]
	ginkgo.AddReportEntry(VerdictEntry, string(result.Verdict))
	switch result.Verdict {
	case engine.Fail, engine.Inconclusive, engine.Error:
		ginkgo.Fail(Tell(result))
	case engine.NotApplicable:
		ginkgo.Skip(result.Note)
	}
}

// Tell says what is owed before it says what was seen.
func Tell(r engine.Result) string {
	told := fmt.Sprintf("%s: %s\n%s %s\nexpected: %s\nseen: %s", r.Case.Clause, r.Case.Clause.Text(), r.Case.Level, r.Case.Title, r.Expected, r.Seen)
	if r.Note != "" {
		told += "\nnote: " + r.Note
	}
	return told
}
