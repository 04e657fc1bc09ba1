package page

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writing(text string, err error) func(io.Writer) error {
	return func(w io.Writer) error {
		_, failed := io.WriteString(w, text)
		return errors.Join(failed, err)
	}
}

func TestFilesAreWrittenWholeOrNotAtAll(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "report.json")
	for _, step := range []struct {
		text string
		err  error
		want string
	}{
		{"first", nil, "first"},
		{"half of the sec", errors.New("no more"), "first"},
		{"second", nil, "second"},
	} {
		err := WriteFile(path, writing(step.text, step.err))
		if (err != nil) != (step.err != nil) || err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("writing %q: %v", step.text, err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != step.want {
			t.Errorf("after %q the file is %q: %v", step.text, text, err)
		}
		if files, err := os.ReadDir(folder); err != nil || len(files) != 1 {
			t.Errorf("drafts are left: %v %v", files, err)
		}
	}
	if found, err := os.Stat(path); err != nil || found.Mode().Perm() != FileMode {
		t.Errorf("permissions: %v %v", found.Mode(), err)
	}
	if err := WriteFile(filepath.Join(folder, "no", "report.json"), writing("x", nil)); err == nil {
		t.Error("a file is written into a folder that does not exist")
	}
}

func TestDevicesAreWrittenToInPlace(t *testing.T) {
	if err := WriteFile(os.DevNull, writing("text", nil)); err != nil {
		t.Error(err)
	}
	if found, err := os.Stat(os.DevNull); err != nil || found.Mode().IsRegular() {
		t.Errorf("%s was replaced by a file", os.DevNull)
	}
	if err := WriteFile(os.DevNull, writing("", errors.New("no more"))); err == nil {
		t.Error("an error of the format is lost")
	}
}
