package engine_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// evidenced are broken endpoints of different chapters: whatever their cases depend on
// has to be in the evidence. The first is judged in short tests, too.
var evidenced = []string{
	"", "absence-is-enough", // forgery
	"any-time-passes",                                                                       // replay
	"introspection-tells-the-key",                                                           // disclosure
	"breaker-locks-out",                                                                     // lockout
	"serve-origin-lets-unsigned-in", "cold-lets-unsigned-in", "connection-is-authenticated", // state
	"two-headers-trusted", "rare-type-trusted", // facets
	"fallback-never-tried", "no-retry", "checkpoints-retried-on-500", // fallback
	"mode-always-dev", "dev-needs-a-key", // dev mode
	"sync-open", "saved-sync-reported-as-failed", // sync
	"dies-of-header-percent", "key-in-a-header", "prefix-only-turns-off", "canonicaliser-fails-open",
}

// gathered judges an endpoint in memory.
func gathered(t *testing.T, mutant string) (engine.Judgement, inprocess.Memory) {
	t.Helper()
	return gatheredOf(t, mutant, manyCases())
}

func gatheredOf(t *testing.T, mutant string, cases []suite.Case) (engine.Judgement, inprocess.Memory) {
	t.Helper()
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))}
	if mutant != "" {
		m, known := zoo.Find(mutant)
		if !known {
			t.Fatalf("there is no mutant %q", mutant)
		}
		lab.Break = m.Break
	}
	judged, err := engine.Judge(t.Context(), lab, cases, engine.Options{Jobs: 2, Seed: 7, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	return judged, lab
}

// small are the cases without large bodies, which take longer than all others.
func small() []suite.Case {
	return slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool {
		return strings.HasPrefix(c.ID, "calls.large") || c.Facets.Of == suite.LargeSizes
	})
}

// manyCases are all small ones; in short tests, one of each kind.
func manyCases() []suite.Case {
	if testing.Short() {
		return kinds()
	}
	return small()
}

// kinds are a case of each kind.
func kinds() []suite.Case {
	seen := map[string]bool{}
	return suite.ProfileDefault.WithPrerequisites(slices.DeleteFunc(small(), func(c suite.Case) bool {
		kind := fmt.Sprint(c.Given == suite.Setup{}, c.State.Cold, c.State.Last, c.State.Beside, len(c.State.After) > 0, len(c.Also) > 0, c.Facets.Of != "", c.Then.Negative, c.When.Kind())
		defer func() { seen[kind] = true }()
		return seen[kind]
	}))
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
	for i, mutant := range evidenced {
		t.Run(mutant, func(t *testing.T) {
			if i > 0 {
				longtest.Skip(t)
			}
			judged, _ := gathered(t, mutant)
			e := again(t, judged.Evidence())
			got, differences, err := engine.JudgeEvidence(e, manyCases(), "")
			if err != nil || !reflect.DeepEqual(differences, engine.Differences{}) {
				t.Fatalf("%v; %+v", err, differences)
			}
			equal(t, got, judged)
			if i > 0 {
				return
			}
			got, _, err = engine.JudgeEvidence(again(t, got.Evidence()), manyCases(), "") // evidence of evidence is the same
			if err != nil {
				t.Fatal(err)
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

// TestEvidenceHoldsNoSecret: nothing that is derived from a secret of the run is in the
// evidence of an endpoint that discloses it, in any form.
func TestEvidenceHoldsNoSecret(t *testing.T) {
	for i, mutant := range []string{"introspection-tells-the-key", "result-dumps-environment", "step-tells-bearer", "key-in-a-header", "failure-dumps-environment"} {
		t.Run(mutant, func(t *testing.T) {
			if i > 0 {
				longtest.Skip(t)
			}
			judged, lab := gathered(t, mutant)
			e := judged.Evidence()
			tokens := 0
			for _, part := range []any{e, e.Processes, e.Cases, e.Exchanges} {
				text, err := json.Marshal(part)
				if err != nil {
					t.Fatal(err)
				}
				tokens += strings.Count(string(text), ".secret}}")
				if found := holds(lab.KeysUsed, string(text)); found != "" {
					t.Errorf("%q is left", found)
				}
			}
			if i == 0 && tokens == 0 {
				t.Error("the endpoint discloses a secret, and there is no token in its place")
			}
		})
	}
}

// holds is a part of what is derived from a secret of a keyring that a text has, in
// any case and with any separators; "" if there is none.
func holds(keys suite.Keyring, text string) string {
	parts := map[string]bool{}
	add := func(secret []byte, skip int) {
		made := forms(secret)
		made["as it is"] = string(secret)
		for form, derived := range made {
			if strings.HasPrefix(form, "itself") || form == "as it is" {
				derived = derived[min(skip, len(derived)):]
			}
			derived = strings.ToLower(squeeze(strings.TrimRight(derived, "=")))
			for at := 0; at+12 <= len(derived); at++ {
				parts[derived[at:at+12]] = true
			}
		}
	}
	for _, key := range []reference.Key{keys.Primary, keys.Fallback, keys.Unknown} {
		decoded, _ := hex.DecodeString(key.Secret())
		bearer, _ := hex.DecodeString(suite.BearerHash(key))
		add([]byte(key.Text()), 4*len("signkey-prod-")) // the prefix is no secret
		for _, secret := range [][]byte{[]byte(key.Secret()), decoded, []byte(suite.BearerHash(key)), bearer} {
			add(secret, 0)
		}
	}
	for secret, prefix := range map[string]string{keys.Canary: "canary", keys.EventKey: ""} { // an introspection has a hash of the event key
		for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))} {
			form = strings.ToLower(strings.TrimRight(form[min(4*len(prefix), len(form)):], "="))
			for at := 0; at+12 <= len(form); at++ {
				parts[form[at:at+12]] = true
			}
		}
	}
	folded := strings.ToLower(squeeze(text))
	for at := 0; at+12 <= len(folded); at++ {
		if part := folded[at : at+12]; parts[part] {
			return folded[max(0, at-60):min(len(folded), at+60)]
		}
	}
	return ""
}

// What is beyond the sizes that evidence has is cut, and marked.
func TestLongExchangesAreCutAndMarked(t *testing.T) {
	longtest.Skip(t)
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))}
	c, err := suite.Find("calls.large")
	if err != nil {
		t.Fatal(err)
	}
	for range 12 { // each is almost four mebibytes
		c.Also = append(c.Also, c.When)
	}
	judged, err := engine.Judge(t.Context(), lab, []suite.Case{c}, engine.Options{Jobs: 1, Seed: 7, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	e, sent, cut := judged.Evidence(), 0, 0
	for _, x := range e.Exchanges {
		if sent += len(x.Request.Body); x.Request.BodyCut > 0 {
			cut++
		}
	}
	if sent > limits.EvidenceSent+1<<20 || cut < 2 || cut > 6 {
		t.Errorf("%d bytes of requests, %d are cut", sent, cut)
	}
	got, _, err := engine.JudgeEvidence(e, []suite.Case{c}, "")
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got.Results {
		if r.Verdict != judged.Results[i].Verdict {
			t.Errorf("%s: %s, and it was %s", r.Case.ID, r.Verdict, judged.Results[i].Verdict)
		}
	}
}
