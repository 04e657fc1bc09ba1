package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/launch"
)

func (a *app) targetsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "targets", Short: "Lists the SDKs that can be installed and tested", Args: cobra.NoArgs,
		Example: "  countersign targets",
		RunE: func(*cobra.Command, []string) error {
			table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(table, "NAME\tTITLE\tPACKAGE\tDEFAULT\tVERSIONS\tINSTALLED") // Flush gives the error
			for _, d := range launch.Builtin() {
				_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", d.Name, d.Title, d.Package, d.DefaultVersion, d.Versions, installed(d))
			}
			return table.Flush()
		},
	}
}

// installed lists the versions that are in the cache.
func installed(d launch.Description) string {
	return cmp.Or(strings.Join(launch.Cached(d), " "), "none")
}
