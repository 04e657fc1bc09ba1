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
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/limits"
)

// published are all published versions of a target, oldest first, as the command
// that its description names under "published" lists them. The error is a
// [*page.Error], with the output of that command where it fails.
func published(ctx context.Context, d launch.Description) ([]*semver.Version, error) {
	if len(d.Published) == 0 {
		return nil, page.Usage("list them, like --versions 1.0.0,1.1.0, or add `published` to its target.yaml",
			"the description of %s has no command that lists its versions", d.Name)
	}
	output, err := list(ctx, d)
	if err != nil {
		return nil, err
	}
	versions := read(output)
	if len(versions) == 0 {
		return nil, unlisted(output, "%s listed no version of %s", command(d), d.Name)
	}
	return versions, nil
}

func command(d launch.Description) string { return strings.Join(d.Published, " ") }

// list runs the command outside of the user's folder, so that no settings in it
// apply.
func list(ctx context.Context, d launch.Description) (string, error) {
	limited, cancel := context.WithTimeout(ctx, limits.Listing)
	defer cancel()
	var errorOutput strings.Builder
	listing := exec.CommandContext(limited, d.Published[0], d.Published[1:]...)
	listing.Dir, listing.Env = os.TempDir(), withoutSecrets(os.Environ())
	listing.Stderr, listing.WaitDelay = &errorOutput, limits.Drain
	output, err := listing.Output()
	switch {
	case err == nil:
		return string(output), nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("listing the published versions of %s: %w", d.Name, ctx.Err())
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		err = fmt.Errorf("it did not end within %s", limits.Listing)
	}
	return "", unlisted(errorOutput.String(), "listing the published versions of %s: %s: %v", d.Name, command(d), err)
}

// unlisted is the error where the published versions are not known.
func unlisted(output, format string, args ...any) *page.Error {
	err := page.CouldNotJudge("`countersign doctor` checks what the targets need", format, args...)
	err.Output = strings.TrimSpace(output)
	return err
}

// withoutSecrets removes the INNGEST_ variables, which may be keys.
func withoutSecrets(env []string) []string {
	return slices.DeleteFunc(env, func(variable string) bool { return strings.HasPrefix(variable, "INNGEST_") })
}

// read finds versions in a JSON list, a JSON string or plain words. What is not a
// whole version cannot be installed by name and is ignored.
func read(output string) []*semver.Version {
	output = page.Uncoloured(output)
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

// mostNewest is how many of the newest versions are named.
const mostNewest = 5

// Unpublished is the error for a target with a version that was never published, with
// the nearest one; nil, if it was, or if that cannot be found out.
func Unpublished(ctx context.Context, d launch.Description, version string) *page.Error {
	all, err := published(ctx, d)
	if err != nil {
		return nil
	}
	var known []string
	for _, v := range slices.Backward(all) {
		if v.String() == version {
			return nil
		}
		if supports(d, v.String()) == nil {
			known = append(known, v.String())
		}
	}
	newest := "the newest are " + strings.Join(known[:min(len(known), mostNewest)], ", ")
	return page.Usage(page.DidYouMean(version, known, newest), "%s %s was never published", d.Name, version)
}

// Newest is the newest published version of a target that its description supports,
// without pre-releases. The error is a [*page.Error].
func Newest(ctx context.Context, d launch.Description) (string, error) {
	all, err := published(ctx, d)
	if err != nil {
		return "", err
	}
	for _, v := range slices.Backward(all) {
		if v.Prerelease() == "" && supports(d, v.String()) == nil {
			return v.String(), nil
		}
	}
	return "", none(d, "newest", all, Excluded{})
}
