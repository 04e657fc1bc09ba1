package engine_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// requestsOf is how many requests a clean target gets in the cases of a tier.
func requestsOf(t testing.TB, includes func(suite.Case) bool) int {
	t.Helper()
	var requests atomic.Int64
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: func(e *reference.Endpoint) {
		mode := e.ResolveMode
		e.ResolveMode = func(r *http.Request, getenv func(string) string) reference.Mode {
			requests.Add(1)
			return mode(r, getenv)
		}
	}}
	cases := slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool { return !includes(c) })
	judged, err := engine.Judge(context.Background(), lab, cases, engine.Options{Jobs: 1, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range judged.Results {
		if r.Verdict != engine.Pass && r.Verdict != engine.Observed {
			t.Errorf("%s: %s: %s", r.Case.ID, r.Verdict, r.Note)
		}
		if r.Note != "" && r.Case.Facets.Of != "" {
			t.Logf("%s: %s", r.Case.ID, r.Note)
		}
	}
	return int(requests.Load())
}

// The dictionaries hold hundreds of deviations; what they cost a clean target is
// bounded.
func TestFacetsAreFewRequests(t *testing.T) {
	isDefault := func(c suite.Case) bool { return suite.Default.Includes(c.Tier) && !c.Destructive }
	all := requestsOf(t, isDefault)
	without := requestsOf(t, func(c suite.Case) bool { return isDefault(c) && c.Facets.Of == "" })
	facets := 0
	for _, c := range suite.Catalogue() {
		if strings.HasPrefix(c.ID, "facets.") {
			facets++
		}
	}
	t.Logf("the default tier: %d requests, %d of them for facets; %d cases", all, all-without, facets)
	if all-without > 150 {
		t.Errorf("facets take %d requests in the default tier, 150 at most", all-without)
	}
}
