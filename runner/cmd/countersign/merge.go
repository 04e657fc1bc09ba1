package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/fuzzing"
	"github.com/countersign-dev/countersign/runner/page"
)

func (a *app) mergeCommand() *cobra.Command {
	into := ""
	command := &cobra.Command{
		Use: "merge DIR... --into DIR", Short: "Joins the findings of all shards of one fuzz campaign",
		Long: "Each DIR is the --findings folder of one shard. A shard that is missing, is there twice, has\n" +
			"not drawn all of its requests, or is of another campaign is refused, and so is a folder that\n" +
			"holds other findings than its record names. Where time was the limit no number of requests is\n" +
			"owed: the record says how many each shard drew, and up to which index none is missing.\n\n" +
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
		return page.Usage("countersign merge one two --into both", "merge needs the folders of the shards, and --into")
	}
	for _, folder := range folders {
		if samePlace(folder, into) {
			return page.Usage("name another folder, or one that is not there yet", "--into %s is the folder of a shard, whose record would be lost", into)
		}
	}
	merged, err := fuzzing.Merge(folders)
	var unfit *fuzzing.MergeError
	if errors.As(err, &unfit) {
		return page.Usage(unfit.Hint, "%v", err)
	}
	if err != nil {
		return page.Usage("each folder is the --findings of one shard", "%v", err)
	}
	if err := merged.Save(into); err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	r := merged.Record
	text := fmt.Sprintf("%d findings in %d requests to %s, seed %d, %d shards\n", len(r.Findings), r.Requests, r.Target, r.Seed, r.Shards)
	if r.ByTime() {
		drawn := strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Drawn), " ", ", "), "[]")
		text += fmt.Sprintf("bounded by time: of the exchanges the shards drew %s; of all the first %d are without a gap\n", drawn, r.Complete)
	}
	if r.Incomplete != "" && len(r.Findings) > 0 { // otherwise it is what the command ends with
		text += fmt.Sprintf("incomplete: %s\n", r.Incomplete)
	}
	if _, err := a.stdout.Write([]byte(text)); err != nil {
		return err
	}
	return a.concludeFuzz(live.Campaign{Findings: merged.Findings, Void: r.Void, Incomplete: r.Incomplete})
}

// samePlace: both name one folder that is there, however they are spelled.
func samePlace(a, b string) bool {
	one, err := os.Stat(a)
	other, errOther := os.Stat(b)
	return err == nil && errOther == nil && os.SameFile(one, other)
}
