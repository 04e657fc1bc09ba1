package suite_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

func TestReferenceInMemory(t *testing.T) {
	lab := suite.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))}
	judged, err := suite.Judge(context.Background(), lab, suite.Catalogue(), suite.Options{Jobs: 2, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(judged.Results), judged.Void, judged.Setups)
	for _, r := range judged.Results {
		switch r.Verdict {
		case suite.Pass:
		case suite.Observed:
			t.Log(r.Case.ID, r.Behaviour)
		default:
			t.Error(r.Case.ID, r.Verdict, "expected", r.Expected, "seen", r.Seen, "note", r.Note)
		}
	}
}
