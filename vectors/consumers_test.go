package vectors_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/vectors"
)

// consumers are programs in other languages that recompute the values with
// nothing but their standard library.
var consumers = []struct {
	program, script string
	ignores         []string // files that it does not read
}{
	{"python3", "consumers/python/check.py", nil},
	{"node", "consumers/javascript/check.mjs", []string{"mode"}},
}

func TestOtherLanguagesAgree(t *testing.T) {
	for _, c := range consumers {
		t.Run(c.program, func(t *testing.T) {
			out, code := consume(t, c.program, c.script, "data")
			if code != 0 {
				t.Fatalf("exit code %d:\n%s", code, out)
			}
			t.Logf("%s", out)
		})
	}
}

// A consumer must notice a change of one value.
func TestOtherLanguagesNoticeErrors(t *testing.T) {
	for _, corrupt := range []struct{ name, file, old, replacement string }{
		{"a MAC", "verify", `"primaryMac": "b318`, `"primaryMac": "b31f`},
		{"a body", "verify", `\"attempt\":0`, `\"attempt\":7`},
		{"the clock", "verify", `"now": 1767323045`, `"now": 1767323545`},
		{"a verdict", "verify", `"result": "accept"`, `"result": "refuse"`},
		{"a key", "verify", `"primary": "signkey-prod-5e0a`, `"primary": "signkey-prod-5e0b`},
		{"signed bytes", "sign", `}1767323045"`, `} 1767323045"`},
		{"a bearer", "key-hash", `"bearer": "signkey-prod-b2ed`, `"bearer": "signkey-prod-b2ee`},
		{"a rule", "header", `"rule": "t is present"`, `"rule": "s is present"`},
		{"a canonical number", "canonical", `"canonical": "1e+23"`, `"canonical": "1e23"`},
		{"a canonical order", "canonical", `"canonical": "{\"a\":3,\"b\":2,\"c\":1}"`, `"canonical": "{\"c\":1,\"b\":2,\"a\":3}"`},
		{"a mode", "mode", `"result": "cloud"`, `"result": "dev"`},
		{"a recorded MAC", "real", `"mac": "e884`, `"mac": "e885`},
		{"a recorded body", "real", `\"case\":\"lone\"`, `\"case\":\"lane\"`},
		{"a recorded key", "real", `"key": "fallback"`, `"key": "primary"`},
		{"what a recorded MAC covers", "real", `"covers": "canonical"`, `"covers": "body"`},
		{"an exchange", "bearer-fallback", `"bearer": "signkey-prod-`, `"bearer": "signkey-test-`},
	} {
		for _, c := range consumers {
			if slices.Contains(c.ignores, corrupt.file) {
				continue
			}
			t.Run(c.program+" "+corrupt.name, func(t *testing.T) {
				t.Parallel()
				if out, code := consume(t, c.program, c.script, corruptedCopy(t, corrupt.file, corrupt.old, corrupt.replacement)); code != 1 {
					t.Errorf("exit code %d:\n%s", code, out)
				}
			})
		}
	}
}

// corruptedCopy returns a directory with all files, one of them with one change.
func corruptedCopy(t *testing.T, name, old, replacement string) string {
	t.Helper()
	folder := t.TempDir()
	for _, each := range vectors.Names {
		raw, err := vectors.Raw(each)
		if err != nil {
			t.Fatal(err)
		}
		if each == name {
			raw = edited(t, name, old, replacement)
		}
		if err := os.WriteFile(filepath.Join(folder, each+".json"), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// consume runs a consumer on a directory. The test is skipped where its
// interpreter is not installed.
func consume(t *testing.T, program, script, folder string) (output []byte, code int) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("NOT CHECKED: %s is not installed, so the vectors are not verified in another language", program)
	}
	limited, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	output, err = exec.CommandContext(limited, path, script, folder).CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return output, exit.ExitCode()
	case err != nil:
		t.Fatalf("running %s: %v", program, err)
	}
	return output, 0
}
