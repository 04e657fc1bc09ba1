package engine_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// evidenced are broken endpoints of different chapters: whatever their cases depend on
// has to be in the evidence.
var evidenced = []string{
	"", "absence-is-enough", "half-compared",
}

// gathered judges an endpoint in memory.
func gathered(t *testing.T, mutant string) (engine.Judgement, inprocess.Memory) {
	t.Helper()
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))}
	if mutant != "" {
		m, known := zoo.Find(mutant)
		if !known {
			t.Fatalf("there is no mutant %q", mutant)
		}
		lab.Break = m.Break
	}
	judged, err := engine.Judge(t.Context(), lab, small(), engine.Options{Jobs: 2, Seed: 7, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	return judged, lab
}

// small are the cases without large bodies, which take longer than all others.
func small() (cases []suite.Case) {
	for _, c := range suite.Catalogue() {
		if !strings.HasPrefix(c.ID, "calls.large") && c.Facets.Of != suite.LargeSizes {
			cases = append(cases, c)
		}
	}
	return cases
}

// again is evidence as it is after it was written and read.
func again(t *testing.T, e engine.Evidence) engine.Evidence {
	t.Helper()
	read := engine.Evidence{}
	for from, to := range map[any]any{&e: &read, &e.Processes: &read.Processes, &e.Cases: &read.Cases, &e.Exchanges: &read.Exchanges} {
		text, err := json.Marshal(from)
		if err == nil {
			err = json.Unmarshal(text, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return read
}

func TestEvidenceGivesTheSameVerdicts(t *testing.T) {
	for _, mutant := range evidenced {
		t.Run(mutant, func(t *testing.T) {
			judged, _ := gathered(t, mutant)
			e := again(t, judged.Evidence())
			got, differences, err := engine.JudgeEvidence(e, small(), "")
			if err != nil || !reflect.DeepEqual(differences, engine.Differences{}) {
				t.Fatalf("%v; %+v", err, differences)
			}
			equal(t, got, judged)
		})
	}
}

// equal compares two judgements, to the bytes of their exchanges.
func equal(t *testing.T, got, want engine.Judgement) {
	t.Helper()
	if got.Void != want.Void || !reflect.DeepEqual(got.Diagnosis, want.Diagnosis) || got.Incomplete != want.Incomplete || got.Setups != want.Setups || got.Processes != want.Processes || got.Clock != want.Clock {
		t.Errorf("%+v\n%+v", got, want)
	}
	if len(got.Results) != len(want.Results) {
		t.Fatalf("%d results of %d", len(got.Results), len(want.Results))
	}
	for i, a := range got.Results {
		b := want.Results[i]
		for what, pair := range map[string][2]string{
			"case": {a.Case.ID, b.Case.ID}, "verdict": {string(a.Verdict), string(b.Verdict)}, "risk": {string(a.Risk), string(b.Risk)}, "behaviour": {a.Behaviour, b.Behaviour},
			"sent": {a.Sent, b.Sent}, "expected": {a.Expected, b.Expected}, "observed": {a.Observed, b.Observed}, "note": {a.Note, b.Note}, "cause": {a.Cause, b.Cause}, "in place": {string(a.InPlace), string(b.InPlace)},
			"text": {a.Text("x"), b.Text("x")},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s\n%s\n%s", b.Case.ID, what, pair[0], pair[1])
			}
		}
		if a.Open() != b.Open() || len(a.Steps) != len(b.Steps) {
			t.Errorf("%s: open %v, %v; %d and %d steps", b.Case.ID, a.Open(), b.Open(), len(a.Steps), len(b.Steps))
			continue
		}
		for j := range a.Steps {
			if x, y := a.Steps[j], b.Steps[j]; x.Part != y.Part || x.Exchange.Text() != y.Exchange.Text() || !reflect.DeepEqual(x.Exchange.Sent(), y.Exchange.Sent()) {
				t.Errorf("%s: %s\n%s\n%s", b.Case.ID, x.Part, x.Exchange.Text(), y.Exchange.Text())
			}
		}
	}
}
