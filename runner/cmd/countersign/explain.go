package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use: "explain CASE", Short: "Says what a case asks for, why, and how it is judged",
		Example: "  countersign explain receiving.expired",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return misuse("`countersign list` shows every case", "explain takes the id of one case")
			}
			return nil
		},
		ValidArgsFunction: completeCases,
		RunE:              func(_ *cobra.Command, args []string) error { return a.explain(args[0]) },
	}
}

func completeCases(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	for _, c := range suite.Catalogue() {
		ids = append(ids, c.ID)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) explain(id string) error {
	c, err := suite.Find(id)
	if err != nil {
		return noCase(id, scope{tier: suite.Deep, destructive: true})
	}
	return report.Prose(a.stdout, a.style(a.stdout, false), []report.Entry{
		{Label: c.ID, Text: strings.ToUpper(c.Title[:1]) + c.Title[1:] + "."},
		{Label: "clause", Text: c.Clause.String() + ": " + c.Clause.Text()},
		{Label: "seed", Text: c.Source + ": " + suite.Seed[c.Source]},
		{Label: "level", Text: levels[c.Level]},
		{Label: "risk", Text: fmt.Sprintf("%s: %s", c.Risk, c.Risk.Why())},
		{Label: "reading", Text: readingOf(c)},
		{Label: "needs", Text: needsOf(c)},
		{Label: "given", Text: "a target with " + c.Given.String()},
		{Label: "sent", Text: suite.Describe(c.When)},
		{Label: "then", Text: c.Then.Requirement},
		{Label: "control", Text: c.ControlText()},
		{Label: "tier", Text: c.Tier.String()},
		{Label: "written", Text: "suite/" + c.Clause.Line},
		{Label: "run it", Text: a.self + " run --case " + c.ID, Whole: true},
	})
}

// levels say what a level means for the verdict.
var levels = map[suite.Level]string{
	suite.Must:   "MUST: a target that does otherwise violates",
	suite.Should: "SHOULD: a target that does otherwise is warned",
	suite.May:    "MAY: the way that a target takes is reported and never scored",
}

func readingOf(c suite.Case) string {
	reading, touched := suite.FindAmbiguity(c.Ambiguity)
	if !touched {
		return ""
	}
	return c.Ambiguity + ": the texts leave open " + reading.Question
}

func needsOf(c suite.Case) string {
	var words []string
	for _, need := range c.Needs {
		words = append(words, string(need))
	}
	if len(words) == 0 {
		return ""
	}
	return "a target that claims " + strings.Join(words, " and ")
}
