package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// every calls a function for each command, with the words that name it.
func every(c *cobra.Command, visit func(c *cobra.Command, words []string), words ...string) {
	visit(c, words)
	for _, child := range c.Commands() {
		every(child, visit, append(append([]string{}, words...), child.Name())...)
	}
}

func root() *cobra.Command {
	return (&app{self: "countersign", getenv: func(string) string { return "" }}).root()
}

// TestEveryHelpBeginsWithExamples: also that of commands of commands.
func TestEveryHelpBeginsWithExamples(t *testing.T) {
	every(root(), func(c *cobra.Command, words []string) {
		if c.Hidden {
			return
		}
		got := call(t, nil, append(words, "--help")...)
		got.want(t, 0)
		if examples, usage := strings.Index(got.out, "Examples:"), strings.Index(got.out, "Usage:"); examples < 0 || usage < examples {
			t.Errorf("%v: examples at %d, usage at %d", words, examples, usage)
		}
		for line := range strings.Lines(got.out) {
			if len([]rune(line)) > 161 {
				t.Errorf("%v: a line of %d columns: %s", words, len([]rune(line)), line)
			}
		}
	})
}

// TestExitCodesAreTheSameEverywhere: the READMEs and the help say what the code does.
func TestExitCodesAreTheSameEverywhere(t *testing.T) {
	words := []string{"conforms", "violates", "usage error", "could not judge", "void", "stale baseline"}
	help := call(t, nil, "run", "--help").out
	top, errTop := os.ReadFile(filepath.Join("..", "..", "..", "README.md"))
	room, errRoom := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if errTop != nil || errRoom != nil {
		t.Fatal(errTop, errRoom)
	}
	for code, word := range words {
		digit := string(rune('0' + code))
		if !strings.Contains(string(top), "| "+digit+" | "+word) {
			t.Errorf("README.md does not say that %d is %q", code, word)
		}
		if !strings.Contains(string(room), digit+" "+word) {
			t.Errorf("runner/README.md does not say that %d is %q", code, word)
		}
		if !strings.Contains(help, digit+" "+word) {
			t.Errorf("the help of run does not say that %d is %q", code, word)
		}
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := call(t, nil, "completion", shell); got.code != 0 || len(got.out) < 500 || !strings.Contains(got.out, "countersign") {
			t.Errorf("%s: exit code %d, %d bytes", shell, got.code, len(got.out))
		}
	}
}

func TestManPages(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "man1")
	call(t, nil, "man", folder).want(t, 0, "countersign-run.1")
	every(root(), func(c *cobra.Command, words []string) {
		if c.Hidden || len(words) > 0 && words[0] == "completion" {
			return
		}
		name := strings.Join(append([]string{"countersign"}, words...), "-") + ".1"
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || !strings.Contains(string(text), ".TH") {
			t.Errorf("%s: %v", name, err)
		}
	})
}

// TestUnknownCommandsGetTheNearest: also those of commands of commands.
func TestUnknownCommandsGetTheNearest(t *testing.T) {
	for words, want := range map[string]string{
		"rnu": "did you mean run?", "baseline prun": "did you mean prune?", "targets claen": "did you mean clean?", "keys nwe": "did you mean new?",
		"run --bseline x": "did you mean --baseline?", "dif a b": "did you mean diff?",
	} {
		call(t, nil, strings.Split(words, " ")...).want(t, 2, want)
	}
}
