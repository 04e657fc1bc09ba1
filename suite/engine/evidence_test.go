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
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// evidenced are broken endpoints of different chapters: whatever their cases depend on
// has to be in the evidence. The first ones are judged in short tests, too.
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
	return gatheredOf(t, mutant, small())
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
	for i, mutant := range evidenced {
		t.Run(mutant, func(t *testing.T) {
			if i > 1 {
				longtest.Skip(t)
			}
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

// TestEvidenceIsJudgedByTodaysCatalogue: a new case is not scored, one that sends
// something else is inconclusive, one that is gone is listed, and what a case expects
// is what it expects today.
func TestEvidenceIsJudgedByTodaysCatalogue(t *testing.T) {
	judged, _ := gathered(t, "absence-is-enough")
	e := again(t, judged.Evidence())
	today := small()
	var gone string
	for i := range today {
		switch c := &today[i]; c.ID {
		case "receiving.signed":
			c.When = suite.Call{Step: "other"}
		case "receiving.unsigned":
			c.Level = suite.Should
		case "calls.head":
			gone = c.ID
		}
	}
	today = slices.DeleteFunc(today, func(c suite.Case) bool { return c.ID == gone })
	fresh := today[0]
	fresh.ID = "receiving.a-new-one"
	today = append(today, fresh)
	got, differences, err := engine.JudgeEvidence(e, today, "")
	if err != nil {
		t.Fatal(err)
	}
	want := engine.Differences{Absent: []string{fresh.ID}, Changed: []string{"receiving.signed"}, Removed: []string{gone}}
	if !reflect.DeepEqual(differences, want) {
		t.Errorf("%+v, want %+v", differences, want)
	}
	verdicts := map[string]engine.Result{}
	for _, r := range got.Results {
		verdicts[r.Case.ID] = r
	}
	if r := verdicts[fresh.ID]; r.Verdict != engine.NotApplicable || !strings.Contains(r.Note, "not in the evidence") {
		t.Errorf("a new case: %s, %s", r.Verdict, r.Note)
	}
	if r := verdicts["receiving.signed"]; r.Verdict != engine.Inconclusive || !strings.Contains(r.Note, "has changed") || !r.Open() {
		t.Errorf("a changed case: %s, %s", r.Verdict, r.Note)
	}
	if r := verdicts["receiving.unsigned"]; r.Verdict != engine.Warn {
		t.Errorf("a SHOULD: %s", r.Verdict)
	}
}

// A case that passed may fail by what is required today. Where a second run could have
// shown that it was transient, it is inconclusive: there was none.
func TestTodaysRequirementDecides(t *testing.T) {
	judged, _ := gathered(t, "")
	e := again(t, judged.Evidence())
	never := suite.Expectation{Requirement: "something else", Checks: []suite.Check{{Says: "do something else", Holds: func(suite.Observation) bool { return false }}}}
	harmed := never
	harmed.Negative = true
	harmed.Checks = []suite.Check{{Says: "not have been there", Harm: true, Holds: func(suite.Observation) bool { return false }}}
	today := small()
	for i := range today {
		switch today[i].ID {
		case "calls.numbers":
			today[i].Then = never
		case "receiving.tampered":
			today[i].Then = harmed
		}
	}
	got, _, err := engine.JudgeEvidence(e, today, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got.Results {
		switch r.Case.ID {
		case "calls.numbers", "receiving.tampered":
			if r.Verdict != engine.Inconclusive || r.Note != "it failed, and was not run again" {
				t.Errorf("%s: %s, %s", r.Case.ID, r.Verdict, r.Note)
			}
		}
	}
}

// TestForgedEvidenceIsAnError: whatever is in evidence, judging it ends with verdicts or
// an error.
func TestForgedEvidenceIsAnError(t *testing.T) {
	few := map[string]bool{} // a case of each kind
	cases := slices.DeleteFunc(small(), func(c suite.Case) bool {
		kind := fmt.Sprint(c.Given == suite.Setup{}, c.State.Cold, c.State.Last, c.State.Beside, len(c.State.After) > 0, len(c.Also) > 0, c.Facets.Of != "", c.Then.Negative, c.When.Kind())
		defer func() { few[kind] = true }()
		return few[kind]
	})
	judged, _ := gatheredOf(t, "two-headers-trusted", cases)
	whole := judged.Evidence()
	random, refused := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), 0
	for range 60 {
		e := again(t, whole)
		for range 1 + random.IntN(12) {
			forge(reflect.ValueOf(&e.Cases[random.IntN(len(e.Cases))]).Elem(), random)
			forge(reflect.ValueOf(&e.Exchanges[random.IntN(len(e.Exchanges))]).Elem(), random)
		}
		if random.IntN(4) == 0 {
			e.Visibility = []string{"", "probe", "call", "introspection"}[random.IntN(4)]
		}
		if _, _, err := engine.JudgeEvidence(e, cases, ""); err != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no forgery was refused")
	}
}

// forge changes something in a value.
func forge(v reflect.Value, random *rand.Rand) {
	if !v.CanSet() {
		return // of time.Time
	}
	switch v.Kind() {
	case reflect.Struct:
		for range 3 {
			forge(v.Field(random.IntN(v.NumField())), random)
		}
	case reflect.Pointer:
		if v.IsNil() || random.IntN(3) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
		} else if random.IntN(3) == 0 {
			v.SetZero()
			return
		}
		forge(v.Elem(), random)
	case reflect.Slice:
		if v.Len() > 0 && random.IntN(2) == 0 {
			forge(v.Index(random.IntN(v.Len())), random)
		} else if v.Len() > 0 && random.IntN(3) == 0 {
			v.SetLen(random.IntN(v.Len()))
		} else {
			v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
			forge(v.Index(v.Len()-1), random)
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(random.IntN(2000) - 5))
	case reflect.String:
		v.SetString([]string{"", "x", "closed", "{{primary.secret}}"}[random.IntN(4)])
	case reflect.Bool:
		v.SetBool(!v.Bool())
	}
}
