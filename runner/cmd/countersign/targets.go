package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
)

func (a *app) targetsCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "targets", Short: "Lists the SDKs that can be installed and tested",
		Long: "A variant is chosen as NAME/VARIANT; without one the first that the version has is used.",
		Example: `  countersign targets
  countersign targets clean                      remove everything that was installed
  countersign run --target inngest-js/express    a variant`,
		RunE: func(*cobra.Command, []string) error {
			table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(table, "NAME\tTITLE\tPACKAGE\tDEFAULT\tVERSIONS\tINSTALLED\tVARIANTS") // Flush gives the error
			for _, d := range launch.Builtin() {
				_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.Name, d.Title, d.Package, d.DefaultVersion, d.Versions, installed(d), strings.Join(d.VariantNames(), " "))
			}
			return table.Flush()
		},
	}
	command.Args = func(_ *cobra.Command, args []string) error { return noCommand(command, args) }
	command.AddCommand(a.cleanCommand())
	return command
}

// installed lists the versions that are in the cache.
func installed(d launch.Description) string {
	return cmp.Or(strings.Join(launch.Cached(d), " "), "none")
}

func (a *app) cleanCommand() *cobra.Command {
	return &cobra.Command{
		Use: "clean [NAME[@VERSION]]", Short: "Removes what was installed for targets", Args: cobra.MaximumNArgs(1),
		Long: "Removes installed versions from the cache folder: of one target, of one of its versions, or of all\n" +
			"targets. What a run uses stays. The cache folder is COUNTERSIGN_CACHE, or countersign in the user's.\n\n" +
			"Exit codes: 0 cleaned, 3 something could not be removed or is in use.",
		Example: `  countersign targets clean
  countersign targets clean inngest-js@4.24.0
  countersign targets clean ./my-sdk`,
		ValidArgsFunction: completeWith(installedNames),
		RunE:              func(_ *cobra.Command, args []string) error { return a.clean(strings.Join(args, "")) },
	}
}

// installedNames are what can be removed by its name.
func installedNames() (names []string) {
	for _, d := range launch.Builtin() {
		names = append(names, d.Name)
		for _, version := range launch.Cached(d) {
			names = append(names, d.Name+"@"+version)
		}
	}
	return names
}

func (a *app) clean(text string) error {
	name, version := run.SplitVersion(text)
	if name == "" && text != "" {
		return page.Usage("write NAME@VERSION", "%q names no target", text)
	}
	var d launch.Description
	if name != "" {
		var err error
		if d, err = launch.Find(name); err != nil {
			return err
		}
		name = d.Name
	}
	cleaned, err := launch.Clean(name, version)
	if err != nil {
		return run.Describe(err)
	}
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, c := range cleaned {
		_, _ = fmt.Fprintf(table, "%d MB\t %s  %s\n", (c.Bytes+1<<20-1)>>20, page.CleanLine(c.Name), a.cleanedAs(c)) // Flush gives the error
	}
	if len(cleaned) == 0 {
		_, _ = fmt.Fprintln(table, nothingOf(d, version))
	}
	return table.Flush()
}

// nothingOf says that nothing was removed, and what could be.
func nothingOf(d launch.Description, version string) string {
	there := launch.Cached(d)
	if version == "" || len(there) == 0 {
		return "nothing is installed"
	}
	return fmt.Sprintf("%s %s is not installed; there are %s", d.Name, page.CleanLine(version), strings.Join(there, ", "))
}

func (a *app) cleanedAs(c launch.Cleaned) string {
	switch {
	case c.Err != nil:
		a.code = page.ExitCouldNotJudge
		return "not removed: " + page.CleanLine(c.Err.Error())
	case c.InUse:
		a.code = page.ExitCouldNotJudge
		return "not removed: in use"
	}
	return "removed"
}
