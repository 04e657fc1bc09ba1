package suite

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed pinned
var pinnedFiles embed.FS

// Pinned is the catalogue of a version: the cases that it had, and their levels. A
// run that is pinned to it scores what came later as if it were not there.
type Pinned struct {
	Version string // "2026.1"
	levels  map[string]Level
}

// PinnedVersions lists the versions of the catalogue, the oldest first.
func PinnedVersions() (versions []string) {
	files, _ := pinnedFiles.ReadDir("pinned") // it is embedded
	for _, file := range files {
		versions = append(versions, strings.TrimSuffix(file.Name(), ".txt"))
	}
	slices.Sort(versions)
	return versions
}

// Pin returns the catalogue of a version. A version that is not known is an error.
func Pin(version string) (*Pinned, error) {
	if !slices.Contains(PinnedVersions(), version) {
		return nil, fmt.Errorf("there is no version %q of the catalogue", version)
	}
	text, err := pinnedFiles.ReadFile("pinned/" + version + ".txt")
	if err != nil {
		return nil, err
	}
	p := &Pinned{Version: version, levels: map[string]Level{}}
	for line := range strings.Lines(string(text)) {
		if id, level, is := strings.Cut(strings.TrimSpace(line), " "); is {
			p.levels[id] = Level(level)
		}
	}
	return p, nil
}

// Level returns the level that a case had; false if the version had no such case.
func (p *Pinned) Level(id string) (Level, bool) {
	level, had := p.levels[id]
	return level, had
}

// pinnedText is the catalogue as a file of the folder pinned has it: a line for each
// case, with its id and level.
func pinnedText(cases []Case) string {
	var out strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&out, "%s %s\n", c.ID, c.Level)
	}
	return out.String()
}
