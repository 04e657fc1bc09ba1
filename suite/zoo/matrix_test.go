package zoo_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// golden is the kill matrix: what each case makes of each mutant. Write it anew
// with UPDATE_GOLDEN=1, and read the diff: it is a change of the suite's power.
const golden = "testdata/kill-matrix.txt"

// row is a mutant and the verdicts that are not a pass or an observation.
type row struct {
	mutant   zoo.Mutant
	verdicts map[string]engine.Verdict
	void     string
}

func (r row) killed(id string) bool {
	return r.verdicts[id] == engine.Fail || r.verdicts[id] == engine.Warn
}

var matrix = sync.OnceValue(func() []row {
	debug.SetGCPercent(2000) // the matrix is many small values, soon forgotten
	rows := make([]row, len(zoo.Mutants())+1)
	var jobs sync.WaitGroup
	slots := make(chan struct{}, 2)
	for i, mutant := range append(zoo.Mutants(), zoo.Mutant{Name: "the reference"}) {
		jobs.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			rows[i] = judged(mutant)
		})
	}
	jobs.Wait()
	return rows
})

func judged(mutant zoo.Mutant) row {
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: mutant.Break}
	judged, err := engine.Judge(context.Background(), lab, casesFor(mutant), engine.Options{Jobs: 1, Seed: 7, VerdictsOnly: true})
	if err != nil {
		panic(err)
	}
	r := row{mutant, map[string]engine.Verdict{}, judged.Void}
	for _, result := range judged.Results {
		if result.Verdict != engine.Pass && result.Verdict != engine.Observed {
			r.verdicts[result.Case.ID] = result.Verdict
		}
	}
	return r
}

// cases leaves the large ones out: their bodies cost more than all others together.
func cases() []suite.Case {
	return slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool { return strings.HasPrefix(c.ID, "calls.large") })
}

// casesFor is every case, or under the race detector the mutant's own.
func casesFor(mutant zoo.Mutant) []suite.Case {
	if !raced || mutant.Kills == "" {
		return cases()
	}
	return slices.DeleteFunc(cases(), func(c suite.Case) bool { return c.ID != mutant.Kills })
}

// needsMatrix skips what only the whole matrix shows.
func needsMatrix(t *testing.T) {
	if raced {
		t.Skip("SKIPPED under the race detector: `go test ./suite/zoo` judges the whole matrix, and `make test` runs it")
	}
}

func mutants() []row { return matrix()[:len(zoo.Mutants())] }

func scored() []suite.Case {
	return slices.DeleteFunc(cases(), func(c suite.Case) bool { return c.Level == suite.May })
}

func TestReferenceIsCaughtByNothing(t *testing.T) {
	reference := matrix()[len(zoo.Mutants())]
	if len(reference.verdicts) > 0 || reference.void != "" {
		t.Errorf("the reference is judged %v, void: %q", reference.verdicts, reference.void)
	}
}

func TestEveryMutantIsCaughtByItsCase(t *testing.T) {
	for _, r := range mutants() {
		if !r.killed(r.mutant.Kills) {
			t.Errorf("%s: %s gives %q", r.mutant.Name, r.mutant.Kills, r.verdicts[r.mutant.Kills])
		}
	}
}

func TestLabels(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range zoo.Mutants() {
		if seen[m.Name] || m.Part == "" || m.Defect == "" {
			t.Errorf("%s: stands twice, or has no part or no label", m.Name)
		}
		seen[m.Name] = true
	}
	if len(seen) < 100 {
		t.Errorf("the zoo has %d mutants; 100 are promised", len(seen))
	}
}

func TestEveryMutantReplacesOneField(t *testing.T) {
	for _, m := range zoo.Mutants() {
		endpoint := reference.NewEndpoint("app", nil, func(string) string { return "" })
		whole := *endpoint
		m.Break(endpoint)
		var changed []string
		before, after := reflect.ValueOf(whole), reflect.ValueOf(*endpoint)
		for _, field := range reflect.VisibleFields(before.Type()) {
			one, other := before.FieldByIndex(field.Index), after.FieldByIndex(field.Index)
			if one.Kind() == reflect.Func && one.Pointer() != other.Pointer() {
				changed = append(changed, field.Name)
			}
		}
		if len(changed) != 1 {
			t.Errorf("%s replaces %v", m.Name, changed)
		}
	}
}

// A mutant is narrow if it leaves nine in ten of the scored cases passing: a
// case that catches one is known to look at what it says.
func TestEveryCaseCatchesANarrowMutant(t *testing.T) {
	needsMatrix(t)
	narrow := slices.DeleteFunc(slices.Clone(mutants()), func(r row) bool { return len(r.verdicts) > len(scored())/10 })
	for _, c := range scored() {
		caught := slices.ContainsFunc(narrow, func(r row) bool { return r.killed(c.ID) })
		reason, excused := broadOnly[c.ID]
		if !caught && !excused {
			t.Errorf("%s catches no narrow mutant", c.ID)
		}
		if caught && excused {
			t.Errorf("%s catches a narrow mutant, so its excuse is stale: %s", c.ID, reason)
		}
	}
}

// Cases that catch the very same mutants are one case written twice, unless
// there is a reason.
func TestNoCaseStandsTwice(t *testing.T) {
	needsMatrix(t)
	byKills := map[string][]string{}
	for _, c := range scored() {
		var kills []string
		for _, r := range mutants() {
			if r.killed(c.ID) {
				kills = append(kills, r.mutant.Name)
			}
		}
		key := strings.Join(kills, " ")
		byKills[key] = append(byKills[key], c.ID)
	}
	justified := map[string]bool{}
	for _, group := range alike {
		justified[strings.Join(group.cases, " ")] = true
	}
	for _, group := range byKills {
		if len(group) > 1 && !justified[strings.Join(group, " ")] {
			t.Errorf("these catch the same mutants: %s", strings.Join(group, " "))
		}
		delete(justified, strings.Join(group, " "))
	}
	for group := range justified {
		t.Errorf("these no longer catch the same mutants: %s", group)
	}
}

func TestKillMatrixIsGolden(t *testing.T) {
	needsMatrix(t)
	var b strings.Builder
	for _, r := range mutants() {
		fmt.Fprintf(&b, "%s (%s): %s\n", r.mutant.Name, r.mutant.Part, r.mutant.Defect)
		if r.void != "" {
			fmt.Fprintf(&b, "  void: %s\n", r.void)
		}
		for _, id := range slices.Sorted(maps.Keys(r.verdicts)) {
			fmt.Fprintf(&b, "  %s %s\n", r.verdicts[id], id)
		}
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(filepath.FromSlash(golden), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.FromSlash(golden))
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the kill matrix is another than %s; see what changed with UPDATE_GOLDEN=1 and git diff", golden)
	}
}
