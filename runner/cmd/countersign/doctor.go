package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/doctor"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
)

// doctorFlags are the flags of `doctor`.
type doctorFlags struct {
	limitFlags
	keyFlags
	target, url string
	allowRemote bool
	rate        uint16
	asJSON      bool
	quiet       bool
}

func (a *app) doctorCommand() *cobra.Command {
	f := doctorFlags{}
	command := &cobra.Command{
		Use: "doctor [flags]", Short: "Finds the mistake in a set-up: of an endpoint, of a target app, or of this machine", Args: noArguments,
		Long: "With --url it finds out why Inngest's requests to an endpoint fail: wrong key (and what is wrong with it),\n" +
			"dev mode, wrong path, redirect, login or bot wall, a body or header that is changed on the way, a clock, a\n" +
			"limit. It sends at most 20 requests: none names a function that exists, none is a PUT.\n\n" +
			"With --target it walks through the contract of a target app: tools, set-up, start, port, who listens,\n" +
			"mode, app id, function, beacon, sync and clean stop. At the first step that fails it says what was\n" +
			"observed and what to do.\n\n" +
			"Without both it checks that everything needed to run the targets is installed.\n\n" +
			"Exit codes: 0 all is well, 1 --url: a mistake was found, 2 usage error, 3 something is missing or a step failed.",
		Example: `  INNGEST_SIGNING_KEY=… countersign doctor --url https://example.com/api/inngest --allow-remote
  countersign doctor                     what is installed here
  countersign doctor --target ./my-sdk   a target of your own, step by step`,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case f.url != "" && f.target != "":
				return page.Usage("--target starts an app, --url uses a running endpoint", "--target and --url are mutually exclusive")
			case f.url != "":
				return a.diagnose(c.Context(), f)
			case f.target != "":
				return a.examine(c.Context(), f)
			case f.keyFile != "" || f.allowRemote || f.asJSON:
				return page.Usage("for example: countersign doctor --url http://127.0.0.1:3000/api/inngest", "--key-file, --allow-remote and --json require --url")
			}
			return a.doctor(c.Context())
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.url, "url", "", "find out why requests to the endpoint at this `URL` fail")
	f.registerKeys(command)
	flags.BoolVar(&f.allowRemote, "allow-remote", false, "with --url: allow an address other than loopback")
	flags.Uint16Var(&f.rate, "rate", careful, "with --url: send at most `N` requests per second; 0: no limit")
	flags.BoolVar(&f.asJSON, "json", false, "with --url: the result as JSON")
	flags.StringVar(&f.target, "target", "", "check this target: `NAME[/VARIANT][@VERSION]`, or the path of a folder with a target.yaml")
	f.registerLimits(command)
	flags.BoolVar(&f.quiet, "quiet", false, "hide progress output")
	return command
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
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", f.mark, page.CleanLine(f.what), page.CleanLine(f.found)) // Flush gives the error
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

// examine checks one target step by step.
func (a *app) examine(ctx context.Context, f doctorFlags) error {
	progress := a.progress(f.quiet)
	defer progress.Done()
	steps, err := doctor.Check(ctx, doctor.Options{Target: f.target, Limits: f.limits, Seed: uint64(rand.Uint32()), Say: progress.Say})
	if err != nil {
		return err
	}
	progress.Done()
	out := page.New(a.stdout, a.style(a.stdout, false))
	for _, s := range steps {
		if s.State != doctor.NotChecked {
			writeStep(out, s)
		}
		if s.State == doctor.Failed {
			a.code = page.ExitCouldNotJudge
		}
	}
	if rest := notChecked(steps); len(rest) > 0 {
		out.Beside(stepColumns, string(doctor.NotChecked), strings.Join(rest, ", "))
	}
	return out.Flush("the steps")
}

// stepColumns is the width of the columns before what was observed.
const stepColumns = 22

func writeStep(out *page.Page, s doctor.Step) {
	out.Beside(stepColumns, page.Pad(string(s.State), 8)+s.Name, s.Observed)
	out.Output(s.Output, page.Dim)
	if s.Remedy != "" {
		out.Beside(stepColumns, "        remedy", s.Remedy)
	}
}

func notChecked(steps []doctor.Step) (names []string) {
	for _, s := range steps {
		if s.State == doctor.NotChecked {
			names = append(names, s.Name)
		}
	}
	return names
}
