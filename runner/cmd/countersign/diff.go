package main

import (
	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
)

func (a *app) diffCommand() *cobra.Command {
	var asJSON, noColor bool
	command := &cobra.Command{
		Use: "diff OLD NEW [flags]", Short: "Compares two JSON reports of a target: regressions, fixes, and changes where the specification is ambiguous",
		Long: "A violation or warning that the old report does not have is a regression, excused or not.\n\n" +
			"Exit codes: 0 no regression, 1 regressions, 2 usage error, 3 a case was judged in the old report only,\n" +
			"4 one of the runs is void.",
		Example: `  countersign run --target inngest-js@4.23.0 --report json=old.json
  countersign run --target inngest-js@4.24.0 --report json=new.json
  countersign diff old.json new.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return page.Usage("`countersign run --report json=FILE` writes one", "diff takes two JSON reports, not %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			older, err := readReportFile(args[0])
			if err != nil {
				return err
			}
			newer, err := readReportFile(args[1])
			if err != nil {
				return err
			}
			d := report.DiffOf(older, newer)
			a.code = d.Conclusion.ExitCode
			if asJSON {
				return d.JSON(a.stdout)
			}
			return d.Text(a.stdout, a.style(a.stdout, noColor))
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	command.Flags().BoolVar(&noColor, "no-color", false, "no colours, as with NO_COLOR")
	return command
}
