package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/explain"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/limits"
)

func (a *app) keysCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "keys", Short: "Makes a signing key, shows the hash of one, or checks its form", Args: noArguments,
		Example: `  countersign keys new                        a new key, for a test or a self-hosted server
  INNGEST_SIGNING_KEY=… countersign keys check    what is wrong with its form
  INNGEST_SIGNING_KEY=… countersign keys hash     the hash that introspection and Inngest show`,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	command.Args = func(c *cobra.Command, args []string) error { return noCommand(c, args) }
	command.AddCommand(a.keysNewCommand(), a.keysHashCommand(), a.keysCheckCommand())
	return command
}

func (a *app) keysNewCommand() *cobra.Command {
	env := "test"
	bare := false
	command := &cobra.Command{
		Use: "new [flags]", Short: "Prints a new random signing key", Args: noArguments,
		Example: `  countersign keys new                  signkey-test-…
  countersign keys new --env branch     signkey-branch-…
  countersign keys new --bare           only the digits, for a self-hosted server`,
		RunE: func(*cobra.Command, []string) error {
			random := make([]byte, 32)
			_, _ = rand.Read(random) // it never fails
			text := "signkey-" + env + "-" + hex.EncodeToString(random)
			if bare {
				text = hex.EncodeToString(random)
			}
			if key, err := reference.ParseKey(text); err != nil || !bare && key.Secret() == text {
				return page.Usage("it is one word of letters, digits and underscores, such as test or branch", "--env %s makes no key", env)
			}
			_, err := fmt.Fprintln(a.stdout, text)
			return err
		},
	}
	command.Flags().StringVar(&env, "env", env, "the `WORD` in its prefix")
	command.Flags().BoolVar(&bare, "bare", false, "without a prefix")
	return command
}

// keyInQuestion is a key with its name.
type keyInQuestion struct{ name, text string }

// inQuestion are the keys to look at; with an argument -, the one on standard input.
func (a *app) inQuestion(f keyFlags, args []string) ([]keyInQuestion, error) {
	if len(args) > 1 || len(args) == 1 && args[0] != "-" {
		return nil, page.Usage("keys come from the environment, --key-file, or with - from standard input", "a key must not be an argument: other users of this machine can see it")
	}
	if len(args) == 1 {
		text, err := io.ReadAll(io.LimitReader(a.stdin, limits.KeyFile))
		if err != nil {
			return nil, page.Usage("", "reading standard input: %v", err)
		}
		return []keyInQuestion{{"the key on standard input", string(text)}}, nil
	}
	primary, fallback, err := a.keyTexts(f)
	if err != nil {
		return nil, err
	}
	keys := []keyInQuestion{{"the signing key", primary}}
	if fallback != "" {
		keys = append(keys, keyInQuestion{"the fallback key", fallback})
	}
	return keys, nil
}

func (a *app) keysHashCommand() *cobra.Command {
	f := keyFlags{}
	command := &cobra.Command{
		Use: "hash [-] [flags]", Short: "Prints the hash of a signing key, which does not reveal it",
		Long: "The hash is the SHA-256 of the decoded digits: what an SDK sends to Inngest's API behind the prefix, and\n" +
			"what an authenticated introspection shows as signing_key_hash (some SDKs show only its first 12 digits).",
		Example: `  INNGEST_SIGNING_KEY=… countersign keys hash
  kubectl get secret inngest -o jsonpath='{.data.key}' | base64 -d | countersign keys hash -`,
		RunE: func(_ *cobra.Command, args []string) error {
			keys, err := a.inQuestion(f, args)
			if err != nil {
				return err
			}
			for _, k := range keys {
				hash := explain.BearerHash(k.text)
				if hash == "" {
					return page.Usage("`countersign keys check` says what is wrong with it", "%s has no hash: it is not hexadecimal", k.name)
				}
				if _, err := fmt.Fprintf(a.stdout, "%s  %s\n", hash, k.name); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f.registerKeys(command)
	return command
}

func (a *app) keysCheckCommand() *cobra.Command {
	f := keyFlags{}
	command := &cobra.Command{
		Use: "check [-] [flags]", Short: "Says what is wrong with the form of a signing key, and never shows it",
		Long: "Exit codes: 0 nothing is wrong, 1 something is, 2 usage error.",
		Example: `  INNGEST_SIGNING_KEY=… countersign keys check
  docker exec app printenv INNGEST_SIGNING_KEY | tr -d '\n' | countersign keys check -`,
		RunE: func(_ *cobra.Command, args []string) error {
			keys, err := a.inQuestion(f, args)
			if err != nil {
				return err
			}
			p := page.New(a.stdout, a.style(a.stdout, false))
			for _, k := range keys {
				if a.checkKey(p, k) {
					a.code = page.ExitViolates
				}
			}
			if len(keys) == 2 && explain.CleanKey(keys[0].text) == explain.CleanKey(keys[1].text) {
				p.Line(page.Text("both are the same key: a rotation needs two", page.Yellow))
				a.code = page.ExitViolates
			}
			return p.Flush("the result")
		},
	}
	f.registerKeys(command)
	return command
}

// checkKey writes what is wrong with a key, and reports whether something is.
func (a *app) checkKey(p *page.Page, k keyInQuestion) bool {
	faults := explain.CheckKey(k.text)
	if len(faults) == 0 {
		key, err := reference.ParseKey(k.text)
		form := "without a prefix"
		if err == nil && strings.HasSuffix(key.String(), "-…") {
			form = "with the prefix " + strings.TrimSuffix(key.String(), "…")
		}
		p.Line(page.Text("ok", page.Green), page.Text("  "+k.name+": "+fmt.Sprintf("%d hexadecimal digits, %s", len(key.Secret()), form)))
		return false
	}
	for _, fault := range faults {
		p.Line(page.Text("WRONG", page.Red), page.Text("  "+k.name+": "+fault.Fault))
		p.Labelled("fix", fault.Fix)
	}
	return true
}
