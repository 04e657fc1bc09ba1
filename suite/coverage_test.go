package suite_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

const readme = "README.md"

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

func TestCoverageTablesAreFresh(t *testing.T) {
	page, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	fresh := fill(t, fill(t, string(page), "coverage", coverageTable()), "readings", readingsTable())
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(readme, []byte(fresh), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if fresh != string(page) {
		t.Error("the tables are not fresh: UPDATE_GOLDEN=1 go test ./suite -run Coverage")
	}
}

// fill puts a table into its place on a page.
func fill(t *testing.T, page, name, table string) string {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
	before, rest, _ := strings.Cut(page, begin)
	_, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no place for the table of %s", readme, name)
	}
	return before + begin + table + end + after
}

func readingsTable() string {
	touched := map[string][]string{}
	for _, c := range suite.Catalogue() {
		if c.Ambiguity != "" {
			touched[c.Ambiguity] = append(touched[c.Ambiguity], c.ID)
		}
	}
	letter := map[string]bool{}
	plain := suite.Catalogue()
	for i, c := range suite.ProfileSpec.Catalogue() {
		letter[c.Ambiguity] = letter[c.Ambiguity] || c.Level != plain[i].Level || c.Then.Requirement != plain[i].Then.Requirement
	}
	var b strings.Builder
	b.WriteString("| | the question | spec profile | cases |\n| --- | --- | --- | --- |\n")
	for number := range 100 {
		id := fmt.Sprintf("R%d", number)
		reading, known := suite.FindAmbiguity(id)
		if !known {
			continue
		}
		differs := ""
		if letter[id] {
			differs = "differs"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` |\n", id, reading.Question, differs, strings.Join(touched[id], "` `"))
	}
	return b.String()
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
