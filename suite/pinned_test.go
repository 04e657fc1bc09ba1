package suite

import (
	"os"
	"testing"
)

// TestPinnedCatalogues: a version names cases that there are, and the newest one has
// the whole core. With PIN=VERSION the catalogue of today is written as that version.
func TestPinnedCatalogues(t *testing.T) {
	if version := os.Getenv("PIN"); version != "" {
		file := "pinned/" + version + ".txt"
		if _, err := os.Stat(file); err == nil {
			t.Fatalf("%s is there already, and a version does not change", file)
		}
		if err := os.WriteFile(file, []byte(pinnedText(Catalogue())), 0o644); err != nil { //nolint:gosec // source
			t.Fatal(err)
		}
		t.Skip("written; the next build has it")
	}
	versions := PinnedVersions()
	if len(versions) == 0 {
		t.Fatal("there is no version")
	}
	for _, version := range versions {
		pinned, err := Pin(version)
		if err != nil {
			t.Fatal(err)
		}
		for id, level := range pinned.levels {
			if _, err := Find(id); err != nil {
				t.Errorf("%s has %s, which is not in the catalogue: ids are permanent", version, id)
			}
			if level != Must && level != Should && level != May {
				t.Errorf("%s: %s has the level %q", version, id, level)
			}
		}
		for _, id := range Core {
			if level, had := pinned.Level(id); !had || level != Must {
				t.Errorf("%s lacks %s of the core", version, id)
			}
		}
	}
	if _, err := Pin("1999.1"); err == nil {
		t.Error("a version that is not known is found")
	}
}
