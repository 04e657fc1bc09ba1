package sweep

import (
	"context"
	"errors"
	"fmt"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/launch"
)

// LeftOut counts published versions that were asked for and are not swept.
type LeftOut struct {
	PreReleases int `json:"preReleases"`
	Unsupported int `json:"unsupported"` // the target's description does not know how to start them
}

// Choice is the versions to sweep, oldest first.
type Choice struct {
	Versions []string
	LeftOut  LeftOut
}

// Choose turns what the user asks for into versions. Those that are named one by
// one are taken as they are; a range or a constraint is filled by the registry.
func Choose(ctx context.Context, d launch.Description, text string, pre bool) (Choice, error) {
	asked, err := parse(text)
	if err != nil {
		return Choice{}, err
	}
	if d.DefaultVersion == "" {
		return Choice{}, misuse("`countersign run --target` judges it as it is", "%s has no versions to sweep over", d.Name)
	}
	if asked.listed != nil {
		return take(asked.listed, d)
	}
	published, err := Versions(ctx, d)
	if err != nil {
		return Choice{}, err
	}
	choice := sift(asked, published, pre, func(version string) bool { return supports(d, version) == nil })
	if len(choice.Versions) == 0 {
		return choice, none(d, text, published, choice.LeftOut)
	}
	return choice, nil
}

// take is for versions named one by one: one that is not supported is an error.
func take(listed []*semver.Version, d launch.Description) (Choice, error) {
	choice := Choice{}
	for _, v := range listed {
		if err := supports(d, v.String()); err != nil {
			return choice, err
		}
		choice.Versions = append(choice.Versions, v.String())
	}
	return choice, nil
}

// supports: a lab can be made of the version; making one starts nothing.
func supports(d launch.Description, version string) error {
	lab, err := launch.New(d, version, launch.Options{})
	if err != nil {
		return err
	}
	lab.Close()
	return nil
}

// sift takes from what is published what was asked for.
func sift(asked spec, published []*semver.Version, pre bool, supported func(string) bool) Choice {
	choice := Choice{}
	for _, v := range published {
		switch {
		case !asked.takes(v):
		case v.Prerelease() != "" && !pre:
			choice.LeftOut.PreReleases++
		case !supported(v.String()):
			choice.LeftOut.Unsupported++
		default:
			choice.Versions = append(choice.Versions, v.String())
		}
	}
	return choice
}

func none(d launch.Description, text string, published []*semver.Version, out LeftOut) error {
	hint := fmt.Sprintf("%s is published from %s to %s", d.Name, published[0], published[len(published)-1])
	switch {
	case out.Unsupported > 0:
		hint = fmt.Sprintf("the %d in it are not supported; those are %s", out.Unsupported, d.Versions)
	case out.PreReleases > 0:
		hint = fmt.Sprintf("the %d in it are pre-releases: add --pre", out.PreReleases)
	}
	return misuse(hint, "no version of %s to sweep is in %q", d.Name, text)
}

// Limit refuses more versions than a sweep may judge; a bisection judges only
// some of them, and sees to the limit itself.
func (c Choice) Limit(most int) error {
	if len(c.Versions) <= most {
		return nil
	}
	return misuse(fmt.Sprintf("--bisect judges only as many as it needs; --max %d judges all; or ask for fewer", len(c.Versions)),
		"%d versions are more than the %d that --max allows", len(c.Versions), most)
}

// aborts reports whether an error is about this machine or this call, so that
// the next version would fare no better.
func aborts(err error) bool {
	var wrong *launch.UsageError
	return errors.As(err, &wrong) || errors.Is(err, context.Canceled)
}
