package main

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
)

// completions are the values that a shell offers for flags, by the flags' names.
var completions = map[string]func() []string{
	"target":    targetNames,
	"case":      caseIDs,
	"tier":      func() []string { return []string{suite.Smoke.String(), suite.Default.String(), suite.Deep.String()} },
	"profile":   func() []string { return []string{string(suite.ProfileDefault), string(suite.ProfileSpec)} },
	"require":   func() []string { return []string{"must", "should"} },
	"catalogue": suite.PinnedVersions,
}

func targetNames() (names []string) {
	for _, d := range launch.Builtin() {
		names = append(names, d.Name)
	}
	return names
}

// completeFlags lets a shell complete the values of flags, in all commands.
func completeFlags(c *cobra.Command) {
	for name, values := range completions {
		if c.Flags().Lookup(name) != nil {
			_ = c.RegisterFlagCompletionFunc(name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return values(), cobra.ShellCompDirectiveDefault
			}) // only a flag that is not there is an error
		}
	}
	if c.Name() == "run" || c.Name() == "judge" || c.Name() == "report" {
		var formats []string
		for _, format := range slices.Sorted(maps.Keys(report.Formats)) {
			formats = append(formats, format+"=")
		}
		_ = c.RegisterFlagCompletionFunc("report", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoSpace)) // likewise
	}
	for _, child := range c.Commands() {
		completeFlags(child)
	}
}
