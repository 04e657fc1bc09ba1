package vectors

import (
	"encoding/json"
	"fmt"
)

// Manifest identifies the vectors: a repository that copies them pins the version and
// the digest.
type Manifest struct {
	Version string            `json:"version"` // "1.0.0", or "1.0.0-unreleased"
	Digest  string            `json:"digest"`  // "sha256:…" over the lines that `sha256sum *.json` prints in data
	Files   map[string]string `json:"files"`   // the SHA-256 of each file, in hex, by its name in data
}

// Pinned returns the manifest of the embedded vectors.
func Pinned() (Manifest, error) {
	var m Manifest
	text, err := embedded.ReadFile("manifest.json")
	if err != nil {
		return m, fmt.Errorf("reading the manifest of the vectors: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("parsing the manifest of the vectors: %w", err)
	}
	return m, nil
}
