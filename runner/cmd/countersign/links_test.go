package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestNoTestFrameworkIsLinked: packages for tests add flags, start-up work and
// megabytes to a program.
func TestNoTestFrameworkIsLinked(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", ".")
	output, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := strings.Fields(string(output))
	if len(packages) < 100 {
		t.Fatalf("go list names only %d packages", len(packages))
	}
	for _, name := range packages {
		for _, unwanted := range []string{"testing", "net/http/httptest", "pgregory.net/rapid", "github.com/onsi/ginkgo", "github.com/onsi/gomega"} {
			if name == unwanted || strings.HasPrefix(name, unwanted+"/") {
				t.Errorf("%s is linked", name)
			}
		}
	}
}
