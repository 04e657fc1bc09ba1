package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
)

// A report from evidence says so, on every page, and which cases could not be judged.
func TestAReportNamesItsEvidence(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	f := facts()
	f.Evidence = &report.EvidenceSource{
		SHA256: strings.Repeat("0a", 32), Tool: report.Tool{Name: "countersign", Version: "1.0.0"},
		Absent: []string{"calls.new"}, Changed: []string{"calls.other", "calls.one"}, Removed: []string{"calls.gone"},
	}
	r := made(t, nil, f, suite.Core...)
	var out bytes.Buffer
	if err := report.JSON(&out, r); err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(&out)
	if err == nil {
		err = schema.Validate(document)
	}
	if err != nil {
		t.Error(err)
	}
	text := strings.Join(strings.Fields(textOf(t, r)), " ")
	for _, page := range []string{written(t, report.HTML, r), written(t, report.Markdown, r)} {
		if !strings.Contains(page, f.Evidence.SHA256) || !strings.Contains(page, "calls.gone") && !strings.Contains(page, `calls\.gone`) {
			t.Errorf("the evidence is not named:\n%.3000s", page)
		}
	}
	for _, want := range []string{
		"Judged from evidence that was gathered", "with countersign 1.0.0", f.Evidence.SHA256, "1 case not in the evidence, and not scored: calls.new.",
		"2 cases inconclusive, because the request is another one now: calls.other, calls.one.", "1 case in the evidence, and not in the catalogue any more: calls.gone.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "same catalogue") {
		t.Error("the catalogue was another one")
	}
}
