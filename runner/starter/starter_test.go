package starter_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/starter"
)

// What is written is a target, named after its folder.
func TestTemplatesAreTargets(t *testing.T) {
	if got := starter.Languages(); !slices.Equal(got, []string{"go", "node", "python", "rust"}) {
		t.Errorf("there are templates for %v", got)
	}
	for _, language := range starter.Languages() {
		t.Run(language, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "deep", "My SDK (2)")
			written, err := starter.Write(language, folder)
			if err != nil {
				t.Fatal(err)
			}
			d, err := launch.Find(folder)
			if err != nil || d.Name != "my-sdk-2" {
				t.Fatalf("%s, %v", d.Name, err)
			}
			text := ""
			for _, name := range written {
				content, err := os.ReadFile(filepath.Join(folder, name))
				if err != nil || strings.HasSuffix(name, ".tmpl") {
					t.Errorf("%s: %v", name, err)
				}
				text += string(content)
			}
			if edits := strings.Count(text, "EDIT"); edits < 6 {
				t.Errorf("%d places are marked", edits)
			}
			if _, err := launch.New(d, "", launch.Options{Cache: t.TempDir()}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNothingIsReplaced(t *testing.T) {
	folder := t.TempDir()
	own := filepath.Join(folder, "app", "main.py")
	if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := starter.Write("python", folder)
	var wrong *page.Error
	if !errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Sentence, "main.py is there already") {
		t.Errorf("got %v", err)
	}
	text, _ := os.ReadFile(own)
	if _, err := os.Stat(filepath.Join(folder, "target.yaml")); err == nil || string(text) != "mine" {
		t.Errorf("something was written: %q", text)
	}
}

func TestLanguagesHaveOtherNames(t *testing.T) {
	for name, want := range map[string]string{"TypeScript": "app/server.mjs", "golang": "app/go.mod", "py": "app/main.py", "rs": "app/Cargo.lock"} {
		if written, err := starter.Write(name, t.TempDir()); err != nil || !slices.Contains(written, want) {
			t.Errorf("%s: %v, %v", name, written, err)
		}
	}
	var wrong *page.Error
	if _, err := starter.Write("pyton", t.TempDir()); !errors.As(err, &wrong) || !strings.Contains(wrong.Hint, "did you mean python?") {
		t.Errorf("got %v", err)
	}
}
