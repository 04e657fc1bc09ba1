package report_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/countersign-dev/countersign/runner/report"
)

// TestPagesInABrowser opens the page of every example in a real browser, which
// COUNTERSIGN_BROWSER names (/usr/bin/chromium). It needs npm, which installs what
// drives the browser. COUNTERSIGN_PICTURES may name a folder for pictures.
func TestPagesInABrowser(t *testing.T) {
	browser := os.Getenv("COUNTERSIGN_BROWSER")
	if browser == "" {
		t.Skip("SKIPPED LOUDLY: COUNTERSIGN_BROWSER names no browser, so no page was opened")
	}
	folder, pages := t.TempDir(), t.TempDir()
	for _, name := range []string{"package.json", "check.mjs"} {
		content, err := os.ReadFile(filepath.Join("testdata", "browser", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, args ...string) string {
		command := exec.CommandContext(t.Context(), name, args...)
		command.Dir = folder
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, output)
		}
		return string(output)
	}
	run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts")
	for name, r := range examples(t) {
		if err := os.WriteFile(filepath.Join(pages, name+".html"), []byte(written(t, report.HTML, r)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"check.mjs", browser, pages}
	if pictures := os.Getenv("COUNTERSIGN_PICTURES"); pictures != "" {
		args = append(args, pictures)
	}
	if problems := run("node", args...); problems != "" {
		t.Error(problems)
	}
}
