package live_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// everyKind is what the reference answers.
var everyKind = []live.Kind{
	live.Call, live.RichCall, live.Probe, live.Introspect, live.Sync, live.InBandSync, live.Fetched, live.Stepping, live.Sending,
}

var ring = suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))

// world is an instant in which requests are made.
func world() live.World {
	captured := live.Answered{Signature: "t=1&s=" + strings.Repeat("0", 64), Body: []byte(`{"a":1}`)}
	return live.World{
		Keys: ring, Now: time.Unix(1767323045, 0), Nonce: "01ABCDEFGHIJKLMNOPQRSTUVWX", Path: "/api/inngest", Host: "127.0.0.1:3000",
		Elsewhere: "elsewhere.invalid", Captured: captured,
	}
}

// memory is a lab of the reference, or of a mutant.
func memory(t testing.TB, mutant string) inprocess.Memory {
	t.Helper()
	lab := inprocess.Memory{KeysUsed: ring}
	if mutant != "" {
		m, known := zoo.Find(mutant)
		if !known {
			t.Fatalf("there is no mutant %q", mutant)
		}
		lab.Break = m.Break
	}
	return lab
}

func step(op, form string, n int64, signed bool) live.Step {
	return live.Step{Op: op, Form: form, N: n, Signed: signed}
}

func exchange(kind live.Kind, steps ...live.Step) live.Exchange {
	return live.Exchange{Kind: kind, Steps: steps}
}

func signatureOf(sent live.Sent) (values []string) {
	for _, f := range sent.Header {
		if strings.EqualFold(f.Name, reference.HeaderSignature) {
			values = append(values, f.Value)
		}
	}
	return values
}

func TestHonestRequestsAreTheSuites(t *testing.T) {
	for _, kind := range everyKind {
		sent := exchange(kind).Make(world())
		which, err := reference.Verify(signatureOf(sent)[0], sent.Body, reference.Keys{Primary: ring.Primary}, world().Now)
		if kind != live.Sync && err != nil || which != reference.Primary {
			t.Errorf("%s: %s, %v", kind, which, err)
		}
	}
}

func TestOperators(t *testing.T) {
	for name, test := range map[string]struct {
		exchange live.Exchange
		has      string // in the signature header, or in the request line and body
		valid    bool   // for the reference
	}{
		"a time ahead":              {exchange(live.Call, step("time", "future", 30, true)), "t=1767323075&", true},
		"a time long ago":           {exchange(live.Call, step("time", "long past", 7200, true)), "t=1767315845&", false},
		"t moved after signing":     {exchange(live.Call, step("redate", "past", 30, false)), "t=1767323015&", false},
		"t with text":               {exchange(live.Call, step("t", "text behind", 0, true)), "t=1767323045abc&", false},
		"another key":               {exchange(live.Call, step("key", "stranger", 0, false)), "t=1767323045&", false},
		"no header":                 {exchange(live.Call, step("header", "absent", 0, false)), "", false},
		"a flipped digit":           {exchange(live.Call, step("s", "last off", 0, false)), "t=1767323045&", false},
		"tampered":                  {exchange(live.Call, step("tamper", "pad", 0, false)), `"pad":"b"`, false},
		"tampered and signed":       {exchange(live.Call, step("tamper", "pad", 0, true)), `"pad":"b"`, true},
		"spelled otherwise":         {exchange(live.Call, step("respell", "escaped letters", 0, true)), `"\u0061"`, true},
		"broken and signed":         {exchange(live.Call, step("break", "NaN", 0, true)), `"pad":NaN`, true},
		"bytes moved into the body": {exchange(live.Call, step("boundary", "into the body", 3, false)), "}176", false},
		"bytes moved into t":        {exchange(live.Call, step("boundary", "into t", 1, false)), "t=%7D1767", false},
		"an introspection's MAC":    {exchange(live.Call, step("transplant", "from an introspection", 0, false)), "t=1767323045&", false},
		"the payload in the query":  {exchange(live.Call, step("query", "the event", 0, false)), "&event=%7B", false},
		"many members":              {exchange(live.Probe, step("grow", "members", 64, true)), `"m8":8`, true},
	} {
		t.Run(name, func(t *testing.T) {
			sent := test.exchange.Make(world())
			values := signatureOf(sent)
			all := sent.Target + "\n" + strings.Join(values, "\n") + "\n" + string(sent.Body)
			if !strings.Contains(all, test.has) {
				t.Errorf("%q is not in %s", test.has, all)
			}
			_, err := reference.Verify(strings.Join(values, "\n"), sent.Body, reference.Keys{Primary: ring.Primary}, world().Now)
			if (err == nil) != test.valid {
				t.Errorf("the reference says: %v", err)
			}
		})
	}
}

func TestDrawsAreTheirSeedAndIndex(t *testing.T) {
	limits := live.Limits{Kinds: everyKind, Rotating: true}
	one, other := live.NewDraws(7, limits), live.NewDraws(7, limits)
	for index := uint64(0); index < 3000; index++ {
		e := one.At(index)
		if index%3 == 0 && !reflect.DeepEqual(e, other.At(index)) { // the other one leaves indexes out, as a shard does
			t.Fatalf("index %d is drawn in two ways", index)
		}
		if err := e.Check(); err != nil {
			t.Fatalf("index %d: %v", index, err)
		}
		if first, second := e.Make(world()), e.Make(world()); !reflect.DeepEqual(first.Request, second.Request) {
			t.Fatalf("%s is made in two ways", e)
		}
	}
}

func TestGentleDrawsSpareTheEndpoint(t *testing.T) {
	draws := live.NewDraws(7, live.Limits{Kinds: []live.Kind{live.Probe, live.Introspect}, Gentle: true, Single: true, NoPut: true})
	for index := uint64(0); index < 3000; index++ {
		e := draws.At(index)
		for _, s := range e.Steps {
			if s.Op == "break" || s.Op == "grow" || s.Op == "encode" || s.Op == "method" && s.Form == "PUT" {
				t.Fatalf("%s may end an endpoint, or make it sync", e)
			}
		}
		if e.Rotating || e.Kind != live.Probe && e.Kind != live.Introspect {
			t.Fatalf("%s is not what this endpoint knows", e)
		}
	}
}

func TestCheckRefusesWhatIsNoExchange(t *testing.T) {
	for name, e := range map[string]live.Exchange{
		"a kind":   {Kind: "visit"},
		"a step":   exchange(live.Call, step("dance", "", 0, false)),
		"a form":   exchange(live.Call, step("key", "yours", 0, false)),
		"a number": exchange(live.Call, step("key", "empty", 1, false)),
		"too much": exchange(live.Call, step("time", "past", 1<<60, true)),
	} {
		if e.Check() == nil {
			t.Errorf("%s that is not there is let in", name)
		}
	}
}

// The oracle and the reference agree: what must be accepted verifies, and what is
// forged does not.
func TestOracleAgreesWithTheReference(t *testing.T) {
	withoutRace(t)
	draws := live.NewDraws(3, live.Limits{Kinds: everyKind, Rotating: true})
	counted := map[live.Answer]int{}
	for index := range uint64(20_000) {
		e := draws.At(index)
		w := world()
		sent := e.Make(w)
		owed := live.Judge(sent, e, w)
		counted[owed.Answer]++
		keys := reference.Keys{Primary: ring.Primary}
		if e.Rotating {
			keys.Fallback = ring.Fallback
		}
		_, err := reference.Verify(strings.Join(signatureOf(sent), "\n"), sent.Entity, keys, w.Now)
		if owed.Answer == live.MustAccept && err != nil {
			t.Errorf("%s must be accepted, and the reference says: %v", e, err)
		}
		otherwise := strings.HasPrefix(owed.Why, "R12") || strings.HasPrefix(owed.Why, "protocol §4") // it is signed, and refused for something else
		if owed.Answer == live.MustRefuse && err == nil && !otherwise {
			t.Errorf("%s must be refused (%s), and the reference verifies it", e, owed.Why)
		}
	}
	for _, answer := range []live.Answer{live.MustAccept, live.MustRefuse, live.Unspecified} {
		if counted[answer] < 500 {
			t.Errorf("%s: %d of 20000 draws", answer, counted[answer])
		}
	}
}

func TestWhatIsOwed(t *testing.T) {
	for name, test := range map[string]struct {
		exchange live.Exchange
		answer   live.Answer
		why      string
	}{
		"honest":                {exchange(live.Call), live.MustAccept, ""},
		"a minute old":          {exchange(live.Call, step("time", "past", 60, true)), live.MustAccept, ""},
		"two minutes ahead":     {exchange(live.Call, step("time", "future", 120, true)), live.Unspecified, ""},
		"six minutes ahead":     {exchange(live.Call, step("time", "future", 360, true)), live.MustRefuse, "R5"},
		"six minutes old":       {exchange(live.Call, step("time", "past", 360, true)), live.MustRefuse, "R6"},
		"at the limit":          {exchange(live.Call, step("time", "past", 301, true)), live.Unspecified, ""},
		"t with text":           {exchange(live.Call, step("t", "text behind", 0, true)), live.MustRefuse, "R9"},
		"t with a fraction":     {exchange(live.Call, step("t", "fraction", 0, true)), live.MustRefuse, "R9"},
		"t in words":            {exchange(live.Call, step("t", "words", 0, true)), live.MustRefuse, "R9"},
		"t in milliseconds":     {exchange(live.Call, step("t", "milliseconds", 0, true)), live.MustRefuse, "R5"},
		"t with a plus":         {exchange(live.Call, step("t", "plus", 0, true)), live.Unspecified, ""},
		"t with zeros":          {exchange(live.Call, step("t", "one zero before", 0, true)), live.Unspecified, ""},
		"t with blanks":         {exchange(live.Call, step("t", "blank behind", 0, true)), live.Unspecified, ""},
		"t in Arabic digits":    {exchange(live.Call, step("t", "Arabic digits", 0, true)), live.Unspecified, ""},
		"s first":               {exchange(live.Call, step("header", "s first", 0, false)), live.Unspecified, ""},
		"two headers, one good": {exchange(live.Call, step("twice", "zeros last", 0, false)), live.Unspecified, ""},
		"two headers, mixed":    {exchange(live.Call, step("twice", "expired, then fresh zeros", 0, false)), live.MustRefuse, ""},
		"t twice":               {exchange(live.Call, step("header", "t twice, fresh first", 0, false)), live.MustRefuse, ""},
		"raw bytes":             {exchange(live.Call, step("respell", "indented", 0, true), step("over", "raw bytes", 0, false)), live.Unspecified, ""},
		"equal names":           {exchange(live.Call, step("break", "equal names", 0, true)), live.Unspecified, ""},
		"trailing data":         {exchange(live.Call, step("break", "text behind", 0, false)), live.Unspecified, ""},
		"a MAC of nothing":      {exchange(live.Call, step("over", "nothing", 0, false)), live.MustRefuse, "SPEC 4.1.3(5)"},
		"a DELETE":              {exchange(live.Call, step("method", "DELETE", 0, false)), live.MustRefuse, "protocol"},
		"as the server encodes": {exchange(live.InBandSync, step("enrich", "as the server encodes", 0, true)), live.MustAccept, ""},
	} {
		t.Run(name, func(t *testing.T) {
			owed := live.Judge(test.exchange.Make(world()), test.exchange, world())
			if owed.Answer != test.answer || !strings.HasPrefix(owed.Why, test.why) {
				t.Errorf("%s: %s (%s)", test.exchange, owed.Answer, owed.Why)
			}
		})
	}
}
