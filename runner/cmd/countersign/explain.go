package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

func (a *app) explainCommand() *cobra.Command {
	f := compareFlags{}
	command := &cobra.Command{
		Use: "explain CASE [--targets A,B]", Short: "Shows the requirement of a case, its reason, and how it is judged",
		Long: "With --targets the case is run against each of them, and their exchanges are shown beside each other.\n\n" +
			"Exit codes with --targets: 0 all pass, 1 one fails, 2 usage error, 3 could not judge, 4 void.",
		Example: `  countersign explain receiving.expired
  countersign explain receiving.expired --targets reference,inngest-js@4.24.0`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return page.Usage("`countersign list` shows every case", "explain takes the id of one case")
			}
			return nil
		},
		ValidArgsFunction: completeWith(caseIDs),
		RunE: func(c *cobra.Command, args []string) error {
			f.draw(c)
			return a.explain(c.Context(), args[0], f)
		},
	}
	f.register(command)
	return command
}

func caseIDs() (ids []string) {
	for _, c := range suite.Catalogue() {
		ids = append(ids, c.ID)
	}
	return ids
}

func (a *app) explain(ctx context.Context, id string, f compareFlags) error {
	c, err := suite.Find(id)
	if err != nil {
		return noCase(id)
	}
	if len(f.targets) > 0 {
		return a.compare(ctx, c.ID, f)
	}
	p := page.New(a.stdout, a.style(a.stdout, false))
	p.Heading(c.ID)
	p.Paragraph(page.Sentence(c.Title))
	p.Line()
	p.Labelled("clause", c.Clause.String()+": "+c.Clause.Text())
	p.Labelled("source", c.Source+": "+suite.Sources[c.Source])
	p.Labelled("level", levels[c.Level])
	p.Labelled("risk", string(c.Risk))
	p.Labelled("attacker", attackerOf(c))
	p.Labelled("impact", page.Sentence(c.Why()))
	p.Labelled("ambiguity", ambiguityOf(c))
	p.Labelled("needs", needsOf(c))
	p.Labelled("set-up", c.Given.String())
	p.Labelled("sent", c.Sent())
	p.Labelled("expected", c.Then.Requirement)
	p.Labelled("control", c.ControlText())
	p.Labelled("rests on", strings.Join(c.Prerequisites(), ", "))
	p.Labelled("tier", tierOf(c))
	p.Labelled("destructive", destructiveOf(c))
	p.Labelled("defined in", "suite/"+c.Clause.Line)
	p.Command("run it", a.self+" run --case "+c.ID)
	return p.Flush("the case")
}

// levels explain what a level means for the verdict.
var levels = map[suite.Level]string{
	suite.Must:   "MUST: not meeting it is a violation",
	suite.Should: "SHOULD: not meeting it is a warning",
	suite.May:    "MAY: the behaviour is observed, not scored",
}

// attackerOf names who can send a request that must be refused.
func attackerOf(c suite.Case) string {
	if c.By == "" {
		return "none: the case requires no refusal"
	}
	return string(c.By)
}

func ambiguityOf(c suite.Case) string {
	ambiguity, touched := suite.FindAmbiguity(c.Ambiguity)
	if !touched {
		return ""
	}
	return c.Ambiguity + ": the specification leaves open " + ambiguity.Question
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

// tierOf names the runs that include a case.
func tierOf(c suite.Case) string {
	if c.Destructive {
		return c.Tier.String() + ": included with --destructive, in runs of that tier and of larger ones"
	}
	return map[suite.Tier]string{
		suite.Smoke: "smoke: included in every run", suite.Default: "default: included unless --tier is smoke", suite.Deep: "deep: included with --tier deep",
	}[c.Tier]
}

func destructiveOf(c suite.Case) string {
	if !c.Destructive {
		return "no"
	}
	return "yes: the request may end the target; it is sent with --destructive, or where --case names it in full"
}
