package sweep

import (
	"context"
	"errors"
	"fmt"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
)

// Excluded counts published versions that match the request but are not swept.
type Excluded struct {
	PreReleases int `json:"preReleases"`
	Unsupported int `json:"unsupported"` // by the target's description
}

// choice is the versions to sweep, oldest first.
type choice struct {
	versions []string
	excluded Excluded
}

// choose turns a request into versions. Those that are listed are taken as they
// are; a range or a constraint takes the published ones.
func choose(ctx context.Context, d launch.Description, text string, pre bool) (choice, error) {
	wanted, err := parse(text)
	if err != nil {
		return choice{}, err
	}
	if d.DefaultVersion == "" {
		return choice{}, page.Usage("use `countersign run --target`", "%s has no versions", d.Name)
	}
	if wanted.listed != nil {
		return take(wanted.listed, d)
	}
	all, err := published(ctx, d)
	if err != nil {
		return choice{}, err
	}
	chosen := sift(wanted, all, pre, func(version string) bool { return supports(d, version) == nil })
	if len(chosen.versions) == 0 {
		return chosen, none(d, text, all, chosen.excluded)
	}
	return chosen, nil
}

// take is for listed versions: one that is not supported is an error.
func take(listed []*semver.Version, d launch.Description) (choice, error) {
	chosen := choice{}
	for _, v := range listed {
		if err := supports(d, v.String()); err != nil {
			return chosen, err
		}
		chosen.versions = append(chosen.versions, v.String())
	}
	return chosen, nil
}

// supports says why a target does not support a version; nil where it does.
func supports(d launch.Description, version string) error {
	lab, err := launch.New(d, version, launch.Options{})
	if err != nil {
		return err
	}
	lab.Close()
	return nil
}

// sift takes the wanted versions from the published ones.
func sift(wanted spec, all []*semver.Version, pre bool, supported func(string) bool) choice {
	chosen := choice{}
	for _, v := range all {
		switch {
		case !wanted.takes(v):
		case v.Prerelease() != "" && !pre:
			chosen.excluded.PreReleases++
		case !supported(v.String()):
			chosen.excluded.Unsupported++
		default:
			chosen.versions = append(chosen.versions, v.String())
		}
	}
	return chosen
}

// none is the error where no version is left.
func none(d launch.Description, text string, all []*semver.Version, out Excluded) error {
	hint := fmt.Sprintf("%s is published from %s to %s", d.Name, all[0], all[len(all)-1])
	switch {
	case out.Unsupported > 0:
		hint = fmt.Sprintf("the %d that match are not supported; supported are %s", out.Unsupported, d.Versions)
	case out.PreReleases > 0:
		hint = fmt.Sprintf("the %d that match are pre-releases: add --pre", out.PreReleases)
	}
	return page.Usage(hint, "no version of %s matches %q", d.Name, text)
}

// limit refuses more versions than a sweep may judge. A bisection judges only some
// of them and applies the limit itself.
func (c choice) limit(most int) error {
	if len(c.versions) <= most {
		return nil
	}
	return page.Usage(fmt.Sprintf("--bisect judges only as many as it needs, --max %d allows all of them", len(c.versions)),
		"%d versions match, but --max allows %d", len(c.versions), most)
}

// aborts reports whether an error is about this machine or this call, so that
// every other version would fail, too.
func aborts(err error) bool {
	var described *page.Error
	return errors.As(err, &described) && described.Code == page.ExitUsage || errors.Is(err, context.Canceled)
}
