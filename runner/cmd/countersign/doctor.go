package main

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Checks that everything needed to run the targets is installed", Args: cobra.NoArgs,
		Long:    "Exit code 3 means that something is missing, so that some target cannot be run here.",
		Example: "  countersign doctor",
		RunE:    func(c *cobra.Command, _ []string) error { return a.doctor(c.Context()) },
	}
}

// finding is one line of the result.
type finding struct {
	mark, what, found string
}

const (
	well     = "ok"
	missing  = "MISSING" // not installed, or too old
	optional = "-"       // needed for extras only
)

func (a *app) doctor(ctx context.Context) error {
	findings := []finding{{well, "countersign", fmt.Sprintf("%s, built with %s", tool().Version, runtime.Version())}}
	findings = append(findings, look("openssl", "to recompute signatures by hand"))
	for _, d := range launch.Builtin() {
		for _, r := range launch.CheckRequirements(ctx, d) {
			findings = append(findings, judgeRequirement(d, r))
		}
		findings = append(findings, finding{well, d.Name, "installed versions: " + installed(d)})
	}
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", f.mark, f.what, f.found) // Flush gives the error
		if f.mark == missing {
			a.code = page.ExitCouldNotJudge
		}
	}
	return table.Flush()
}

func judgeRequirement(d launch.Description, r launch.Requirement) finding {
	found := fmt.Sprintf("%s, %s needs at least %s", cmp.Or(r.Found, "not found"), d.Name, r.Minimum)
	if r.OK {
		return finding{well, r.Name, found}
	}
	return finding{missing, r.Name, found}
}

func look(command, purpose string) finding {
	at, err := exec.LookPath(command)
	if err != nil {
		return finding{optional, command, "not found; needed only " + purpose}
	}
	return finding{well, command, at}
}
