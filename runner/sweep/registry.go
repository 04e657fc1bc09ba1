package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"unicode"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/launch"
)

// Versions are all published versions of a target, oldest first, as the command
// tells them that its description names under "published". The error is a
// [*launch.SetupError] where that command does not tell.
func Versions(ctx context.Context, d launch.Description) ([]*semver.Version, error) {
	if len(d.Published) == 0 {
		return nil, misuse("name them one by one, like --versions 1.0.0,1.1.0, or add `published` to its target.yaml",
			"%s does not say where its versions are published", d.Name)
	}
	output, err := ask(ctx, d)
	if err != nil {
		return nil, err
	}
	versions := read(output)
	if len(versions) == 0 {
		return nil, &launch.SetupError{Reason: fmt.Sprintf("%s told no version of %s", command(d), d.Name), Output: output}
	}
	return versions, nil
}

func command(d launch.Description) string { return strings.Join(d.Published, " ") }

// ask runs the command away from the user's folder, whose settings are not ours.
func ask(ctx context.Context, d launch.Description) (string, error) {
	limited, cancel := context.WithTimeout(ctx, publishedLimit)
	defer cancel()
	var complaints strings.Builder
	asking := exec.CommandContext(limited, d.Published[0], d.Published[1:]...)
	asking.Dir, asking.Env = os.TempDir(), withoutSecrets(os.Environ())
	asking.Stderr, asking.WaitDelay = &complaints, drainLimit
	output, err := asking.Output()
	switch {
	case err == nil:
		return string(output), nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("asking which versions of %s are published: %w", d.Name, ctx.Err())
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		err = fmt.Errorf("it did not end within %s", publishedLimit)
	}
	reason := fmt.Sprintf("asking which versions of %s are published: %s: %v", d.Name, command(d), err)
	return "", &launch.SetupError{Reason: reason, Output: strings.TrimSpace(complaints.String())}
}

// withoutSecrets keeps what is about Inngest from a command that needs none of it.
func withoutSecrets(env []string) []string {
	return slices.DeleteFunc(env, func(variable string) bool { return strings.HasPrefix(variable, "INNGEST_") })
}

// read finds versions in a JSON list, a JSON string or plain words. What is no
// whole version cannot be asked for by name, and is passed over.
func read(output string) []*semver.Version {
	var words []string
	var word string
	switch {
	case json.Unmarshal([]byte(output), &words) == nil:
	case json.Unmarshal([]byte(output), &word) == nil: // npm writes a single version so
		words = []string{word}
	default:
		words = strings.FieldsFunc(output, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	}
	var versions []*semver.Version
	for _, word := range words {
		if version, err := semver.StrictNewVersion(strings.TrimPrefix(word, "v")); err == nil {
			versions = append(versions, version)
		}
	}
	return tidy(versions)
}
