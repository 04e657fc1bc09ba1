package suite_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

const (
	readme        = "README.md"
	coverageBegin = "<!-- coverage -->\n"
	coverageEnd   = "<!-- /coverage -->\n"
)

func TestCoverageIsComplete(t *testing.T) {
	for _, row := range suite.Coverage() {
		if len(row.Cases) == 0 && row.Reason == "" {
			t.Errorf("%s has no case and no reason: %s", row.Where, row.Text)
		}
		if len(row.Cases) > 0 && row.Reason != "" {
			t.Errorf("%s has a case, so its reason is stale: %s", row.Where, row.Reason)
		}
	}
}

func TestCoverageTableIsFresh(t *testing.T) {
	page, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(page), coverageBegin)
	_, after, found := strings.Cut(rest, coverageEnd)
	if !found {
		t.Fatal("README.md has no place for the coverage table")
	}
	fresh := before + coverageBegin + coverageTable() + coverageEnd + after
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(readme, []byte(fresh), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if fresh != string(page) {
		t.Error("the coverage table is not fresh: UPDATE_GOLDEN=1 go test ./suite -run Coverage")
	}
}

func coverageTable() string {
	var b strings.Builder
	b.WriteString("| where | what it says | cases, or why there is none |\n| --- | --- | --- |\n")
	for _, row := range suite.Coverage() {
		judged := "*" + row.Reason + "*"
		if len(row.Cases) > 0 {
			judged = fmt.Sprintf("%d: `%s`", len(row.Cases), strings.Join(row.Cases, "` `"))
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row.Where, row.Text, judged)
	}
	return b.String()
}
