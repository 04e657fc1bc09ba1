package vectors_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/vectors"
)

func TestReadyTestsPassARightVerifier(t *testing.T) {
	longtest.Skip(t)
	want := 0
	for _, v := range load[vectors.Verify](t).Vectors {
		if v.Result != vectors.Unspecified {
			want++
		}
	}
	for language, test := range readyTests {
		t.Run(language, func(t *testing.T) {
			out, passed := test.run(t, test.with(t, language, "right", ""), "COUNTERSIGN_STRICT=1")
			if agree, scored := summary(t, out); !passed || agree != want || scored != want {
				t.Errorf("passed: %v, agrees with %d of %d, want %d:\n%s", passed, agree, scored, want, out)
			}
		})
	}
}

// The wrong verifier accepts expired signatures.
func TestReadyTestsFailAWrongVerifier(t *testing.T) {
	longtest.Skip(t)
	for language, test := range readyTests {
		t.Run(language, func(t *testing.T) {
			out, passed := test.run(t, test.with(t, language, "wrong", ""))
			for _, v := range load[vectors.Verify](t).Vectors {
				if expired := v.Reason == "expired" && v.Level == "MUST"; expired != strings.Contains(out, "MUST "+v.ID+" (") {
					t.Errorf("%s: expired: %v, and it is reported otherwise", v.ID, expired)
				}
			}
			if agree, scored := summary(t, out); passed || agree == 0 || agree >= scored {
				t.Errorf("passed: %v, agrees with %d of %d:\n%s", passed, agree, scored, out)
			}
		})
	}
}

// A verifier that refuses everything gets no credit for what it refuses.
func TestReadyTestsCountNoRefusalWithoutItsControl(t *testing.T) {
	longtest.Skip(t)
	for language, test := range readyTests {
		t.Run(language, func(t *testing.T) {
			out, passed := test.run(t, test.with(t, language, "closed", ""))
			if agree, _ := summary(t, out); passed || agree != 0 {
				t.Errorf("passed: %v, agrees with %d:\n%s", passed, agree, out)
			}
		})
	}
}

func TestReadyTestsNeedAVerifier(t *testing.T) {
	longtest.Skip(t)
	for language, test := range readyTests {
		t.Run(language, func(t *testing.T) {
			out, passed := test.run(t, test.with(t, language, "", ""))
			if passed || !strings.Contains(out, "fill in verify") || outcome.MatchString(out) {
				t.Errorf("passed: %v:\n%s", passed, out)
			}
		})
	}
}

// The SDKs whose verifier can be called: the Go SDK exports it, the Python SDK has it
// in an internal module. They are those that `countersign run --target` installed;
// nothing is fetched. What they differ in is logged, not asserted.
func TestReadyTestsRunAnSDK(t *testing.T) {
	longtest.Skip(t)
	for language, pattern := range map[string]string{"go": "inngest-go/*/go.mod", "python": "inngest-py/*/bin/python"} {
		t.Run(language, func(t *testing.T) {
			test, installed := readyTests[language], newest(t, pattern)
			if language == "python" {
				test.command = append([]string{installed}, test.command[1:]...)
			}
			out, _ := test.run(t, test.with(t, language, "sdk", filepath.Dir(installed)))
			agree, scored := summary(t, out)
			if agree < scored/2 {
				t.Errorf("%s agrees with only %d of %d vectors:\n%s", installed, agree, scored, out)
			}
			t.Logf("%s agrees with %d of %d vectors", installed, agree, scored)
		})
	}
}

// newest returns the file of Countersign's cache that matches a pattern and has the
// newest version in its path. The test is skipped where there is none.
func newest(t *testing.T, pattern string) string {
	t.Helper()
	cache := os.Getenv("COUNTERSIGN_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			t.Skipf("NOT CHECKED: there is no cache folder: %v", err)
		}
		cache = filepath.Join(user, "countersign")
	}
	found, err := filepath.Glob(filepath.Join(cache, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		sdk, _, _ := strings.Cut(pattern, "/")
		t.Skipf("NOT CHECKED: %[1]s is not installed, so its verifier is not checked; `countersign run --target %[1]s --case receiving.signed` installs it", sdk)
	}
	return slices.MaxFunc(found, func(a, b string) int { return slices.Compare(numbersIn(a), numbersIn(b)) })
}

// numbersIn are the numbers of the version in a path: 0, 16, 0.
func numbersIn(path string) (numbers []int) {
	for _, text := range strings.Split(versionIn.FindString(path), ".") {
		n, _ := strconv.Atoi(text) // without a version there is one text, which is empty
		numbers = append(numbers, n)
	}
	return numbers
}

var versionIn = regexp.MustCompile(`\d+\.\d+\.\d+`)

func TestTheNewestIsFound(t *testing.T) {
	if old, young := numbersIn("/c/inngest-go/0.9.0-1a2b/x"), numbersIn("/c/inngest-go/0.16.0-0f/x"); slices.Compare(old, young) >= 0 {
		t.Errorf("%v, %v", old, young)
	}
}
