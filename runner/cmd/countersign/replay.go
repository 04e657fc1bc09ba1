package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/fuzzing"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
)

// replayFlags are the flags of `replay`.
type replayFlags struct {
	targetFlags
	destructiveFlag
	quiet bool
}

func (a *app) replayCommand() *cobra.Command {
	f := replayFlags{}
	command := &cobra.Command{
		Use: "replay FINDING [flags]", Short: "Re-signs and resends a finding; reports whether it still reproduces",
		Long: "FINDING is a folder that `countersign fuzz` wrote. Without --target and --url it is sent to the\n" +
			"target in which it was found, unless that is a folder: nothing that a file names is run.\n\n" +
			listens + "\n" +
			"Exit codes: 0 it does not reproduce, 1 it reproduces, 2 usage, 3 could not judge, 4 void.",
		Example: `  countersign replay fuzz-findings/false-accept-01234567
  countersign replay fuzz-findings/false-accept-01234567 --target inngest-js@4.24.0`,
		Args: oneFinding,
		RunE: func(c *cobra.Command, args []string) error {
			return a.replay(c.Context(), f, args[0])
		},
	}
	command.Flags().SortFlags = false
	f.registerTarget(command)
	f.registerDestructive(command)
	command.Flags().BoolVar(&f.quiet, "quiet", false, "hide progress output")
	return command
}

func oneFinding(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return page.Usage("give the folder of one finding: countersign "+c.Name()+" fuzz-findings/false-accept-01234567", "%s takes one finding, not %d", c.Name(), len(args))
	}
	return nil
}

func (a *app) replay(ctx context.Context, f replayFlags, path string) error {
	finding, err := fuzzing.ReadFinding(path)
	if err != nil {
		return page.Usage("give a folder that `countersign fuzz` wrote", "%v", err)
	}
	if f.target == "" && f.url == "" {
		if err := f.aimAt(finding.Target); err != nil {
			return err
		}
	}
	if err := f.check(); err != nil {
		return err
	}
	o, err := f.allowed(f.targetFlags)
	if err != nil {
		return err
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	lab, err := a.open(ctx, f.targetFlags, run.OpenOptions{Seed: uint64(rand.Uint32())}, progress)
	if err != nil {
		return err
	}
	defer lab.Close()
	replayed, err := live.Replay(ctx, lab, finding, o)
	progress.Done()
	switch {
	case errors.Is(err, live.ErrNotAllowed):
		return page.Usage("--allow-sync permits a PUT, --destructive a request that may end the endpoint; a fallback key may be missing; a fresh process, and requests at the same time, need a target that is started here", "%v", err)
	case err != nil:
		return run.Describe(err)
	}
	return a.printReplay(finding, replayed, nameOf(lab.Target))
}

// aimAt chooses the target in which a finding was found. A file must not choose what
// is run here, so only a built-in target is started; a folder has to be given by a
// person.
func (f *targetFlags) aimAt(target string) error {
	name, _ := run.SplitVersion(target)
	switch {
	case strings.Contains(target, "://"):
		f.url = target
	case target == embedded:
	case launch.IsBuiltin(name):
		f.target = target
	default:
		return page.Usage("give the folder of the target: --target FOLDER", "the finding was made in %q, which is not a built-in target", target)
	}
	return nil
}

// embedded is the name of the embedded reference.
const embedded = "reference"

func (a *app) printReplay(f live.Finding, r live.Replayed, target string) error {
	if r.Void != "" {
		return &page.Error{Code: page.ExitVoid, Sentence: "void: " + r.Void, Hint: "`countersign run` shows which requests are rejected"}
	}
	verdict := "does not reproduce"
	switch {
	case r.Reproduced == r.Sent:
		verdict, a.code = "reproduces", page.ExitViolates
	case r.Reproduced > 0:
		verdict, a.code = fmt.Sprintf("reproduces in %d of %d attempts", r.Reproduced, r.Sent), page.ExitViolates
	}
	p := page.New(a.stdout, a.style(a.stdout, false))
	p.Line(page.Text(verdict+" on "+target, page.Bold), page.Text(fmt.Sprintf(": %s: %s", f.Class, f.Input)))
	p.Labelled("requirement", f.Requirement)
	p.Labelled("observed", r.Observed)
	return p.Flush("the replay")
}
