package report_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// TestTheHeadlineAccountsForEveryCase: the counts in the headline add up to the
// number of cases, whatever their verdicts are.
func TestTheHeadlineAccountsForEveryCase(t *testing.T) {
	longtest.Skip(t)
	var run engine.Judgement
	for i, c := range suite.Catalogue() {
		verdict := engine.AllVerdicts[i%len(engine.AllVerdicts)]
		run.Results = append(run.Results, engine.Result{Case: c, Verdict: verdict, Note: "a reason"})
	}
	withBaseline := facts()
	withBaseline.Baseline = &report.Baseline{File: "known.yaml"}
	for _, r := range run.Results[:len(engine.AllVerdicts)] {
		withBaseline.Baseline.Entries = append(withBaseline.Baseline.Entries, engine.Excuse{Case: r.Case.ID, Reason: "known", Link: "https://example.com"})
	}
	r := report.New(run, withBaseline)
	var out bytes.Buffer
	if err := report.Text(&out, r, page.Style{Width: 80}); err != nil {
		t.Fatal(err)
	}
	headline, _, _ := strings.Cut(out.String(), "\n\nFAIL")
	headline = strings.Join(strings.Fields(headline), " ")
	if want := fmt.Sprintf("judged %d of %d cases", r.Judged, r.Total); !strings.Contains(headline, want) {
		t.Errorf("%q is not in the headline: %s", want, headline)
	}
	judged, others, found := strings.Cut(headline[strings.Index(headline, " cases ")+1:], "; not judged: ")
	if !found {
		t.Fatalf("the headline does not say what was not judged: %s", headline)
	}
	others, _, _ = strings.Cut(others, " error ")
	if got := sum(judged); got != r.Judged {
		t.Errorf("the verdicts of judged cases add up to %d, not %d: %s", got, r.Judged, headline)
	}
	if got := sum(others); r.Judged+got != r.Total {
		t.Errorf("%d judged and %d others are not %d cases: %s", r.Judged, got, r.Total, headline)
	}
	total := 0
	for _, n := range r.Summary {
		total += n
	}
	if total != r.Total || len(r.Summary) != len(engine.AllVerdicts)+2 {
		t.Errorf("the summary has %d cases of %d under %d verdicts", total, r.Total, len(r.Summary))
	}
}

// sum adds up the numbers in a text.
func sum(text string) (total int) {
	for _, digits := range regexp.MustCompile(`\d+`).FindAllString(text, -1) {
		n, _ := strconv.Atoi(digits) // digits, says the expression
		total += n
	}
	return total
}
