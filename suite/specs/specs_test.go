package specs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/specs"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// mutantVariable names the endpoint that the specs judge; unset is the reference.
const mutantVariable = "COUNTERSIGN_MUTANT"

// counting is a lab that counts the targets that it starts.
type counting struct {
	engine.Lab
	started atomic.Int64
}

func (l *counting) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	l.started.Add(1)
	return l.Lab.Start(ctx, s)
}

func labOf(mutant string) *counting {
	found, _ := zoo.Find(mutant)
	return &counting{Lab: inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: found.Break}}
}

var judged = labOf(os.Getenv(mutantVariable))

var _ = specs.Describe("the reference", func() engine.Lab { return judged })

// The number of started targets, for runSpecs.
var _ = ginkgo.ReportAfterSuite("targets", func(ginkgo.Report) { fmt.Printf("\nstarted %d targets\n", judged.started.Load()) })

func TestSpecs(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "the catalogue")
}

// Ginkgo runs once per process, so each endpoint gets a process of its own.
func TestBothEnginesAgree(t *testing.T) {
	onlyInParent(t)
	longtest.Skip(t)
	for _, mutant := range []string{"the reference", "absence-is-enough", "no-skew", "no-retry"} {
		t.Run(mutant, func(t *testing.T) { compare(t, mutant) })
	}
}

func compare(t *testing.T, mutant string) {
	byGinkgo := runSpecs(t, mutant, "")
	lab := labOf(mutant)
	judged, err := engine.Judge(context.Background(), lab, suite.Catalogue(), engine.Options{Jobs: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[engine.Verdict]int{}
	for _, r := range judged.Results {
		verdicts[r.Verdict]++
		if got := byGinkgo.verdicts[r.Case.ID]; got != string(r.Verdict) {
			t.Errorf("%s: Ginkgo reports %q, the judge %q", r.Case.ID, got, r.Verdict)
		}
	}
	if mutant != "the reference" && verdicts[engine.Fail]+verdicts[engine.Warn] == 0 {
		t.Errorf("%s is detected by neither engine", mutant)
	}
	if want := lab.started.Load(); byGinkgo.started != want {
		t.Errorf("Ginkgo started %d targets, the judge %d", byGinkgo.started, want)
	}
	t.Logf("%d specs started %d targets", len(byGinkgo.verdicts), byGinkgo.started)
}

// A run with a label filter judges what is selected and the core, and is not void.
func TestLabelFilter(t *testing.T) {
	onlyInParent(t)
	run := runSpecs(t, "the reference", "MAY && !"+specs.Destructive)
	want := 0
	for _, c := range suite.Catalogue() {
		if c.Level == suite.May && !c.Destructive {
			want++
			if v := run.verdicts[c.ID]; v != string(engine.Observed) {
				t.Errorf("%s: %q, want it observed", c.ID, v)
			}
		}
	}
	if len(run.verdicts) != want || len(run.failed) > 0 {
		t.Errorf("%d specs have a verdict, want %d; failed: %v", len(run.verdicts), want, run.failed)
	}
}

// A single case is judged together with the core cases.
func TestOneCaseIsNotVoid(t *testing.T) {
	onlyInParent(t)
	if run := runSpecs(t, "the reference", "4.5 && SHOULD"); len(run.failed) > 0 || len(run.verdicts) == 0 {
		t.Errorf("verdicts %v, failed %v", run.verdicts, run.failed)
	}
}

func TestVoidFailsEverySpec(t *testing.T) {
	longtest.Skip(t)
	onlyInParent(t)
	run := runSpecs(t, "runs-nothing", "4.1.3")
	var want []string
	for _, c := range suite.Catalogue() {
		if c.Clause.Section == "4.1.3" {
			want = append(want, c.ID)
		}
	}
	if !slices.Equal(run.failed, want) || !strings.HasPrefix(run.message, "void: ") {
		t.Errorf("failed: %v; want all of section 4.1.3, as void; the first message is %q", run.failed, run.message)
	}
}

func onlyInParent(t *testing.T) {
	t.Helper()
	if os.Getenv(mutantVariable) != "" {
		t.Skip("this process runs the specs for another test")
	}
}

// result is what a process that runs the specs reported.
type result struct {
	verdicts map[string]string // by case
	failed   []string          // cases
	message  string            // of the first failure
	started  int64             // targets
}

func runSpecs(t *testing.T, mutant, filter string) result {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.json")
	command := exec.Command(os.Args[0], "-test.run=^TestSpecs$", "-ginkgo.json-report="+report, "-ginkgo.label-filter="+filter)
	command.Env = append(os.Environ(), mutantVariable+"="+mutant)
	output, _ := command.CombinedOutput() // it fails for a mutant; the report has the details
	raw, err := os.ReadFile(filepath.Clean(report))
	if err != nil {
		t.Fatalf("running the specs: %v\n%s", err, output)
	}
	var suites []types.Report
	if err := json.Unmarshal(raw, &suites); err != nil {
		t.Fatal(err)
	}
	r := result{verdicts: map[string]string{}}
	for _, spec := range suites[0].SpecReports {
		r.add(spec)
	}
	_, after, _ := strings.Cut(string(output), "\nstarted ")
	number, _, _ := strings.Cut(after, " ")
	if r.started, err = strconv.ParseInt(number, 10, 64); err != nil {
		t.Fatalf("the specs do not report how many targets they started: %v\n%s", err, output)
	}
	return r
}

func (r *result) add(spec types.SpecReport) {
	id, _, _ := strings.Cut(spec.LeafNodeText, ":")
	if spec.LeafNodeType == types.NodeTypeIt && spec.Failed() {
		r.failed = append(r.failed, id)
		if r.message == "" {
			r.message = spec.FailureMessage()
		}
	}
	for _, entry := range spec.ReportEntries {
		if entry.Name == specs.VerdictEntry {
			r.verdicts[id] = fmt.Sprint(entry.GetRawValue())
		}
	}
}
