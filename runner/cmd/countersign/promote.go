package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/fuzzing"
	"github.com/countersign-dev/countersign/runner/page"
)

func (a *app) promoteCommand() *cobra.Command {
	into := ""
	command := &cobra.Command{
		Use: "promote FINDING [flags]", Short: "Turns a finding into a draft of a test vector and a suite case", Args: oneFinding,
		Long: "Writes candidate.json, with the request as a vector signed with the published keys, and\n" +
			"candidate.go.txt, with the case as Go. The id, clause, level, risk, flags and sentence have to be\n" +
			"filled in by hand; `countersign promote --check FILE` reports what is missing or wrong, and\n" +
			"prints the case of a complete candidate.\n\n" +
			"Exit codes: 0 written or complete, 1 incomplete, 2 usage, 3 could not be written.",
		Example: `  countersign promote fuzz-findings/false-accept-01234567
  countersign promote --check fuzz-findings/false-accept-01234567/candidate.json`,
	}
	check := command.Flags().Bool("check", false, "check a candidate instead of writing one")
	command.Flags().StringVar(&into, "into", "", "write to this `DIR` (default: the finding's own)")
	command.RunE = func(_ *cobra.Command, args []string) error {
		if *check {
			return a.checkCandidate(args[0])
		}
		return a.promote(args[0], into)
	}
	return command
}

func (a *app) promote(path, into string) error {
	finding, err := fuzzing.ReadFinding(path)
	if err != nil {
		return page.Usage("give a folder that `countersign fuzz` wrote", "%v", err)
	}
	if into == "" {
		if into = path; filepath.Base(path) == fuzzing.FindingFile {
			into = filepath.Dir(path)
		}
	}
	candidate := live.Promote(finding)
	if err := fuzzing.SaveCandidate(into, candidate); err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	_, err = fmt.Fprintf(a.stdout, "%s\n%s\nfill in what is empty, then run: %s promote --check %s\n",
		page.CleanLine(filepath.Join(into, fuzzing.CandidateFile)), page.CleanLine(filepath.Join(into, fuzzing.LiteralFile)), a.self, page.Quote(filepath.Join(into, fuzzing.CandidateFile)))
	return err
}

func (a *app) checkCandidate(path string) error {
	encoded, err := os.ReadFile(path)
	if err != nil {
		return page.Usage("give a candidate.json", "the candidate cannot be read: %v", err)
	}
	candidate, err := live.ParseCandidate(encoded)
	if err != nil {
		return page.Usage("`countersign promote FINDING` writes one", "%v", err)
	}
	text := string(candidate.Literal())
	if problems := candidate.Problems(); len(problems) > 0 {
		a.code, text = page.ExitViolates, strings.Join(problems, "\n")+"\n"
	}
	_, err = a.stdout.Write([]byte(page.CleanCode(text)))
	return err
}
