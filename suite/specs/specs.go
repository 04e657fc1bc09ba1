// Package specs declares the catalogue as Ginkgo specs, for SDKs that are tested
// with Ginkgo: one spec per case, labelled with its level, risk, clause, source and
// tier, and with "destructive" if it may crash a target.
//
//	var _ = specs.Describe("my endpoint", func() engine.Lab { return myLab })
//
// The lab starts targets; that of package inprocess serves any handler. All specs of a container share one run of [engine.Judge], so a target
// is started once per setup, and the verdicts are those of the command line. With
// --label-filter only the selected cases are judged, and the four core cases,
// without which no verdict can be trusted.
package specs

import (
	"context"
	"fmt"
	"slices"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// VerdictEntry is the name of the report entry that contains a spec's verdict.
const VerdictEntry = "verdict"

// Destructive is the label of specs that may crash a target.
const Destructive = "destructive"

// Describe declares an ordered container with one spec per case. lab is called
// once, when the first of them runs. A violated MUST, an inconclusive case and an
// error fail the spec; if the whole run is void, every spec fails. A case that
// is not applicable is skipped.
func Describe(text string, lab func() engine.Lab) bool {
	return ginkgo.Describe(text, ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		var shared judgement
		for _, c := range suite.Catalogue() {
			ginkgo.It(c.ID+": "+c.Title, labels(c), func(ctx context.Context) {
				if shared.lab == nil {
					shared.lab = lab()
				}
				shared.check(ctx, c.ID)
			})
		}
	})
}

func labels(c suite.Case) ginkgo.Labels {
	all := ginkgo.Labels{string(c.Level), string(c.Risk), c.Clause.Section, c.Source, c.Tier.String()}
	if c.Destructive {
		all = append(all, Destructive)
	}
	return all
}

// judgement is the run that the specs of a container share. Ginkgo runs the specs
// of an ordered container one after the other, in one process.
type judgement struct {
	lab     engine.Lab
	results map[string]engine.Result
	failed  string // why the verdicts cannot be trusted; empty if they can
}

// check makes a verdict the outcome of a spec.
func (j *judgement) check(ctx context.Context, id string) {
	if j.results == nil {
		j.judge(ctx, selected())
	}
	if _, judged := j.results[id]; !judged && j.failed == "" { // selected by a label of the enclosing suite
		j.judge(ctx, suite.Catalogue())
	}
	if j.failed != "" {
		ginkgo.Fail(j.failed)
	}
	r := j.results[id]
	ginkgo.AddReportEntry(VerdictEntry, string(r.Verdict))
	text := r.Text(fmt.Sprintf("go test -ginkgo.focus '%s:' -ginkgo.seed %d", id, ginkgo.GinkgoRandomSeed()))
	switch r.Verdict {
	case engine.Fail, engine.Inconclusive, engine.Error:
		ginkgo.Fail(text)
	case engine.Warn:
		ginkgo.GinkgoWriter.Println(text)
	case engine.Blocked:
		if r.Open() {
			ginkgo.Fail(text)
		}
		ginkgo.Skip("blocked: " + r.Note)
	case engine.NotApplicable:
		ginkgo.Skip(r.Note)
	}
}

func (j *judgement) judge(ctx context.Context, cases []suite.Case) {
	j.results = map[string]engine.Result{}
	judged, err := engine.Judge(ctx, j.lab, cases, engine.Options{Jobs: 1, Seed: uint64(ginkgo.GinkgoRandomSeed())})
	switch {
	case err != nil:
		j.failed = "judging the target: " + err.Error()
	case judged.Void != "":
		j.failed = "void: " + judged.Void
	}
	for _, r := range judged.Results {
		j.results[r.Case.ID] = r
	}
}

// selected are the cases that the label filter selects, and the core.
func selected() []suite.Case {
	filter, err := types.ParseLabelFilter(ginkgo.GinkgoLabelFilter())
	if err != nil {
		ginkgo.Fail("reading the label filter: " + err.Error())
	}
	outer := slices.Concat(ginkgo.CurrentSpecReport().ContainerHierarchyLabels...)
	return slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool {
		return !slices.Contains(suite.Core, c.ID) && !filter(slices.Concat(outer, labels(c)))
	})
}
