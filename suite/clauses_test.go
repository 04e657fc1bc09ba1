package suite_test

import (
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

func TestCitationsAreParsedAsTheyAreFormatted(t *testing.T) {
	for _, row := range suite.Coverage() {
		clause, err := suite.ParseCitation(row.Where)
		if isClause := strings.HasPrefix(row.Where, "SPEC "); isClause != (err == nil) || isClause && clause.String() != row.Where {
			t.Errorf("%s: %s, %v", row.Where, clause, err)
		}
	}
	for _, text := range []string{"", "SPEC", "SPEC nonsense", "SPEC 4.1.3 (4)", "SPEC 4.1.3(4", "SPEC 4.1.3(0)", "SPEC 4.1.3(04)", "SPEC 4.1.3(6)", "SPEC 99", "4.1.3(4)", "SPEC 4.1.3(4) "} {
		if clause, err := suite.ParseCitation(text); err == nil {
			t.Errorf("%q is read as %s", text, clause)
		}
	}
}
