package engine_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
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
