package live

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/zoo"
)

var testKeys = suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))

// now is a scene in which requests are made.
func now() scene {
	return scene{
		Scene: suite.Scene{
			Keys: testKeys, Now: time.Unix(1767323045, 0), Nonce: "01ABCDEFGHIJKLMNOPQRSTUVWX", Path: "/api/inngest", Host: "127.0.0.1:3000",
			Elsewhere: elsewhere,
		},
		captured: signedResponse{"t=1&s=" + strings.Repeat("0", 64), []byte(`{"a":1}`)},
	}
}

// memory is a lab of the reference, or of a mutant.
func memory(t testing.TB, mutant string) inprocess.Memory {
	t.Helper()
	lab := inprocess.Memory{KeysUsed: testKeys}
	if mutant != "" {
		m, known := zoo.Find(mutant)
		if !known {
			t.Fatalf("there is no mutant %q", mutant)
		}
		lab.Break = m.Break
	}
	return lab
}

func step(op, form string, n int64, signed bool) Step {
	return Step{Op: op, Form: form, N: n, Signed: signed}
}

func input(base Base, steps ...Step) Input {
	return Input{Base: base, Steps: steps}
}

// verify is the reference's verdict on a request before its body was framed.
func verify(r request, keys reference.Keys) (reference.MatchedKey, error) {
	signatures := strings.Join(valuesOf(r.Request, reference.HeaderSignature), "\n")
	return reference.Verify(signatures, r.Entity, keys, now().Now)
}

func TestBasesAreValid(t *testing.T) {
	for _, base := range allBases {
		which, err := verify(input(base).build(now()), reference.Keys{Primary: testKeys.Primary})
		if base != Sync && err != nil || which != reference.Primary {
			t.Errorf("%s: %s, %v", base, which, err)
		}
	}
}

func TestOperators(t *testing.T) {
	for name, test := range map[string]struct {
		input Input
		has   string // in the signature header, or in the request line and body
		valid bool   // for the reference
	}{
		"signed in the future":      {input(Call, step("time", "future", 30, true)), "t=1767323075&", true},
		"signed long ago":           {input(Call, step("time", "long past", 7200, true)), "t=1767315845&", false},
		"t moved after signing":     {input(Call, step("redate", "past", 30, false)), "t=1767323015&", false},
		"text after t":              {input(Call, step("t", "text following", 0, true)), "t=1767323045abc&", false},
		"another key":               {input(Call, step("key", "unknown", 0, false)), "t=1767323045&", false},
		"no header":                 {input(Call, step("header", "absent", 0, false)), "", false},
		"a flipped digit":           {input(Call, step("s", "last digit", 0, false)), "t=1767323045&", false},
		"tampered":                  {input(Call, step("tamper", "pad", 0, false)), `"pad":"b"`, false},
		"tampered and signed":       {input(Call, step("tamper", "pad", 0, true)), `"pad":"b"`, true},
		"another spelling":          {input(Call, step("respell", "escaped letters", 0, true)), `"\u0061"`, true},
		"broken and signed":         {input(Call, step("break", "NaN", 0, true)), `"pad":NaN`, true},
		"bytes moved into the body": {input(Call, step("boundary", "into the body", 3, false)), "}176", false},
		"bytes moved into t":        {input(Call, step("boundary", "into t", 1, false)), "t=%7D1767", false},
		"all of t in the body":      {input(Call, step("split", "no t", 0, false)), "s=", false},
		"an introspection's MAC":    {input(Call, step("transplant", "from an introspection", 0, false)), "t=1767323045&", false},
		"the payload in the query":  {input(Call, step("query", "the event", 0, false)), "&event=%7B", false},
		"many members":              {input(Probe, step("grow", "members", 64, true)), `"m8":8`, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := test.input.build(now())
			all := r.Request.Target + "\n" + strings.Join(valuesOf(r.Request, reference.HeaderSignature), "\n") + "\n" + string(r.Entity)
			if !strings.Contains(all, test.has) {
				t.Errorf("%q is not in %s", test.has, all)
			}
			if _, err := verify(r, reference.Keys{Primary: testKeys.Primary}); (err == nil) != test.valid {
				t.Errorf("the reference's verdict: %v", err)
			}
		})
	}
}

func TestCheckRejectsUnknownInputs(t *testing.T) {
	for name, in := range map[string]Input{
		"a base":             {Base: "visit"},
		"a step":             input(Call, step("dance", "", 0, false)),
		"a form":             input(Call, step("key", "yours", 0, false)),
		"a parameter":        input(Call, step("key", "empty", 1, false)),
		"a number in bounds": input(Call, step("time", "past", 1<<60, true)),
		"a deviation":        input(Call, aCarry("request headers", `Headers: "X-Nobody: 1"`)),
		"any deviation":      input(Call, aCarry("request headers")),
		"a dictionary":       input(Call, Step{Op: "key", Form: "empty", Carried: `Headers: "X-Debug: 1"`}),
	} {
		if in.Check() == nil {
			t.Errorf("an input with %s that does not exist passes", name)
		}
	}
}
