package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/fuzz"
	"github.com/countersign-dev/countersign/runner/fuzzing"
)

func (a *app) mergeCommand() *cobra.Command {
	into := ""
	command := &cobra.Command{
		Use: "merge DIR... --into DIR", Short: "Joins the findings of all shards of one fuzz campaign",
		Long: "Each DIR is the --findings folder of one shard. A shard that is missing, is there twice, or\n" +
			"is of another campaign is refused.\n\n" +
			"Exit codes: 0 nothing was found, 1 something was, 2 usage, or shards that do not fit; 3 a shard could not judge; 4 void.",
		Example: `  countersign fuzz --target inngest-js --requests 100000 --seed 7 --shard 1/2 --findings one
  countersign fuzz --target inngest-js --requests 100000 --seed 7 --shard 2/2 --findings two
  countersign merge one two --into both`,
		RunE: func(_ *cobra.Command, args []string) error { return a.merge(args, into) },
	}
	command.Flags().StringVar(&into, "into", "", "write the joined campaign to this `DIR`")
	return command
}

func (a *app) merge(folders []string, into string) error {
	if len(folders) == 0 || into == "" {
		return misuse("countersign merge one two --into both", "merge needs the folders of the shards, and --into")
	}
	merged, err := fuzzing.Merge(folders)
	var unfit *fuzzing.MergeError
	if errors.As(err, &unfit) {
		return misuse("give the folders of all shards of one campaign, each once", "%v", err)
	}
	if err != nil {
		return misuse("each folder is the --findings of one shard", "%v", err)
	}
	if err := merged.Save(into); err != nil {
		return undecided("", "%v", err)
	}
	r := merged.Record
	if _, err := fmt.Fprintf(a.stdout, "%d findings in %d requests to %s, seed %d, %d shards\n", len(r.Findings), r.Requests, r.Target, r.Seed, r.Shards); err != nil {
		return err
	}
	return a.concludeFuzz(fuzz.Campaign{Findings: merged.Findings, Void: r.Void, Incomplete: r.Incomplete})
}
