package causes_test

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/causes"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

const (
	// leastRight is the rate at which the zoo must be explained rightly.
	leastRight = 0.95
	// pairsDrawn is how many pairs of mutants are judged.
	pairsDrawn = 100
)

// cases are those that the kill matrix covers for mutants that are not about a facet.
var cases = sync.OnceValue(func() []suite.Case {
	return slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool {
		return strings.HasPrefix(c.ID, "calls.large") || causes.NamesItsCulprit(c.ID)
	})
})

// seen is what a run with these verdicts shows; a case without one passes.
func seen(verdicts map[string]string) causes.Seen {
	var s causes.Seen
	for _, c := range cases() {
		switch verdict := engine.Verdict(verdicts[c.ID]); verdict {
		case "", engine.Pass, engine.Observed:
			s.Passed = append(s.Passed, c.ID)
		case engine.Fail, engine.Warn:
			s.Failed = append(s.Failed, c.ID)
		case engine.Blocked, engine.Inconclusive:
			s.Blocked = append(s.Blocked, c.ID)
		}
	}
	return s
}

// rows are the mutants whose reports show findings, and of which a cause says more
// than they do.
func rows() []zoo.Row {
	return slices.DeleteFunc(zoo.KillMatrix(), func(r zoo.Row) bool { return r.Void || causes.NamesItsCulprit(r.Mutant.Kills) })
}

func fails(row zoo.Row, id string) bool {
	verdict := engine.Verdict(row.Verdicts[id])
	return verdict == engine.Fail || verdict == engine.Warn
}

func TestEveryMutantIsExplained(t *testing.T) {
	var tally tally
	for _, row := range rows() {
		s := seen(row.Verdicts)
		s.Culprits = row.Culprits
		tally.add(t, s, row)
	}
	tally.check(t)
}

// TestPairsOfMutantsAreExplained judges endpoints with two defects, where the two
// compose: if both replace the same part of the endpoint, one may hide the other.
func TestPairsOfMutantsAreExplained(t *testing.T) {
	longtest.Skip(t)
	random, all := rand.New(rand.NewPCG(1, 2)), rows()
	pairs := make([][2]zoo.Row, pairsDrawn)
	for i := range pairs {
		drawn := random.Perm(len(all))
		pairs[i] = [2]zoo.Row{all[drawn[0]], all[drawn[1]]}
	}
	verdicts := make([]map[string]string, pairsDrawn)
	var jobs sync.WaitGroup
	slots := make(chan struct{}, 2)
	for i, pair := range pairs {
		jobs.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			verdicts[i] = composed(pair)
		})
	}
	jobs.Wait()
	var tally tally
	for i, pair := range pairs {
		if verdicts[i] != nil {
			tally.add(t, seen(verdicts[i]), pair[:]...)
		}
	}
	t.Logf("%d of %d pairs compose", tally.all, pairsDrawn)
	if tally.all < pairsDrawn/2 {
		t.Errorf("only %d of %d pairs compose", tally.all, pairsDrawn)
	}
	tally.check(t)
}

// composed is the verdicts of a pair; nil where the two do not compose, or the run
// proves nothing.
func composed(pair [2]zoo.Row) map[string]string {
	one, other := pair[0].Mutant.Break, pair[1].Mutant.Break
	verdicts := judged(one, other)
	if part(one) == part(other) && !reflect.DeepEqual(verdicts, judged(other, one)) {
		return nil
	}
	return verdicts
}

// part is the name of the field that a mutant replaces.
func part(change func(*reference.Endpoint)) string {
	endpoint := reference.NewEndpoint("app", nil, func(string) string { return "" })
	whole := reflect.ValueOf(*endpoint)
	change(endpoint)
	for _, field := range reflect.VisibleFields(whole.Type()) {
		before, after := whole.FieldByIndex(field.Index), reflect.ValueOf(*endpoint).FieldByIndex(field.Index)
		if before.Kind() == reflect.Func && before.Pointer() != after.Pointer() {
			return field.Name
		}
	}
	return ""
}

// judged is the verdicts of an endpoint with some defects; nil where the run
// proves nothing, or the defects call each other for ever.
func judged(changes ...func(*reference.Endpoint)) map[string]string {
	endless := false
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: func(e *reference.Endpoint) {
		for _, change := range changes {
			change(e)
		}
		limitDepth(e, &endless)
	}}
	result, err := engine.Judge(context.Background(), lab, cases(), engine.Options{Jobs: 1, Seed: 7, VerdictsOnly: true})
	if err != nil {
		panic(err)
	}
	if result.Void != "" || endless {
		return nil
	}
	verdicts := map[string]string{}
	for _, r := range result.Results {
		verdicts[r.Case.ID] = string(r.Verdict)
	}
	return verdicts
}

// limitDepth ends a request in which Run and Refuse call each other again and again.
func limitDepth(e *reference.Endpoint, endless *bool) {
	const deepest = 20
	depth, run, refuse := 0, e.Run, e.Refuse
	enter := func() func() {
		if depth++; depth > deepest {
			*endless = true
			panic("two defects call each other")
		}
		return func() { depth-- }
	}
	e.Run = func(c *reference.Context) reference.Response {
		defer enter()()
		return run(c)
	}
	e.Refuse = func(c *reference.Context, why error) reference.Response {
		defer enter()()
		return refuse(c, why)
	}
}

// TestMutantsAreExplainedInSmallerRuns: the cases of a tier, or those that apply
// to an endpoint without any optional capability, are enough.
func TestMutantsAreExplainedInSmallerRuns(t *testing.T) {
	for name, judges := range map[string]func(suite.Case) bool{
		"the default tier":         func(c suite.Case) bool { return suite.Default.Includes(c.Tier) && !c.Destructive },
		"no optional capabilities": func(c suite.Case) bool { return len(c.Needs) == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			var tally tally
			for _, row := range rows() {
				s := only(seen(row.Verdicts), judges)
				if len(s.Failed) > 0 {
					tally.add(t, s, row)
				}
			}
			tally.check(t)
		})
	}
}

// only is what a run of some cases shows.
func only(s causes.Seen, judges func(suite.Case) bool) causes.Seen {
	left := map[string]bool{}
	for _, c := range cases() {
		left[c.ID] = !judges(c)
	}
	without := func(ids []string) []string { return slices.DeleteFunc(ids, func(id string) bool { return left[id] }) }
	return causes.Seen{Failed: without(s.Failed), Passed: without(s.Passed), Blocked: without(s.Blocked)}
}
