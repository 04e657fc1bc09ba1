package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/explain"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
)

// keyFlags are the flags of commands that only sign or check signatures. Keys are
// never arguments: other users of the machine see those.
type keyFlags struct{ keyFile string }

func (f *keyFlags) registerKeys(c *cobra.Command) {
	c.Flags().StringVar(&f.keyFile, "key-file", "", "read the keys from a `FILE` (default: INNGEST_SIGNING_KEY and INNGEST_SIGNING_KEY_FALLBACK, else a prompt)")
}

// keyTexts are the texts of the two keys. If there is none, and standard input is a
// terminal, it asks for one.
func (a *app) keyTexts(f keyFlags) (primary, fallback string, err error) {
	primary, fallback, err = launch.ReadKeyTexts(a.getenv, f.keyFile)
	if err != nil || strings.TrimSpace(primary+fallback) != "" {
		return primary, fallback, err
	}
	if file, is := a.stdin.(*os.File); is && f.keyFile == "" && term.IsTerminal(int(file.Fd())) {
		_, _ = fmt.Fprint(a.stderr, "signing key (it is not shown): ")
		text, err := term.ReadPassword(int(file.Fd()))
		_, _ = fmt.Fprintln(a.stderr)
		if err == nil && len(text) > 0 {
			return string(text), "", nil
		}
	}
	return "", "", page.Usage("set "+reference.EnvSigningKey+" (and "+reference.EnvFallback+"), or name a file with --key-file", "there is no signing key")
}

// otherKeys are the variables whose keys belong to other environments, or that are
// taken for the signing key by mistake.
func (a *app) otherKeys() (keys []explain.Key) {
	names := []string{reference.EnvEventKey}
	for _, more := range []string{"OLD", "NEW", "PRODUCTION", "STAGING", "PREVIEW", "BRANCH", "TEST", "DEVELOPMENT"} {
		names = append(names, reference.EnvSigningKey+"_"+more)
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, reference.EnvSigningKey+"_") && name != reference.EnvFallback && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if text := a.getenv(name); strings.TrimSpace(text) != "" {
			keys = append(keys, explain.Key{Name: "the key in " + name, Text: text, Other: true})
		}
	}
	return keys
}

// keys are all keys that there are.
func (a *app) keys(f keyFlags) ([]explain.Key, error) {
	primary, fallback, err := a.keyTexts(f)
	if err != nil {
		return nil, err
	}
	keys := []explain.Key{{Name: "your signing key", Text: primary}}
	if strings.TrimSpace(fallback) != "" {
		keys = append(keys, explain.Key{Name: "your fallback key", Text: fallback})
	}
	return append(keys, a.otherKeys()...), nil
}

// signingKey is the key to sign with: the primary, or the fallback.
func (a *app) signingKey(f keyFlags, fallback bool) (reference.Key, error) {
	primaryText, fallbackText, err := a.keyTexts(f)
	if err != nil {
		return reference.Key{}, err
	}
	text, what := primaryText, "the signing key"
	if fallback {
		text, what = fallbackText, "the fallback key"
	}
	key, err := reference.ParseKey(text)
	if err != nil {
		return key, page.Usage("`countersign keys check` says what is wrong with it", "%s cannot be used: %v", what, err)
	}
	return key, nil
}
