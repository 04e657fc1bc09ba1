package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/rotate"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// rotateFlags are what `rotate` was asked for.
type rotateFlags struct {
	target         string
	reports        []string
	seed           uint64
	quiet, noColor bool
}

func (a *app) rotateCommand() *cobra.Command {
	f := rotateFlags{}
	command := &cobra.Command{
		Use: "rotate [flags]", Short: "Rotates a target's signing key under traffic",
		Long: "Walks a target through the rotation of its signing key, from key A to key B, while requests\n" +
			"keep coming: it holds A; B, and A as its fallback; the server turns to B; it holds B alone.\n" +
			"New processes take over from old ones as in a deployment. Nothing authentic may be refused,\n" +
			"nothing forged accepted, and at the end A must not work any more.\n" +
			"Without --target it is the embedded reference that is drilled.\n\n" +
			"Exit codes: 0 holds, 1 violated, 2 usage, 3 could not judge, 4 void.",
		Example: `  countersign rotate                                                the embedded reference
  countersign rotate --target inngest-js@4.24.0 --report svg=rotation.svg
  countersign rotate --target inngest-js --report json=rotation.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return page.Usage("did you mean --target "+args[0]+"?", "rotate takes flags only, not %q", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("seed") {
				f.seed = uint64(rand.Uint32())
			}
			return a.rotate(c.Context(), f)
		},
	}
	f.register(command)
	return command
}

func (f *rotateFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.target, "target", "", "drill a published SDK: `NAME[@VERSION]`, see `countersign targets`")
	flags.Uint64Var(&f.seed, "seed", 0, "draw keys and nonces from this number (default: a new one)")
	flags.StringArrayVar(&f.reports, "report", nil, "write a report as `FORMAT=FILE`: json=FILE or svg=FILE, - is standard output; repeatable")
	flags.BoolVar(&f.quiet, "quiet", false, "tell no progress")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours, as with NO_COLOR")
}

// rotate checks the drill, holds it and tells the result.
func (a *app) rotate(ctx context.Context, f rotateFlags) error {
	outputs, err := parseDrillOutputs(f.reports)
	if err != nil {
		return err
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	checks, misjudged, err := drillKnown(ctx, f.seed)
	if err != nil {
		return blame(err)
	}
	bench, err := a.open(ctx, runFlags{target: f.target, seed: f.seed}, progress)
	if err != nil {
		return blame(err)
	}
	defer bench.close()
	result, err := rotate.Drill(ctx, bench.lab, rotate.Options{Seed: f.seed, Watch: progress.Say})
	if err != nil {
		return blameDrill(err)
	}
	progress.Done()
	result.Target, result.Tool, result.SelfCheck = bench.target, tool(), checks
	result.Reproduce = a.drillAgain(f, bench.target.Version)
	if misjudged != "" {
		result.Misjudged(misjudged)
	}
	return a.tellDrill(result, outputs, f.noColor)
}

// drillKnown holds drills of the reference and of one that never tries its
// fallback key.
func drillKnown(ctx context.Context, seed uint64) ([]rotate.Check, string, error) {
	mutant, there := zoo.Find("fallback-never-tried")
	if !there {
		return nil, "", errors.New("checking the drill itself: its mutant is not in the zoo")
	}
	whole := launch.Embedded(launch.Options{Seed: seed})
	defer whole.Close()
	broken := launch.Embedded(launch.Options{Seed: seed, Break: func(e *reference.Endpoint) { mutant.Break(e) }})
	defer broken.Close()
	return rotate.SelfCheck(ctx, []rotate.Known{
		{Name: "the reference", Lab: whole, Holds: true}, {Name: mutant.Name, Lab: broken},
	}, seed)
}

// drillAgain is the command that holds the same drill once more.
func (a *app) drillAgain(f rotateFlags, version string) string {
	command := a.self + " rotate"
	if name, _ := splitVersion(f.target); name != "" && version != "" {
		command += " --target " + page.Quote(name+"@"+version)
	} else if name != "" {
		command += " --target " + page.Quote(name)
	}
	return fmt.Sprintf("%s --seed %d", command, f.seed)
}

// blameDrill adds the last lines of a process that did not start.
func blameDrill(err error) error {
	var stage *rotate.StageError
	if !errors.As(err, &stage) {
		return blame(err)
	}
	told := page.CouldNotJudge("", "the drill broke off: %v", stage)
	told.Output = stage.Output()
	return told
}

// tellDrill writes the reports and the summary; the summary gives way where a
// report goes to standard output.
func (a *app) tellDrill(r rotate.Result, outputs []drillOutput, noColor bool) error {
	summary := a.stdout
	for _, out := range outputs {
		if out.file == "-" {
			summary = a.stderr
		}
		if err := out.fill(r).save(report.Report{}, a.stdout); err != nil {
			return page.CouldNotJudge("the drill itself came to: "+r.Conclusion.Verdict, "%v", err)
		}
	}
	a.code = r.Conclusion.ExitCode
	if err := rotate.Text(summary, r, a.style(summary, noColor)); err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	return nil
}

// drillOutput is one --report FORMAT=FILE of a drill.
type drillOutput struct {
	output
	draw func(io.Writer, rotate.Result) error
}

// parseDrillOutputs checks the formats; files are checked as those of a run.
func parseDrillOutputs(texts []string) ([]drillOutput, error) {
	var outputs []drillOutput
	var asRun []string
	for _, text := range texts {
		format, file, _ := strings.Cut(text, "=")
		draw, there := rotate.Formats[format]
		switch {
		case !there:
			known := slices.Sorted(maps.Keys(rotate.Formats))
			return nil, page.Usage("the formats of a drill are: "+strings.Join(known, ", "), "there is no report format %q", format)
		case file == "":
			return nil, page.Usage(fmt.Sprintf("write it as --report %s=FILE; - is standard output", format), "--report %q names no file", text)
		}
		outputs, asRun = append(outputs, drillOutput{draw: draw}), append(asRun, "json="+file)
	}
	files, err := parseOutputs(asRun)
	for i, file := range files {
		outputs[i].output = file
	}
	return outputs, err
}

// fill makes an output that writes this drill, and takes no notice of a run's report.
func (o drillOutput) fill(r rotate.Result) output {
	return output{func(w io.Writer, _ report.Report) error { return o.draw(w, r) }, o.file}
}
