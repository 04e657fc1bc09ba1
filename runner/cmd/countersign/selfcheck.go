package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// drawn is how many mutants every run judges.
const drawn = 2

// selfCheck judges, in memory, endpoints whose verdict is known: the reference
// in the chosen cases, and two mutants in the cases that must catch them.
func selfCheck(ctx context.Context, cases []suite.Case, o engine.Options) (report.SelfCheck, error) {
	random := rand.New(rand.NewPCG(o.Seed, drawn))
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(random)}
	judged, err := engine.Judge(ctx, lab, cases, o)
	if err != nil {
		return report.SelfCheck{}, err
	}
	check := report.SelfCheck{Misjudged: misjudged(judged), Endpoints: []report.KnownEndpoint{{Name: "reference", Correct: true, Verdict: "conforms"}}}
	if check.Misjudged != "" {
		check.Endpoints[0].Verdict = "misjudged"
	}
	for _, mutant := range draw(random, zoo.Mutants(), cases) {
		lab.Break = mutant.Break
		verdict, err := verdictOf(ctx, lab, mutant.Kills, o)
		if err != nil {
			return report.SelfCheck{}, err
		}
		check.Endpoints = append(check.Endpoints, report.KnownEndpoint{Name: mutant.Name, Case: mutant.Kills, Verdict: string(verdict)})
		if verdict != engine.Fail && verdict != engine.Warn {
			check.Misjudged = fmt.Sprintf("%s is broken, but %s came to %s", mutant.Name, mutant.Kills, verdict)
		}
	}
	return check, nil
}

// misjudged says where the reference was not found right.
func misjudged(judged engine.Judgement) string {
	for _, r := range judged.Results {
		switch r.Verdict {
		case engine.Pass, engine.Observed, engine.NotApplicable:
		default:
			return fmt.Sprintf("the reference is right, but %s came to %s", r.Case.ID, r.Verdict)
		}
	}
	return judged.Void
}

func verdictOf(ctx context.Context, lab engine.Lab, id string, o engine.Options) (engine.Verdict, error) {
	c, err := suite.Find(id)
	if err != nil {
		return "", err
	}
	judged, err := engine.Judge(ctx, lab, []suite.Case{c}, o)
	if err != nil {
		return "", err
	}
	return judged.Results[0].Verdict, nil
}

// draw picks mutants, first among those that the chosen cases catch.
func draw(random *rand.Rand, mutants []zoo.Mutant, cases []suite.Case) []zoo.Mutant {
	chosen := map[string]bool{}
	for _, c := range cases {
		chosen[c.ID] = true
	}
	var relevant, others []zoo.Mutant
	for _, i := range random.Perm(len(mutants)) {
		if m := mutants[i]; chosen[m.Kills] {
			relevant = append(relevant, m)
		} else {
			others = append(others, m)
		}
	}
	return append(relevant, others...)[:min(drawn, len(mutants))]
}
