package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite/engine"
)

func (a *app) baselineCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "baseline", Short: "Writes a baseline of known violations from a JSON report, or removes from it what is not needed any more",
		Example: `  countersign run --target inngest-js --report json=r.json
  countersign baseline write r.json --into known.yaml --reason 'fixed in the next release' --link https://example.com/1
  countersign run --target inngest-js --baseline known.yaml
  countersign baseline prune r.json --from known.yaml`,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	command.AddCommand(a.baselineWriteCommand(), a.baselinePruneCommand())
	command.Args = func(_ *cobra.Command, args []string) error { return noCommand(command, args) }
	return command
}

// baselineFlags are the flags of `baseline write`.
type baselineFlags struct {
	into, reason, link, expires string
	warnings, inconclusive      bool
}

func (a *app) baselineWriteCommand() *cobra.Command {
	f := baselineFlags{}
	command := &cobra.Command{
		Use: "write REPORT --into FILE --reason TEXT --link URL", Short: "Adds the violations of a report to a baseline",
		Long: "Entries that the file already has stay as they are. A violation of the four core cases can't be\n" +
			"excused: it is named, and the exit code is 1.\n\n" +
			"Exit codes: 0 written, 1 something can't be excused, 2 usage error.",
		Example: `  countersign baseline write r.json --into known.yaml --reason 'fixed in the next release' --link https://example.com/1
  countersign baseline write r.json --into known.yaml --reason 'until 2.0' --link https://example.com/1 --expires 2026-12-31`,
		Args: oneReport,
		RunE: func(_ *cobra.Command, args []string) error { return a.writeBaseline(args[0], f) },
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.into, "into", "", "the baseline, a YAML `FILE`; it is made if it is not there")
	flags.StringVar(&f.reason, "reason", "", "why the violations are known: a `TEXT`")
	flags.StringVar(&f.link, "link", "", "where they are tracked: a `URL`")
	flags.StringVar(&f.expires, "expires", "", "the last `DAY` on which they are excused, as 2026-12-31 (default: no end)")
	flags.BoolVar(&f.warnings, "warnings", false, "also SHOULDs that are not met, for runs with --require should")
	flags.BoolVar(&f.inconclusive, "inconclusive", false, "also MUSTs that are inconclusive, as behind a proxy that responds itself")
	return command
}

func oneReport(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return page.Usage("`countersign run --report json=FILE` writes one", "give one JSON report, not %d", len(args))
	}
	return nil
}

func (a *app) writeBaseline(path string, f baselineFlags) error {
	if f.into == "" || f.reason == "" || f.link == "" {
		return page.Usage("every entry says why, and where it is tracked", "baseline write requires --into, --reason and --link")
	}
	r, err := trustedReport(path)
	if err != nil {
		return err
	}
	text, entries, err := readEntries(f.into)
	if err != nil {
		return err
	}
	found, core := run.Excusable(r, entries, f.warnings, f.inconclusive)
	for i := range found {
		found[i].Reason, found[i].Link, found[i].Expires = f.reason, f.link, f.expires
	}
	if err := engine.CheckExcuses(found); err != nil {
		return page.Usage("see `countersign baseline write --help`", "%v", err)
	}
	if text, err = run.AppendBaseline(text, found); err != nil {
		return run.Describe(err)
	}
	if err := writeText(f.into, text); err != nil {
		return err
	}
	for _, e := range found {
		_, _ = fmt.Fprintf(a.stdout, "added %s\n", e.Case) // the file is what counts
	}
	_, _ = fmt.Fprintf(a.stdout, "%s added to %s, which had %d\n", entryCount(len(found)), page.CleanLine(f.into), len(entries))
	if len(core) > 0 {
		a.code = page.ExitViolates
		_, _ = fmt.Fprintf(a.stderr, "countersign: not excused: %s: a target that fails it accepts forged requests\n", strings.Join(core, ", "))
	}
	return nil
}

func (a *app) baselinePruneCommand() *cobra.Command {
	var from string
	command := &cobra.Command{
		Use: "prune REPORT --from FILE", Short: "Removes entries whose cases pass or do not exist, and those that have expired",
		Long: "Comments right above an entry are removed with it; everything else stays as it is. The report is of a run\n" +
			"with or without the baseline.\n\n" +
			"Exit codes: 0 pruned, 2 usage error.",
		Example: "  countersign baseline prune r.json --from known.yaml",
		Args:    oneReport,
		RunE: func(_ *cobra.Command, args []string) error {
			if from == "" {
				return page.Usage("for example --from known.yaml", "baseline prune requires --from")
			}
			return a.pruneBaseline(args[0], from)
		},
	}
	command.Flags().StringVar(&from, "from", "", "the baseline, a YAML `FILE`")
	return command
}

func (a *app) pruneBaseline(path, from string) error {
	r, err := trustedReport(path)
	if err != nil {
		return err
	}
	baseline, err := run.ReadBaseline(from)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return page.Usage("--from takes the path of a YAML file", "the baseline cannot be read: %v", err)
	}
	ids := run.Needless(r, baseline.Entries)
	if text, err = run.PruneBaseline(text, ids); err != nil {
		return run.Describe(err)
	}
	if len(ids) > 0 {
		if err := writeText(from, text); err != nil {
			return err
		}
	}
	for _, id := range ids {
		_, _ = fmt.Fprintf(a.stdout, "removed %s\n", page.CleanLine(id)) // the file is what counts
	}
	_, _ = fmt.Fprintf(a.stdout, "%s of %d removed from %s\n", entryCount(len(ids)), len(baseline.Entries), page.CleanLine(from))
	return nil
}

func entryCount(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// trustedReport reads a report that a baseline can be made from.
func trustedReport(path string) (report.Report, error) {
	r, err := readReportFile(path)
	if err == nil && r.Void {
		err = page.Usage("find out why with `countersign report "+page.Quote(path)+"`", "%s is of a void run, whose verdicts can't be trusted", path)
	}
	return r, err
}

// readEntries reads a baseline that may not be there yet.
func readEntries(path string) ([]byte, []engine.Excuse, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, page.Usage("--into takes the path of a YAML file", "the baseline cannot be read: %v", err)
	}
	baseline, err := run.ReadBaseline(path)
	if err != nil {
		return nil, nil, err
	}
	return text, baseline.Entries, nil
}

func writeText(path string, text []byte) error {
	err := page.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	return nil
}
