package launch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Only what set-ups have made is removed, and nothing that is in use.
func TestClean(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("COUNTERSIGN_CACHE", cache)
	key := strings.Repeat("a", keyLength)
	used, left := installable(t, cache, "true"), installable(t, cache, "true; true")
	for _, lab := range []*Lab{used, left} {
		if err := lab.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	left.Close()
	_ = installable(t, cache, "exit 1").Prepare(t.Context()) // leaves a lock alone
	for _, name := range []string{
		"other/2.0.0-" + key + "/" + markFile, "other/express/2.0.0-" + key + "/" + markFile, "other/app-" + key + "/main",
		"other/unfinished-2.1.0-" + key + "-123/half", "other/1.0.0/" + markFile,
	} {
		write(t, filepath.Join(cache, name), "x")
	}
	foreign := []string{"mine/letters/app-" + key[1:] + "/x", "mine/unfinished-novel/x", "mine/2024-photos/x", "other2/express-1/x"}
	for _, name := range foreign {
		write(t, filepath.Join(cache, name), "x")
	}

	cleaned, err := Clean("other", "2.0.0")
	if got := names(cleaned); err != nil || !slices.Equal(got, []string{"other/2.0.0-" + key, "other/express/2.0.0-" + key}) {
		t.Errorf("cleaned %v, %v", got, err)
	}
	cleaned, err = Clean("", "")
	want := []string{
		"installable/" + filepath.Base(left.cache), "installable/" + filepath.Base(used.cache) + " in use",
		"other/1.0.0", "other/app-" + key, "other/unfinished-2.1.0-" + key + "-123",
	}
	slices.Sort(want)
	if got := names(cleaned); err != nil || !slices.Equal(got, want) {
		t.Errorf("cleaned\n%v, %v; want\n%v", got, err, want)
	}
	for _, name := range foreign {
		if _, err := os.Stat(filepath.Join(cache, name)); err != nil {
			t.Errorf("somebody else's file: %v", err)
		}
	}
	if got := files(t, cache); !slices.Equal(got, []string{"installable", "mine", "other2"}) {
		t.Errorf("the cache holds %v", got)
	}
	if !isInstalled(used.cache) || len(files(t, filepath.Dir(used.cache))) != 2 {
		t.Errorf("beside what is in use there are %v", files(t, filepath.Dir(used.cache)))
	}
	used.Close()
	if cleaned, err := Clean("", ""); err != nil || len(cleaned) != 1 || cleaned[0].InUse || len(files(t, cache)) != 2 {
		t.Errorf("cleaned %v, %v; %v are left", cleaned, err, files(t, cache))
	}
}

func names(cleaned []Cleaned) []string {
	var names []string
	for _, c := range cleaned {
		name := filepath.ToSlash(c.Name)
		if c.InUse {
			name += " in use"
		}
		if c.Err != nil {
			name += ": " + c.Err.Error()
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
