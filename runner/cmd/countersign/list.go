package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/suite"
)

// listed is a case as `list --json` tells it.
type listed struct {
	ID      string             `json:"id"`
	Clause  string             `json:"clause"`
	Seed    string             `json:"seed"`
	Level   suite.Level        `json:"level"`
	Risk    suite.Risk         `json:"risk"`
	Tier    string             `json:"tier"`
	Title   string             `json:"title"`
	Reading string             `json:"reading,omitempty"`
	Needs   []suite.Capability `json:"needs,omitempty"`

	Destructive bool `json:"destructive,omitempty"`
}

func (a *app) listCommand() *cobra.Command {
	var asJSON bool
	tier := suite.Deep.String()
	list := &cobra.Command{
		Use: "list [flags]", Short: "Lists the cases", Args: cobra.NoArgs,
		Example: "  countersign list --tier smoke\n  countersign list --json | jq -r '.[].id'",
		RunE: func(*cobra.Command, []string) error {
			within, err := parseTier(tier)
			if err != nil {
				return err
			}
			return a.list(casesOf(scope{tier: within, destructive: within == suite.Deep}), asJSON)
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	list.Flags().StringVar(&tier, "tier", tier, "only the cases of this tier: smoke, default or deep")
	return list
}

func casesOf(in scope) []listed {
	cases := []listed{}
	for _, c := range in.profile.Catalogue() {
		if in.includes(c) {
			cases = append(cases, listed{
				c.ID, c.Clause.String(), c.Source, c.Level, c.Risk, c.Tier.String(), c.Title, c.Ambiguity, c.Needs, c.Destructive,
			})
		}
	}
	return cases
}

func (a *app) list(cases []listed, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(a.stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(cases)
	}
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "CASE\tCLAUSE\tLEVEL\tRISK\tTITLE") // Flush tells of errors
	for _, c := range cases {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.ID, c.Clause, c.Level, c.Risk, c.Title)
	}
	return table.Flush()
}
