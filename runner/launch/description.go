package launch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/Masterminds/semver/v3"
	"github.com/goccy/go-yaml"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

// Description is a target.yaml: how a target is installed, started and configured.
// In commands and in the values of Set, {version}, {cache} and {app} stand for
// the chosen version, that version's cache folder and the folder of the app.
type Description struct {
	Name           string              `yaml:"name"`
	Title          string              `yaml:"title"`
	Package        string              `yaml:"package"`        // its name in the registry
	DefaultVersion string              `yaml:"defaultVersion"` // empty: the target has no versions
	Versions       string              `yaml:"versions"`       // the range of those that are supported
	Published      []string            `yaml:"published"`      // a command that prints every published version
	Requires       []Program           `yaml:"requires"`
	Setup          []string            `yaml:"setup"` // a command; empty: there is nothing to install
	Start          []string            `yaml:"start"` // a command
	Path           string              `yaml:"path"`  // where the endpoint is served
	Set            map[string]string   `yaml:"set"`   // variables of every set-up
	Env            map[string][]string `yaml:"env"`   // a name of the specification: the target's own names for it
	Cloud          []CloudVariable     `yaml:"cloud"` // what selects cloud mode
	Capabilities   []Claim             `yaml:"capabilities"`

	folder string // of a target on disk
	files  fs.FS  // the folder of a built-in target
}

// Program is a command that must be installed.
type Program struct {
	Command string   `yaml:"command"`
	Args    []string `yaml:"args"`    // make it print its version
	Minimum string   `yaml:"minimum"` // the oldest supported version
}

// CloudVariable is one variable that selects cloud mode, in versions from Since
// up to, not including, Before.
type CloudVariable struct {
	Name   string `yaml:"name"`
	Value  string `yaml:"value"`
	Since  string `yaml:"since"`
	Before string `yaml:"before"`
}

// Claim is an optional capability that a target has from a version on.
type Claim struct {
	Name  suite.Capability `yaml:"name"`
	Since string           `yaml:"since"`
}

const descriptionFile = "target.yaml"

// read parses a description strictly. file is its name in errors.
func read(text []byte, file string) (Description, error) {
	var d Description
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	err := decoder.Decode(&d)
	if err == nil {
		if more := decoder.Decode(&struct{}{}); !errors.Is(more, io.EOF) {
			return d, page.Usage("put each target into a file of its own", "%s: there is more than one document", file)
		}
		return d, d.check(text, file)
	}
	var placed yaml.Error
	switch {
	case errors.Is(err, io.EOF):
		return d, page.Usage(readmeHint, "%s is empty", file)
	case errors.As(err, &placed) && placed.GetToken() != nil:
		at := placed.GetToken().Position
		return d, page.Usage(readmeHint, "%s:%d:%d: %s", file, at.Line, at.Column, placed.GetMessage())
	}
	return d, page.Usage(readmeHint, "%s: %v", file, err)
}

const readmeHint = "`countersign targets` shows the built-in ones; copy the target.yaml of one of them"

// readFolder reads the description in a folder on disk.
func readFolder(folder string, text []byte) (Description, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return Description{}, fmt.Errorf("finding the folder of a target: %w", err)
	}
	d, err := read(text, filepath.Join(folder, descriptionFile))
	d.folder = folder
	return d, err
}

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
