package launch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

// Description is a target.yaml: how a target is installed, started and configured.
// In commands and in the values of Set, {version}, {variant}, {cache} and {app}
// stand for the chosen version and variant, the folder that the set-up fills, and
// the folder of the app.
type Description struct {
	Name           string              `yaml:"name"`
	Title          string              `yaml:"title"`
	Package        string              `yaml:"package"`        // its name in the registry
	DefaultVersion string              `yaml:"defaultVersion"` // empty: the target has no versions
	Versions       string              `yaml:"versions"`       // the range of those that are supported
	Published      []string            `yaml:"published"`      // a command that prints every published version
	Requires       []Program           `yaml:"requires"`
	Setup          []string            `yaml:"setup"`      // a command; empty: there is nothing to install
	SetupReads     *[]string           `yaml:"setupReads"` // what it reads of the app's folder; nil: all of it
	Start          []string            `yaml:"start"`      // a command
	Limits         Limits              `yaml:"limits"`
	Path           string              `yaml:"path"`  // where the endpoint is served
	Set            map[string]string   `yaml:"set"`   // variables of every set-up
	Env            map[string][]string `yaml:"env"`   // a name of the specification: the target's own names for it
	Cloud          []CloudVariable     `yaml:"cloud"` // what selects cloud mode
	Says           map[string]string   `yaml:"says"`  // versions that name another one in X-Inngest-Sdk, and which
	Capabilities   []Claim             `yaml:"capabilities"`
	Variants       []Variant           `yaml:"variants"`

	folder  string // of a target on disk
	files   fs.FS  // the folder of a built-in target
	variant string // the chosen one; empty: the first that the version has
	// ownSetup: what is installed depends on the variant.
	ownSetup bool
}

// Program is a command that must be installed, for versions of the target from
// Since up to, not including, Before.
type Program struct {
	Command string   `yaml:"command"`
	Args    []string `yaml:"args"`    // make it print its version
	Minimum string   `yaml:"minimum"` // the oldest supported version
	Since   string   `yaml:"since"`
	Before  string   `yaml:"before"`
}

// Limits are how long a target may take; 0 is the default limit.
type Limits struct {
	Setup time.Duration `yaml:"setup"` // for its set-up command
	Start time.Duration `yaml:"start"` // from starting a process to its first response
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
	Name   suite.Capability `yaml:"name"`
	Since  string           `yaml:"since"`
	Absent bool             `yaml:"absent"` // a variant does not have it, although the target claims it
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

const readmeHint = "runner/targets/README.md describes every member; `countersign init` writes a target.yaml to start from"

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
