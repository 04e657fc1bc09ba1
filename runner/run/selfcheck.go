package run

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// Known is an endpoint with a known verdict, and how it is judged.
type Known struct {
	Name    string
	Correct bool     // the reference; a mutant is not
	Case    string   // the one that detects the mutant, if there is a single one
	Right   []string // the correct verdicts
	Judge   func(context.Context) (verdict string, err error)
}

// SelfCheck judges endpoints with a known verdict, and reports which one got a wrong
// verdict.
func SelfCheck(ctx context.Context, known []Known) (report.SelfCheck, error) {
	check := report.SelfCheck{Endpoints: []report.KnownEndpoint{}}
	for _, k := range known {
		verdict, err := k.Judge(ctx)
		if err != nil {
			return check, fmt.Errorf("self-check with %s: %w", k.Name, err)
		}
		check.Endpoints = append(check.Endpoints, report.KnownEndpoint{Name: k.Name, Correct: k.Correct, Case: k.Case, Verdict: verdict})
		if !slices.Contains(k.Right, verdict) {
			check.Misjudged = fmt.Sprintf("%s got the verdict %q, not %s", k.title(), verdict, strings.Join(k.Right, " or "))
		}
	}
	return check, nil
}

func (k Known) title() string {
	switch {
	case k.Correct:
		return "the " + k.Name
	case k.Case == "":
		return "the mutant " + k.Name
	}
	return "the mutant " + k.Name + ", in " + k.Case + ","
}

// drawn is how many mutants every run judges.
const drawn = 2

// conforms is the correct verdict of the reference.
const conforms = "conforms"

// Judged is the endpoints that the suite judges in memory: the reference in all
// of these cases, and two mutants in the cases that must detect them.
func Judged(cases []suite.Case, o engine.Options) []Known {
	random := rand.New(rand.NewPCG(o.Seed, drawn))
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(random)}
	known := []Known{{Name: "reference", Correct: true, Right: []string{conforms}, Judge: func(ctx context.Context) (string, error) {
		return judgeReference(ctx, lab, cases, o)
	}}}
	for _, mutant := range draw(random, zoo.Mutants(), cases) {
		broken := lab
		broken.Break = mutant.Break
		known = append(known, Known{
			Name: mutant.Name, Case: mutant.Kills, Right: []string{string(engine.Fail), string(engine.Warn)},
			Judge: func(ctx context.Context) (string, error) { return judgeMutant(ctx, broken, mutant.Kills, o) },
		})
	}
	return known
}

// judgeReference is "conforms", or the first verdict that is not right.
func judgeReference(ctx context.Context, lab engine.Lab, cases []suite.Case, o engine.Options) (string, error) {
	judged, err := engine.Judge(ctx, lab, cases, o)
	if err != nil {
		return "", err
	}
	for _, r := range judged.Results {
		switch r.Verdict {
		case engine.Pass, engine.Observed, engine.NotApplicable:
		default:
			return fmt.Sprintf("%s in %s", r.Verdict, r.Case.ID), nil
		}
	}
	if judged.Void != "" {
		return "void: " + judged.Void, nil
	}
	return conforms, nil
}

func judgeMutant(ctx context.Context, lab engine.Lab, id string, o engine.Options) (string, error) {
	c, err := suite.Find(id)
	if err != nil {
		return "", err
	}
	judged, err := engine.Judge(ctx, lab, append([]suite.Case{c}, companions(c)...), o)
	if err != nil {
		return "", err
	}
	return string(judged.Results[0].Verdict), nil
}

// companions are the cases that one is judged with: where it is about the last requests
// of every process, one for each other set-up, which have these processes.
func companions(c suite.Case) (with []suite.Case) {
	if !c.State.Last {
		return nil
	}
	there := map[suite.Setup]bool{c.Given: true}
	for _, other := range suite.Catalogue() {
		if !there[other.Given] && other.State.IsZero() && !other.Destructive {
			there[other.Given], with = true, append(with, other)
		}
	}
	return with
}

// draw picks mutants, first among those that the cases detect.
func draw(random *rand.Rand, mutants []zoo.Mutant, cases []suite.Case) []zoo.Mutant {
	selected := map[string]bool{}
	for _, c := range cases {
		selected[c.ID] = true
	}
	var relevant, others []zoo.Mutant
	for _, i := range random.Perm(len(mutants)) {
		if m := mutants[i]; selected[m.Kills] {
			relevant = append(relevant, m)
		} else {
			others = append(others, m)
		}
	}
	return append(relevant, others...)[:min(drawn, len(mutants))]
}
