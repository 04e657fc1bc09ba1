package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// made is the report of a run in memory; broken breaks the endpoint.
func made(t *testing.T, broken func(*reference.Endpoint), facts report.Facts, ids ...string) report.Report {
	t.Helper()
	var cases []suite.Case
	for _, c := range suite.Catalogue() {
		for _, id := range ids {
			if c.ID == id || id == "*" {
				cases = append(cases, c)
			}
		}
	}
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: broken}
	judged, err := engine.Judge(context.Background(), lab, cases, engine.Options{Jobs: 1, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return report.New(judged, facts)
}

// facts are the same every time, so that texts can be compared.
func facts() report.Facts {
	return report.Facts{
		Tool:    report.Tool{Name: "countersign", Version: "v0.0.0"},
		Target:  report.Target{Name: "sdk", Version: "1.2.3", Kind: report.Launched},
		Seed:    7,
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Took: 1234 * time.Millisecond,
		SelfCheck: report.SelfCheck{Endpoints: []report.KnownEndpoint{
			{Name: "reference", Correct: true, Verdict: "conforms"},
			{Name: "one", Case: "receiving.unsigned", Verdict: "fail"}, {Name: "another", Case: "receiving.expired", Verdict: "fail"},
		}},
		Command: "countersign run --target sdk@1.2.3",
	}
}

// byProbe is the report of an endpoint at a URL, whose calls were judged by probes.
func byProbe(t *testing.T) report.Report {
	t.Helper()
	f := facts()
	f.Target = report.Target{
		Name: "your endpoint", Kind: report.Attached, URL: "http://127.0.0.1:3000/api/inngest", Requests: 21, AcceptProbe: true,
		ProbeRefused: &engine.Diagnosis{Observed: "status 401", Cause: "body not parsed", Remedy: "add the body parser"},
	}
	run := judged(result(must, engine.Pass))
	for i := range run.Results {
		run.Results[i].InPlace = suite.KindIntrospect
		run.Results[i].Steps = nil
	}
	return report.New(run, f)
}

// lenient takes every signature, whatever its MAC and its time.
func lenient(e *reference.Endpoint) {
	e.Match = func(reference.Key, []byte, string, [32]byte) bool { return true }
	e.CheckWindow = func(time.Time, time.Time) error { return nil }
}

func TestJSONFollowsItsSchema(t *testing.T) {
	longtest.Skip(t)
	schema, err := jsonschema.NewCompiler().Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	withBaseline := facts()
	withBaseline.Baseline = &report.Baseline{File: "known.yaml", Entries: []engine.Excuse{
		{Case: "receiving.expired", Reason: "known", Link: "https://example.com/1", Expires: "2030-01-31"}, {Case: "gone", Reason: "old", Link: "https://example.com/2"},
		{Case: "receiving.tampered", Reason: "known", Link: "https://example.com/3", Expires: "2001-01-31"},
	}}
	pinned, err := suite.Pin("2026.1")
	if err != nil {
		t.Fatal(err)
	}
	withBaseline.Gate, withBaseline.Pinned = report.Gate{Require: suite.Should, MinJudged: 3}, pinned
	for name, r := range map[string]report.Report{
		"the reference":  made(t, nil, facts(), "*"),
		"a broken one":   made(t, lenient, withBaseline, "*"),
		"with one cause": made(t, defect(t, "t-like-parseint"), facts(), most()...),
		"one that dies":  made(t, func(e *reference.Endpoint) { e.Policy = nil }, facts(), "*"),
		"another app":    made(t, func(e *reference.Endpoint) { e.AppID = "mine" }, facts(), "*"),
		"nothing chosen": made(t, nil, facts()),
		"one at a URL":   byProbe(t),
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := report.JSON(&out, r); err != nil {
				t.Fatal(err)
			}
			document, err := jsonschema.UnmarshalJSON(&out)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSchemaIsStrict: a schema that accepts everything would be useless.
func TestSchemaIsStrict(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(map[string]any){
		"an unknown field":   func(r map[string]any) { r["more"] = 1 },
		"a missing field":    func(r map[string]any) { delete(r, "void") },
		"an unknown verdict": func(r map[string]any) { r["cases"].([]any)[0].(map[string]any)["verdict"] = "fine" },
		"a key of version 1": func(r map[string]any) { r["cases"].([]any)[0].(map[string]any)["seen"] = "" },
		"a missing count":    func(r map[string]any) { delete(r["summary"].(map[string]any), "fail") },
		"a negative seed":    func(r map[string]any) { r["randomSeed"] = -1 },
		"a cause of nothing": func(r map[string]any) { r["causes"] = []any{map[string]any{"defects": []any{}, "cases": []any{"a.b"}}} },
	} {
		var out bytes.Buffer
		if err := report.JSON(&out, made(t, nil, facts(), "receiving.unsigned")); err != nil {
			t.Fatal(err)
		}
		var document map[string]any
		if err := json.Unmarshal(out.Bytes(), &document); err != nil {
			t.Fatal(err)
		}
		spoil(document)
		if schema.Validate(document) == nil {
			t.Errorf("%s passes for a report", name)
		}
	}
}

func TestJSONIsStable(t *testing.T) {
	var once, twice bytes.Buffer
	for _, out := range []*bytes.Buffer{&once, &twice} {
		r := made(t, nil, facts(), "receiving.unsigned", "sync.registers")
		for i := range r.Cases {
			for j := range r.Cases[i].Exchanges {
				r.Cases[i].Exchanges[j].TookMS = 0 // measured, so never the same
			}
		}
		if err := report.JSON(out, r); err != nil {
			t.Fatal(err)
		}
	}
	first, second := strings.Split(once.String(), "\n"), strings.Split(twice.String(), "\n")
	for i := range min(len(first), len(second)) {
		if first[i] != second[i] {
			t.Fatalf("line %d of equal runs differs:\n%s\n%s", i+1, first[i], second[i])
		}
	}
	if len(first) != len(second) {
		t.Errorf("equal runs give %d and %d lines", len(first), len(second))
	}
}
