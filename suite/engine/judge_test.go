package engine_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

func TestReferenceInMemory(t *testing.T) {
	longtest.Skip(t)
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))}
	judged, err := engine.Judge(context.Background(), lab, suite.Catalogue(), engine.Options{Jobs: 2, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(judged.Results), judged.Void, judged.Setups)
	for _, r := range judged.Results {
		switch r.Verdict {
		case engine.Pass:
		case engine.Observed:
			t.Log(r.Case.ID, r.Behaviour)
		default:
			t.Error(r.Case.ID, r.Verdict, "expected", r.Expected, "observed", r.Observed, "note", r.Note)
		}
	}
}

// Meanwhile is called once, with what each case was judged at first.
func TestMeanwhileIsCalledOnce(t *testing.T) {
	broken, found := zoo.Find("no-window")
	if !found {
		t.Fatal("there is no such mutant")
	}
	for name, breaks := range map[string]func(*reference.Endpoint){"nothing is run again": nil, "some are run again": broken.Break} {
		for _, jobs := range []int{1, 2} {
			var sofar []engine.Judgement
			lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: breaks}
			judged, err := engine.Judge(t.Context(), lab, suite.Catalogue()[:40], engine.Options{
				Jobs: jobs, Seed: 7, Meanwhile: func(j engine.Judgement) { sofar = append(sofar, j) },
			})
			if err != nil || len(sofar) != 1 || len(sofar[0].Results) != len(judged.Results) || sofar[0].Void != judged.Void {
				t.Errorf("%s, %d at once: %v; called %d times", name, jobs, err, len(sofar))
			}
		}
	}
}
