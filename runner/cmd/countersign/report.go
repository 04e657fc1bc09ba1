package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
)

const verboseHelp = "show all findings in full, unspecified behaviour and measurements"

func (a *app) reportCommand() *cobra.Command {
	var reports []string
	var noColor, verbose bool
	command := &cobra.Command{
		Use: "report FILE [flags]", Short: "Shows a JSON report of a run again, or writes it in other formats",
		Long: "The exit code is that of the run.",
		Example: `  countersign report r.json
  countersign report r.json --report html=r.html --report junit=r.xml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return page.Usage("`countersign run --report json=FILE` writes one", "report takes one JSON report, not %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			outputs, err := formats[report.Report](report.Formats).parse(reports)
			if err != nil {
				return err
			}
			r, err := readReportFile(args[0])
			if err != nil {
				return err
			}
			return publish(a, outputs, r, report.Summary(verbose), r.Conclusion, noColor)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	registerReports(command, &reports, report.Formats)
	flags.BoolVar(&verbose, "verbose", false, verboseHelp)
	flags.BoolVar(&noColor, "no-color", false, "no colours, as with NO_COLOR")
	return command
}

// readReportFile reads a JSON report of a run.
func readReportFile(path string) (report.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return report.Report{}, page.Usage("`countersign run --report json=FILE` writes one", "the report cannot be read: %v", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	r, err := report.ReadJSON(file)
	if err != nil {
		return report.Report{}, page.Usage("`countersign run --report json=FILE` writes one", "%s: %v", path, err)
	}
	return r, nil
}
