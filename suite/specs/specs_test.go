package specs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/specs"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// mutantVariable names the mutant that the specs judge; unset is the reference.
const mutantVariable = "COUNTERSIGN_MUTANT"

func labOf(mutant string) inprocess.Memory {
	found, _ := zoo.Find(mutant)
	return inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: found.Break}
}

var _ = specs.Describe("the reference", func() engine.Lab { return labOf(os.Getenv(mutantVariable)) })

func TestSpecs(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "the catalogue")
}

// Ginkgo runs once a process, so each endpoint gets a process of its own.
func TestBothEnginesAgree(t *testing.T) {
	if os.Getenv(mutantVariable) != "" {
		t.Skip("this process is one of those that are compared")
	}
	for _, mutant := range []string{"the reference", "absence-is-enough", "no-skew", "no-retry"} {
		t.Run(mutant, func(t *testing.T) { compare(t, mutant) })
	}
}

func compare(t *testing.T, mutant string) {
	byGinkgo := runSpecs(t, mutant)
	judged, err := engine.Judge(context.Background(), labOf(mutant), suite.Catalogue(), engine.Options{Jobs: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[engine.Verdict]int{}
	for _, r := range judged.Results {
		verdicts[r.Verdict]++
		if got := byGinkgo[r.Case.ID]; got != string(r.Verdict) {
			t.Errorf("%s: Ginkgo says %q, the judge %q", r.Case.ID, got, r.Verdict)
		}
	}
	if mutant != "the reference" && verdicts[engine.Fail]+verdicts[engine.Warn] == 0 {
		t.Errorf("%s is caught by neither engine", mutant)
	}
}

func runSpecs(t *testing.T, mutant string) map[string]string {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.json")
	command := exec.Command(os.Args[0], "-test.run=^TestSpecs$", "-ginkgo.json-report="+report)
	command.Env = append(os.Environ(), mutantVariable+"="+mutant)
	output, _ := command.CombinedOutput() // a mutant makes it fail; the report tells
	raw, err := os.ReadFile(filepath.Clean(report))
	if err != nil {
		t.Fatalf("running the specs: %v\n%s", err, output)
	}
	var suites []types.Report
	if err := json.Unmarshal(raw, &suites); err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	for _, spec := range suites[0].SpecReports {
		id, _, _ := strings.Cut(spec.LeafNodeText, ":")
		for _, entry := range spec.ReportEntries {
			if entry.Name == specs.VerdictEntry {
				verdicts[id] = fmt.Sprint(entry.GetRawValue())
			}
		}
	}
	return verdicts
}
