package main

import (
	"cmp"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
)

// listed is a case as `list --json` writes it.
type listed struct {
	ID          string             `json:"id"`
	Clause      string             `json:"clause"`
	Source      string             `json:"source"`
	Level       suite.Level        `json:"level"`
	Risk        suite.Risk         `json:"risk"`
	Attacker    suite.Attacker     `json:"attacker,omitempty"` // who can send it, where it must be refused
	Tier        string             `json:"tier"`
	Destructive bool               `json:"destructive"`
	Title       string             `json:"title"`
	Ambiguity   string             `json:"ambiguity,omitempty"`
	Needs       []suite.Capability `json:"needs,omitempty"`
}

func (a *app) listCommand() *cobra.Command {
	var asJSON bool
	tier := suite.Deep.String()
	list := &cobra.Command{
		Use: "list [flags]", Short: "Lists the cases", Args: cobra.NoArgs,
		Long: "Destructive cases may end the target. They are marked, and run only with\n" +
			"`countersign run --destructive` or where --case names them in full.",
		Example: "  countersign list --tier smoke\n  countersign list --json | jq -r '.[].id'",
		RunE: func(*cobra.Command, []string) error {
			return a.list(run.Selection{Tier: run.TierOf(tier), Destructive: true}.Available(), asJSON)
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	list.Flags().StringVar(&tier, "tier", tier, "only the cases of a `TIER`: smoke, default or deep")
	return list
}

func (a *app) list(cases []suite.Case, asJSON bool) error {
	if asJSON {
		all := []listed{}
		for _, c := range cases {
			all = append(all, listed{c.ID, c.Clause.String(), c.Source, c.Level, c.Risk, c.By, c.Tier.String(), c.Destructive, c.Title, c.Ambiguity, c.Needs})
		}
		return page.JSON(a.stdout, all)
	}
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "CASE\tCLAUSE\tLEVEL\tRISK\tATTACKER\tTIER\tTITLE") // Flush gives the error
	for _, c := range cases {
		tier := c.Tier.String()
		if c.Destructive {
			tier += ", destructive"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Clause, c.Level, c.Risk, cmp.Or(c.By, "-"), tier, c.Title)
	}
	return table.Flush()
}
