package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
)

// judgeFlags are the flags of `judge`.
type judgeFlags struct {
	gateFlags
	from             string
	reports          []string
	verbose, noColor bool
}

func (a *app) judgeCommand() *cobra.Command {
	f := judgeFlags{}
	command := &cobra.Command{
		Use: "judge --from DIR [flags]", Short: "Judges what a run observed, without its target", Args: noArguments,
		Long: "Gives every verdict again, by the catalogue of this version, from a folder that `countersign run --evidence DIR` wrote.\n" +
			"No target is needed, nothing is sent, and nothing in the folder is run. A case that is newer than the evidence is not\n" +
			"scored, one that sends something else by now is inconclusive, and one that is gone is listed.\n\n" +
			"A folder that has changed since it was written is refused: its SHA256SUMS has the digests, which `sha256sum -c` checks,\n" +
			"too. Compare the SHA-256 of SHA256SUMS itself with the one that the run printed.\n\n" +
			"The exit codes are those of `countersign run`.",
		Example: `  countersign run --target inngest-js@4.24.0 --evidence evidence   what is judged, on one machine
  countersign judge --from evidence                                the same verdicts, on any other
  countersign judge --from evidence --report html=r.html --baseline known.yaml`,
		RunE: func(c *cobra.Command, _ []string) error { return a.judge(c.Context(), f) },
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.from, "from", "", "the folder `DIR` that a run wrote")
	f.registerGate(command)
	registerReports(command, &f.reports, report.Formats)
	flags.BoolVar(&f.verbose, "verbose", false, verboseHelp)
	flags.BoolVar(&f.noColor, "no-color", false, "no colours, as with NO_COLOR")
	return command
}

func (a *app) judge(ctx context.Context, f judgeFlags) error {
	if f.from == "" {
		return page.Usage("write `countersign judge --from DIR`", "judge takes a folder that `countersign run --evidence DIR` wrote")
	}
	if err := f.check(); err != nil {
		return err
	}
	outputs, err := formats[report.Report](report.Formats).parse(f.reports)
	if err != nil {
		return err
	}
	o := run.FromOptions{Folder: f.from, Catalogue: f.catalogue, Tool: tool()}
	if o.Gate, o.Baseline, err = f.gate(); err != nil {
		return err
	}
	r, err := run.FromEvidence(ctx, o)
	if err != nil {
		return err
	}
	return publish(a, outputs, r, report.Summary(f.verbose), r.Conclusion, f.noColor)
}
