package main

import (
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
		Use: "merge DIR... --into DIR", Short: "Merges the results of all shards of one fuzz campaign",
		Long: "Each DIR is the --findings folder of one shard. Merging fails if a shard is missing, occurs\n" +
			"twice, has not drawn all of its requests or is of another campaign, and if the findings in a\n" +
			"folder are not those that its record names. Shards that were limited by time draw different\n" +
			"numbers of requests: the record says how many each drew, and up to which index none is missing.\n\n" +
			"Exit codes: 0 no findings, 1 findings, 2 usage or shards that cannot be merged, 3 could not judge, 4 void.",
		Example: `  countersign fuzz --target inngest-js --requests 100000 --seed 7 --shard 1/2 --findings one
  countersign fuzz --target inngest-js --requests 100000 --seed 7 --shard 2/2 --findings two
  countersign merge one two --into both`,
		RunE: func(_ *cobra.Command, args []string) error { return a.merge(args, into) },
	}
	command.Flags().StringVar(&into, "into", "", "write the merged campaign to this `DIR`")
	return command
}

func (a *app) merge(folders []string, into string) error {
	if len(folders) == 0 || into == "" {
		return page.Usage("for example: countersign merge one two --into both", "merge requires the folders of the shards and --into")
	}
	for _, folder := range folders {
		if samePlace(folder, into) {
			return page.Usage("choose another folder, or a new one", "--into %s is the folder of a shard, whose record would be overwritten", into)
		}
	}
	merged, err := fuzzing.Merge(folders)
	if err != nil {
		return err
	}
	if err := merged.Save(into); err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	r := merged.Record
	p := page.New(a.stdout, a.style(a.stdout, false))
	p.Line(page.Text(fmt.Sprintf("%s in %d requests to %s, seed %d, %s", page.Count(len(r.Findings), "finding"), r.Requests, r.Target, r.Seed, page.Count(int(r.Shards), "shard"))))
	if r.ByTime() {
		drawn := strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Drawn), " ", ", "), "[]")
		p.Line(page.Text(fmt.Sprintf("limited by time: the shards drew %s inputs; the first %d inputs are without a gap", drawn, r.Complete)))
	}
	if r.Incomplete != "" && len(r.Findings) > 0 { // otherwise the command ends with it
		p.Line(page.Text("incomplete: " + r.Incomplete))
	}
	if err := p.Flush("the merged campaign"); err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	return a.concludeFuzz(live.Campaign{Findings: merged.Findings, Void: r.Void, Incomplete: r.Incomplete})
}

// samePlace reports whether both names are of one existing folder.
func samePlace(a, b string) bool {
	one, err := os.Stat(a)
	other, errOther := os.Stat(b)
	return err == nil && errOther == nil && os.SameFile(one, other)
}
