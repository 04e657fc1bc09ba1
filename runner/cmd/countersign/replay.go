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
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
)

// replayFlags are the flags of `replay`.
type replayFlags struct {
	targetFlags
	harmFlag
	quiet bool
}

func (a *app) replayCommand() *cobra.Command {
	f := replayFlags{}
	command := &cobra.Command{
		Use: "replay FINDING [flags]", Short: "Signs a finding anew and says whether it still holds",
		Long: "FINDING is a folder that `countersign fuzz` wrote. Without --target and --url it goes to the\n" +
			"target of the finding.\n\n" +
			"Exit codes: 0 it is gone, 1 it holds, 2 usage, 3 could not judge, 4 void.",
		Example: `  countersign replay fuzz-findings/false-accept-01234567
  countersign replay fuzz-findings/false-accept-01234567 --target inngest-js@4.24.0`,
		Args: oneFinding,
		RunE: func(c *cobra.Command, args []string) error {
			return a.replay(c.Context(), f, args[0])
		},
	}
	command.Flags().SortFlags = false
	f.registerTarget(command)
	f.registerHarm(command)
	command.Flags().BoolVar(&f.quiet, "quiet", false, "tell no progress")
	return command
}

func oneFinding(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return page.Usage("name the folder of one finding: countersign "+c.Name()+" fuzz-findings/false-accept-01234567", "%s takes one finding, not %d", c.Name(), len(args))
	}
	return nil
}

func (a *app) replay(ctx context.Context, f replayFlags, path string) error {
	finding, err := fuzzing.ReadFinding(path)
	if err != nil {
		return page.Usage("name a folder that `countersign fuzz` wrote", "%v", err)
	}
	if f.target == "" && f.url == "" {
		f.aimAt(finding.Target)
	}
	if err := f.check(); err != nil {
		return err
	}
	o, err := f.harm(f.targetFlags)
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
	case errors.Is(err, live.ErrLimits):
		return page.Usage("--allow-sync lets it send a PUT, --destructive what may end the endpoint; a fallback key may be missing", "%v", err)
	case err != nil:
		return run.Describe(err)
	}
	return a.tellReplay(finding, replayed, nameOf(lab.Target))
}

// aimAt chooses the target that a finding names.
func (f *targetFlags) aimAt(target string) {
	switch {
	case strings.Contains(target, "://"):
		f.url = target
	case target != "reference":
		f.target = target
	}
}

func (a *app) tellReplay(f live.Finding, r live.Replayed, target string) error {
	if r.Void != "" {
		return &page.Error{Code: page.ExitVoid, Sentence: "void: " + r.Void, Hint: "`countersign run` shows which requests are refused"}
	}
	verdict := "gone"
	switch {
	case r.Shown == r.Tried:
		verdict, a.code = "holds", page.ExitViolates
	case r.Shown > 0:
		verdict, a.code = fmt.Sprintf("holds in %d of %d", r.Shown, r.Tried), page.ExitViolates
	}
	_, err := fmt.Fprintf(a.stdout, "%s on %s: %s: %s\n  owed: %s\n  seen: %s\n", verdict, target, f.Class, f.Exchange, f.Why, r.What)
	return err
}
