package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/vectors"
)

// newest is the first section of the changelog: its version, whether it is released,
// and its digest.
var newest = regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)( \(unreleased\))?\n\nDigest: ` + "`(sha256:[0-9a-f]*)`" + `$`)

// withManifest returns the manifest of the files, and the changelog with their digest
// in the newest section. It fails where that section is of a released version with
// another digest.
func withManifest(changelog []byte, all []output) (manifest, updated []byte, err error) {
	at := newest.FindSubmatchIndex(changelog)
	if at == nil {
		return nil, nil, errors.New("reading CHANGELOG.md: no section with a version and a digest")
	}
	version, digest := string(changelog[at[2]:at[3]]), string(changelog[at[6]:at[7]])
	m := manifestOf(all)
	released := at[4] < 0
	if released && digest != m.Digest {
		return nil, nil, fmt.Errorf("the vectors differ from those of version %s, which is released: add a section `## VERSION (unreleased)` with a digest above it in CHANGELOG.md", version)
	}
	m.Version = version
	if !released {
		m.Version += "-unreleased"
	}
	if manifest, err = json.MarshalIndent(m, "", "  "); err != nil {
		return nil, nil, fmt.Errorf("encoding the manifest: %w", err)
	}
	return append(manifest, '\n'), slices.Concat(changelog[:at[6]], []byte(m.Digest), changelog[at[7]:]), nil
}

// manifestOf computes the SHA-256 of each file, and the digest of all of them.
func manifestOf(all []output) vectors.Manifest {
	m := vectors.Manifest{Files: map[string]string{}}
	for _, file := range all {
		m.Files[file.name+".json"] = fmt.Sprintf("%x", sha256.Sum256(file.text))
	}
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		fmt.Fprintf(&lines, "%s  %s\n", m.Files[name], name)
	}
	m.Digest = fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(lines.String())))
	return m
}
