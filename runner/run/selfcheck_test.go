package run

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

func verdict(is string, err error) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return is, err }
}

func TestWrongVerdictsAreMisjudged(t *testing.T) {
	right := Known{Name: "reference", Correct: true, Right: []string{"holds"}, Judge: verdict("holds", nil)}
	for name, test := range map[string]struct {
		known Known
		want  string
	}{
		"a right verdict":                  {right, ""},
		"another right one":                {Known{Name: "broken", Right: []string{"fail", "warn"}, Judge: verdict("warn", nil)}, ""},
		"a correct endpoint is found bad":  {Known{Name: "reference", Correct: true, Right: []string{"holds"}, Judge: verdict("violated", nil)}, `the reference got the verdict "violated", not holds`},
		"a mutant is not detected":         {Known{Name: "broken", Case: "a.case", Right: []string{"fail", "warn"}, Judge: verdict("pass", nil)}, `the mutant broken, in a.case, got the verdict "pass", not fail or warn`},
		"a mutant of no case goes through": {Known{Name: "broken", Right: []string{"violated"}, Judge: verdict("holds", nil)}, `the mutant broken got the verdict "holds", not violated`},
	} {
		check, err := SelfCheck(t.Context(), []Known{right, test.known, right})
		if err != nil || check.Misjudged != test.want || len(check.Endpoints) != 3 {
			t.Errorf("%s: %v, %+v; want %q", name, err, check, test.want)
		}
	}
}

func TestErrorsOfTheSelfCheckNameTheEndpoint(t *testing.T) {
	broken := errors.New("no memory")
	_, err := SelfCheck(t.Context(), []Known{{Name: "reference", Judge: verdict("", broken)}})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "reference") {
		t.Error(err)
	}
}

// TestTheSuiteIsChecked: the reference conforms, and mutants that the selected
// cases detect are preferred.
func TestTheSuiteIsChecked(t *testing.T) {
	chosen, err := Selection{Tier: suite.Smoke}.Choose()
	if err != nil {
		t.Fatal(err)
	}
	selected := map[string]bool{}
	for _, c := range chosen.Cases {
		selected[c.ID] = true
	}
	names := map[string]bool{}
	for seed := range uint64(4) {
		check, err := SelfCheck(t.Context(), Judged(chosen.Cases, engine.Options{Jobs: 1, Seed: seed}))
		if err != nil || check.Misjudged != "" {
			t.Fatalf("%v, %s", err, check.Misjudged)
		}
		for _, e := range check.Endpoints[1:] {
			names[e.Name] = true
			if !selected[e.Case] || e.Correct {
				t.Errorf("%+v is not detected by a selected case", e)
			}
		}
	}
	if len(names) < 3 {
		t.Errorf("four seeds draw only %v", names)
	}
}

// TestTheSelfCheckJudges: an endpoint that is not what its name says gets its true
// verdict.
func TestTheSelfCheckJudges(t *testing.T) {
	mutant, found := zoo.Find("absence-is-enough")
	if !found {
		t.Fatal("the mutant is not in the zoo")
	}
	chosen, err := Selection{Patterns: []string{"receiving.signed"}}.Choose()
	if err != nil {
		t.Fatal(err)
	}
	o := engine.Options{Jobs: 1, Seed: 1}
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))}
	broken := lab
	broken.Break = mutant.Break
	if got, err := judgeReference(t.Context(), broken, chosen.Cases, o); err != nil || got != "fail in receiving.unsigned" {
		t.Errorf("a broken reference: %q, %v", got, err)
	}
	nothing := lab
	nothing.Break = func(e *reference.Endpoint) { e.Functions = nil }
	if got, err := judgeReference(t.Context(), nothing, chosen.Cases, o); err != nil || got == conforms {
		t.Errorf("a reference without functions: %q, %v", got, err)
	}
	if got, err := judgeMutant(t.Context(), lab, mutant.Kills, o); err != nil || got != "pass" {
		t.Errorf("a mutant that is not broken: %q, %v", got, err)
	}
}

// Every mutant that a run may draw is detected as runs judge it: by its case alone.
// Otherwise that run would be void.
func TestNoDrawnMutantMakesARunVoid(t *testing.T) {
	longtest.Skip(t)
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(3, 4)))}
	for _, mutant := range zoo.Mutants() {
		t.Run(mutant.Name, func(t *testing.T) {
			t.Parallel()
			broken := lab
			broken.Break = mutant.Break
			if got, err := judgeMutant(t.Context(), broken, mutant.Kills, engine.Options{Jobs: 1, Seed: 5}); err != nil || got != string(engine.Fail) && got != string(engine.Warn) {
				t.Errorf("in %s: %q, %v", mutant.Kills, got, err)
			}
		})
	}
}
