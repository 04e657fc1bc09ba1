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
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// golden is the kill matrix: the verdict of each case on each mutant. Rewrite it
// with UPDATE_GOLDEN=1 and review the diff: it shows what the suite detects now.
const golden = "testdata/kill-matrix.txt"

// row is a mutant and the verdicts that are not a pass or an observation.
type row struct {
	mutant   zoo.Mutant
	verdicts map[string]engine.Verdict
	culprits map[string][]string
	void     string
}

func (r row) detectedBy(id string) bool {
	return r.verdicts[id] == engine.Fail || r.verdicts[id] == engine.Warn
}

var matrix = sync.OnceValue(func() []row {
	debug.SetGCPercent(2000) // the matrix allocates many small, short-lived values
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
	r := row{mutant, map[string]engine.Verdict{}, map[string][]string{}, judged.Void}
	for _, result := range judged.Results {
		if result.Verdict != engine.Pass && result.Verdict != engine.Observed {
			r.verdicts[result.Case.ID] = result.Verdict
		}
		if len(result.Culprits) > 0 {
			r.culprits[result.Case.ID] = result.Culprits
		}
	}
	return r
}

// cases leaves out the large bodies, which take longer than all other cases together.
func cases() []suite.Case {
	return slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool {
		return strings.HasPrefix(c.ID, "calls.large") || c.Facets.Of == suite.LargeSizes
	})
}

// casesFor leaves out the facets, which take longer than all other cases together,
// where the mutant is not about one: only by chance does one detect it.
func casesFor(mutant zoo.Mutant) []suite.Case {
	isFacet := func(c suite.Case) bool { return c.Facets.Of != "" }
	if about, err := suite.Find(mutant.Kills); err != nil || isFacet(about) {
		return cases()
	}
	return slices.DeleteFunc(cases(), isFacet)
}

func mutants() []row { return matrix()[:len(zoo.Mutants())] }

func scored() []suite.Case {
	return slices.DeleteFunc(cases(), func(c suite.Case) bool { return c.Level == suite.May })
}

func TestReferencePassesEveryCase(t *testing.T) {
	longtest.Skip(t)
	reference := matrix()[len(zoo.Mutants())]
	if len(reference.verdicts) > 0 || reference.void != "" {
		t.Errorf("the reference is judged %v, void: %q", reference.verdicts, reference.void)
	}
}

func TestEveryMutantIsDetectedByItsCase(t *testing.T) {
	longtest.Skip(t)
	for _, r := range mutants() {
		if !r.detectedBy(r.mutant.Kills) {
			t.Errorf("%s: the verdict of %s is %q", r.mutant.Name, r.mutant.Kills, r.verdicts[r.mutant.Kills])
		}
	}
}

func TestEveryMutantIsDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range zoo.Mutants() {
		if seen[m.Name] || m.Part == "" || m.Defect == "" {
			t.Errorf("%s: a duplicate name, or no part, or no defect", m.Name)
		}
		seen[m.Name] = true
	}
	if len(seen) < 100 {
		t.Errorf("the zoo has %d mutants, want at least 100", len(seen))
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

// A mutant is narrow if nine in ten of the scored cases still pass: a case that
// detects one is known to check what its title says.
func TestEveryCaseDetectsANarrowMutant(t *testing.T) {
	longtest.Skip(t)
	narrow := slices.DeleteFunc(slices.Clone(mutants()), func(r row) bool { return len(r.verdicts) > len(scored())/10 })
	for _, c := range scored() {
		caught := slices.ContainsFunc(narrow, func(r row) bool { return r.detectedBy(c.ID) })
		reason, excused := broadOnly[c.ID]
		if !caught && !excused {
			t.Errorf("%s detects no narrow mutant", c.ID)
		}
		if caught && excused {
			t.Errorf("%s detects a narrow mutant, so its excuse is stale: %s", c.ID, reason)
		}
	}
}

// Cases that detect exactly the same mutants are duplicates, unless there is a
// reason to keep them.
func TestNoCaseIsADuplicate(t *testing.T) {
	longtest.Skip(t)
	byKills := map[string][]string{}
	for _, c := range scored() {
		var kills []string
		for _, r := range mutants() {
			if r.detectedBy(c.ID) {
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
			t.Errorf("these detect the same mutants: %s", strings.Join(group, " "))
		}
		delete(justified, strings.Join(group, " "))
	}
	for group := range justified {
		t.Errorf("these no longer detect the same mutants: %s", group)
	}
}

func TestKillMatrixIsGolden(t *testing.T) {
	longtest.Skip(t)
	var b strings.Builder
	for _, r := range mutants() {
		fmt.Fprintf(&b, "%s (%s): %s\n", r.mutant.Name, r.mutant.Part, r.mutant.Defect)
		if r.void != "" {
			fmt.Fprintf(&b, "  void: %s\n", r.void)
		}
		for _, id := range slices.Sorted(maps.Keys(r.verdicts)) {
			line := fmt.Sprintf("  %s %s", r.verdicts[id], id)
			if kinds := r.culprits[id]; len(kinds) > 0 {
				line += " because of: " + strings.Join(kinds, " | ")
			}
			fmt.Fprintln(&b, line)
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
		t.Errorf("the kill matrix differs from %s; to see how, set UPDATE_GOLDEN=1 and run git diff", golden)
	}
}

// TestKillMatrixIsData: what the package returns is what its golden file says.
func TestKillMatrixIsData(t *testing.T) {
	longtest.Skip(t)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		t.Skip("the golden file is embedded when the test is built")
	}
	rows := zoo.KillMatrix()
	if len(rows) != len(mutants()) {
		t.Fatalf("%d rows for %d mutants", len(rows), len(mutants()))
	}
	for i, r := range mutants() {
		got := rows[i]
		if got.Mutant.Name != r.mutant.Name || got.Void != (r.void != "") || len(got.Verdicts) != len(r.verdicts) {
			t.Errorf("%s: %s, void: %v, %d verdicts", r.mutant.Name, got.Mutant.Name, got.Void, len(got.Verdicts))
		}
		for id, verdict := range r.verdicts {
			if got.Verdicts[id] != string(verdict) {
				t.Errorf("%s: the verdict of %s is %q, not %q", r.mutant.Name, id, got.Verdicts[id], verdict)
			}
			if !slices.Equal(got.Culprits[id], r.culprits[id]) {
				t.Errorf("%s: %s fails because of %q, not %q", r.mutant.Name, id, got.Culprits[id], r.culprits[id])
			}
		}
	}
}
