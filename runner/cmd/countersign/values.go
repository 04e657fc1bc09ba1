package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/matrix"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/starter"
	"github.com/countersign-dev/countersign/suite"
)

// choice is what a flag can be set to.
type choice struct {
	what    string // as an error names it: "there is no tier …"
	words   func() []string
	open    bool // other words are possible, too: the command itself refuses what it does not know
	anyCase bool
}

// choices are the flags that take one of a few words, by their names. A shell completes
// them; a word that is none of them is a usage error, which names the nearest.
var choices = map[string]choice{
	"tier":      {what: "tier", words: tierNames},
	"profile":   {what: "profile", words: func() []string { return []string{string(suite.ProfileDefault), string(suite.ProfileSpec)} }},
	"require":   {what: "level", words: func() []string { return []string{"must", "should"} }},
	"catalogue": {what: "version of the catalogue", words: suite.PinnedVersions},
	"method": {what: "method", anyCase: true, words: func() []string {
		return []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodHead, http.MethodOptions, http.MethodPatch, http.MethodDelete}
	}},
	"language": {words: starter.Languages, open: true}, // some languages have other names, too
	"target":   {words: targetNames, open: true},       // with variants and versions, or a path
	"targets":  {words: namedTargets, open: true},
	"case":     {words: caseIDs, open: true}, // or a pattern
}

var tiers = []suite.Tier{suite.Smoke, suite.Default, suite.Deep}

// checkChoices refuses a flag with a word that it does not take.
func checkChoices(c *cobra.Command) (wrong error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		choice, is := choices[f.Name]
		word := f.Value.String()
		if !is || choice.open || slices.Contains(choice.words(), word) {
			return
		}
		if choice.anyCase && slices.Contains(choice.words(), strings.ToUpper(word)) {
			return
		}
		wrong = page.NoSuch(choice.what, word, choice.words())
	})
	return wrong
}

func tierNames() (names []string) {
	for _, tier := range tiers {
		names = append(names, tier.String())
	}
	return names
}

func targetNames() (names []string) {
	for _, d := range launch.Builtin() {
		names = append(names, d.Name)
		for _, variant := range d.VariantNames() {
			names = append(names, d.Name+"/"+variant)
		}
	}
	return names
}

// namedTargets are the targets of commands that take the embedded reference by its name.
func namedTargets() []string { return append([]string{matrix.Reference}, targetNames()...) }

// shells are what `completion` writes a script for, each with how to use it.
var shells = map[string]string{
	"bash":       "  source <(countersign completion bash)     in this shell; in ~/.bashrc: in every one",
	"zsh":        "  source <(countersign completion zsh)      in this shell; in ~/.zshrc: in every one",
	"fish":       "  countersign completion fish | source      in this shell; in ~/.config/fish/config.fish: in every one",
	"powershell": "  countersign completion powershell | Out-String | Invoke-Expression",
}

// completionCommand adds the command that cobra has for this, with examples, and with an
// error for a shell that it does not know.
func completionCommand(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	c, _, err := root.Find([]string{"completion"})
	if err != nil {
		panic("it was just added: " + err.Error())
	}
	c.Short, c.Long = "Writes a script with which a shell completes commands, flags and their values", ""
	c.Example = shells["bash"] + "\n" + shells["zsh"]
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return page.NoSuch("shell", args[0], slices.Sorted(maps.Keys(shells)))
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	for _, shell := range c.Commands() {
		shell.Short, shell.Long, shell.Example = "Writes the script for "+shell.Name(), "", shells[shell.Name()]
	}
}

// completeFlags lets a shell complete the values of flags, in all commands.
func completeFlags(c *cobra.Command) {
	for name, choice := range choices {
		if c.Flags().Lookup(name) != nil {
			_ = c.RegisterFlagCompletionFunc(name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return choice.words(), cobra.ShellCompDirectiveDefault
			}) // only a flag that is not there is an error
		}
	}
	for _, child := range c.Commands() {
		completeFlags(child)
	}
}

// registerReports registers --report of a command whose result has these formats.
func registerReports[F any](c *cobra.Command, reports *[]string, formats map[string]F) {
	names := slices.Sorted(maps.Keys(formats))
	last := len(names) - 1
	c.Flags().StringArrayVar(reports, "report", nil, fmt.Sprintf("write a report as `FORMAT=FILE`; FORMAT is %s or %s,\n- is standard output; repeatable",
		strings.Join(names[:last], ", "), names[last]))
	for i := range names {
		names[i] += "="
	}
	_ = c.RegisterFlagCompletionFunc("report", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoSpace)) // only a flag that is not there is an error
}

// completeWith completes arguments with words; where none fits, with files.
func completeWith(words func() []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words(), cobra.ShellCompDirectiveDefault
	}
}
