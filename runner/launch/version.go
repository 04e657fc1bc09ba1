package launch

import (
	"fmt"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

// has reports whether a version is in the range from since up to, not including,
// before.
func has(version *semver.Version, since, before string) bool {
	if version == nil {
		return true
	}
	from, errFrom := semver.StrictNewVersion(since)
	to, errTo := semver.StrictNewVersion(before)
	return (errFrom != nil || !version.LessThan(from)) && (errTo != nil || version.LessThan(to))
}

// version parses a requested version; nil where the target has none.
func (d Description) version(requested string) (*semver.Version, error) {
	if d.DefaultVersion == "" {
		if requested != "" {
			return nil, page.Usage("leave out @"+requested, "%s has no versions", d.Name)
		}
		return nil, nil
	}
	if requested == "" {
		requested = d.DefaultVersion
	}
	version, err := semver.StrictNewVersion(requested)
	if err != nil {
		return nil, page.Usage("write it in full, like "+d.Name+"@"+d.DefaultVersion, "%q is not a version of %s", requested, d.Name)
	}
	if d.Versions == "" {
		return version, nil
	}
	supported, err := semver.NewConstraint(d.Versions)
	if err != nil {
		return nil, fmt.Errorf("reading the supported versions of %s: %w", d.Name, err)
	}
	supported.IncludePrerelease = true
	if !supported.Check(version) {
		return nil, page.Usage("the default is "+d.DefaultVersion, "%s %s is not supported; supported are %s", d.Name, version, d.Versions)
	}
	return version, nil
}

// claims are the capabilities of a version.
func (d Description) claims(version *semver.Version) []suite.Capability {
	var claimed []suite.Capability
	for _, claim := range d.Capabilities {
		if has(version, claim.Since, "") {
			claimed = append(claimed, claim.Name)
		}
	}
	return claimed
}

// requires are the programs that a version needs.
func (d Description) requires(version *semver.Version) []Program {
	var needed []Program
	for _, program := range d.Requires {
		if has(version, program.Since, program.Before) {
			needed = append(needed, program)
		}
	}
	return needed
}
