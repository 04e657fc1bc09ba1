package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// wrongValues are flags and arguments with one wrong word: a usage error names the
// nearest right one, and lists what is allowed, or where the list is.
var wrongValues = []struct{ command, nearest, allowed string }{
	{"run --tier smok", "smoke", "There are smoke, default, deep"},
	{"run --tier all", "", "there are smoke, default, deep"},
	{"list --tier Deap", "deep", "There are smoke, default, deep"},
	{"sweep --target inngest-js --versions 3.17.0 --tier defualt", "default", "There are smoke, default, deep"},
	{"matrix reference --tier smokes", "smoke", "There are smoke, default, deep"},
	{"run --profile spce", "spec", "There are default, spec"},
	{"matrix reference --profile SPEK", "spec", "There are default, spec"},
	{"run --require shuld", "should", "There are must, should"},
	{"judge --from . --require mus", "must", "There are must, should"},
	{"run --catalogue 2026.11", "2026.1", "There are 2026.1"},
	{"judge --from . --catalogue 2025.1", "2026.1", "There are 2026.1"},
	{"run --report jsn=r", "json", "There are badge, html, json, junit, markdown, sarif, tap, v1alpha1"},
	{"judge --from . --report htlm=r", "html", "There are badge, html"},
	{"report r.json --report markdwn=r", "markdown", "There are badge, html"},
	{"rotate --report sgv=r", "svg", "There are html, json, svg"},
	{"sweep --target inngest-js --versions 3.17.0 --report cvs=r", "csv", "There are csv, json"},
	{"matrix reference --report markdon=r", "markdown", "There are html, json, markdown"},
	{"init --language pyhton x", "python", "There are go, node, python, rust"},
	{"send http://127.0.0.1:1/ --method PSOT", "POST", "There are GET, POST, PUT"},
	{"verify --header t=1&s=2 --method GTE", "GET", "There are GET, POST, PUT"},
	{"completion zhs", "zsh", "There are bash, fish, powershell, zsh"},

	{"run --target inngest-jss", "inngest-js", "there are inngest-go, inngest-js, inngest-py, inngest-rs, second-opinion"},
	{"run --target inngest-js/expres", "express", "it has node, edge, express"},
	{"run --target inngest-js@1.0.0", "", "supported are "},
	{"run --target inngest-js@latest", "", "like inngest-js@"},
	{"rotate --target inngest-ps", "inngest-js", "there are inngest-go"},
	{"fuzz --target inngest-j", "inngest-js", "there are inngest-go"},
	{"doctor --target inngest-pi", "inngest-py", "there are inngest-go"},
	{"sweep --target inngest-gp --versions 0.15.1", "inngest-go", "there are inngest-go"},
	{"matrix inngest-jss", "inngest-js", "there are inngest-go"},
	{"matrix inngest-js@newst", "newest", "like inngest-js@"},
	{"matrix reference --baseline inngest-jss=known.yaml", "", "there is no such target in this matrix"},
	{"targets clean inngest-rss", "inngest-rs", "there are inngest-go"},
	{"explain receiving.expired --targets referense", "reference", "there are inngest-go"},
	{"explain receiving.expired --targets inngest-jss", "inngest-js", "there are inngest-go"},

	{"run --case receiving.expird", "receiving.expired", "`countersign list` shows every case"},
	{"sweep --target inngest-js --versions 3.17.0 --case keys.fallbak-accepted", "keys.fallback-accepted", "`countersign list` shows every case"},
	{"matrix reference --case receiving.unsinged", "receiving.unsigned", "`countersign list` shows every case"},
	{"explain receiving.expird", "receiving.expired", "`countersign list` shows every case"},
	{"explain 4.1.3", "", "more, see `countersign list`"},
	{"explain 4.1.33", "4.1.3", "4.1.3(1)"},
	{"explain no-window", "", "the case that detects it: countersign explain receiving.expired"},
	{"explain no-windw", "no-window", "`countersign list` shows every case"},

	{"baseline wrte", "write", "`countersign --help`"},
	{"keys chekc", "check", "`countersign --help`"},
	{"targets claen", "clean", "`countersign --help`"},
}

func TestWrongValuesGetTheNearest(t *testing.T) {
	for _, test := range wrongValues {
		t.Run(test.command, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("known.yaml", []byte("[]\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			got := call(t, ring, strings.Split(test.command, " ")...)
			got.want(t, 2, "countersign: ", "hint: ", test.allowed)
			if test.nearest != "" && !strings.Contains(got.errors, "did you mean "+test.nearest+"?") {
				t.Errorf("%s is not suggested:\n%s", test.nearest, got.errors)
			}
			if got.out != "" {
				t.Errorf("something is on standard output: %s", got.out)
			}
		})
	}
}

// free are flags with a text that is no word of a list.
var free = []string{
	"at", "baseline", "body", "corpus", "curl", "env", "evidence", "expires", "findings", "from", "function", "header", "into", "key-file", "link",
	"reason", "received", "shard", "shim", "state", "url", "versions",
}

// Every flag that takes a text is known here: its words are in the table above, or it
// has none.
func TestEveryFlagWithWordsIsInTheTable(t *testing.T) {
	every(root(), func(c *cobra.Command, words []string) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.HasPrefix(f.Value.Type(), "string") || slices.Contains(free, f.Name) {
				return
			}
			if words[0] == "replay" { // it reads a finding first, and then does what fuzz does
				return
			}
			_, complete := choices[f.Name]
			if !complete && f.Name != "report" {
				t.Errorf("%v: --%s has no words that a shell could complete, and is not among the free texts", words, f.Name)
			}
			if !slices.ContainsFunc(wrongValues, func(w struct{ command, nearest, allowed string }) bool {
				return strings.HasPrefix(w.command, strings.Join(words, " ")+" ") && strings.Contains(w.command, " --"+f.Name+" ")
			}) {
				t.Errorf("%v: no wrong value of --%s is in the table", words, f.Name)
			}
		})
	})
}

func TestCompletionOfEveryChoice(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "x")
	for words, want := range map[string]string{
		"run --target inngest-js/": "inngest-js/express", "run --tier d": "deep", "run --case keys.fall": "keys.fallback-accepted", "run --catalogue 2": "2026.1",
		"run --profile s": "spec", "run --require s": "should", "run --report j": "junit=", "judge --report s": "sarif=", "report x --report t": "tap=",
		"rotate --report s": "svg=", "sweep --report c": "csv=", "matrix --report m": "markdown=", "init " + folder + " --language p": "python", "send --method P": "POST",
		"verify --method G": "GET", "explain receiving.exp": "receiving.expired", "explain x --targets ref": "reference", "matrix inngest-": "inngest-go",
		"targets clean inngest-": "inngest-py", "completion z": "zsh", "dif": "diff", "baseline p": "prune", "fuzz --target second": "second-opinion",
	} {
		if got := call(t, nil, append([]string{"__complete"}, strings.Split(words, " ")...)...); !strings.Contains(got.out, want) {
			t.Errorf("%s is completed by %q, without %s", words, got.out, want)
		}
	}
}
