package live

import (
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// The oracle and the reference agree: what must be accepted verifies, and what is
// forged does not.
func TestOracleAgreesWithTheReference(t *testing.T) {
	t.Parallel()
	longtest.Skip(t)
	g := newGenerator(3, scope{bases: allBases, rotating: true})
	counted := map[outcome]int{}
	for index := range uint64(20_000) {
		in := g.at(index)
		r := in.build(now())
		required := require(r, in, now())
		counted[required.outcome]++
		keys := reference.Keys{Primary: testKeys.Primary}
		if in.Rotating {
			keys.Fallback = testKeys.Fallback
		}
		_, err := verify(r, keys)
		if required.outcome == mustAccept && err != nil {
			t.Errorf("%s must be accepted, and the reference's verdict is: %v", in, err)
		}
		otherwise := required.why == unknownFunction || strings.HasPrefix(required.why, "protocol §4") // it is signed, and must be rejected for another reason
		if required.outcome == mustReject && err == nil && !otherwise {
			t.Errorf("%s must be rejected (%s), and the reference verifies it", in, required.why)
		}
	}
	for _, o := range []outcome{mustAccept, mustReject, unspecified} {
		if counted[o] < 500 {
			t.Errorf("%s: %d of 20000 draws", o, counted[o])
		}
	}
}

func TestRequirements(t *testing.T) {
	for name, test := range map[string]struct {
		input   Input
		outcome outcome
		why     string
	}{
		"unchanged":              {input(Call), mustAccept, ""},
		"a minute old":           {input(Call, step("time", "past", 60, true)), mustAccept, ""},
		"two minutes ahead":      {input(Call, step("time", "future", 120, true)), unspecified, ""},
		"six minutes ahead":      {input(Call, step("time", "future", 360, true)), mustReject, "R5"},
		"six minutes old":        {input(Call, step("time", "past", 360, true)), mustReject, "R6"},
		"at the limit":           {input(Call, step("time", "past", 301, true)), unspecified, ""},
		"text after t":           {input(Call, step("t", "text following", 0, true)), mustReject, "R9"},
		"t with a fraction":      {input(Call, step("t", "fraction", 0, true)), mustReject, "R9"},
		"t in words":             {input(Call, step("t", "words", 0, true)), mustReject, "R9"},
		"t in milliseconds":      {input(Call, step("t", "milliseconds", 0, true)), mustReject, "R5"},
		"t with a plus":          {input(Call, step("t", "plus", 0, true)), unspecified, ""},
		"t with zeros":           {input(Call, step("t", "one zero before", 0, true)), unspecified, ""},
		"t with blanks":          {input(Call, step("t", "blank following", 0, true)), unspecified, ""},
		"t in Arabic digits":     {input(Call, step("t", "Arabic digits", 0, true)), unspecified, ""},
		"s first":                {input(Call, step("header", "s first", 0, false)), unspecified, ""},
		"two headers, one valid": {input(Call, step("twice", "zeros last", 0, false)), unspecified, ""},
		"two headers, mixed":     {input(Call, step("twice", "expired, then fresh zeros", 0, false)), mustReject, ""},
		"t twice":                {input(Call, step("header", "t twice, fresh first", 0, false)), mustReject, ""},
		"raw bytes":              {input(Call, step("respell", "indented", 0, true), step("over", "raw bytes", 0, false)), unspecified, ""},
		"equal names":            {input(Call, step("break", "equal names", 0, true)), unspecified, ""},
		"trailing data":          {input(Call, step("break", "text following", 0, false)), unspecified, ""},
		"a MAC of nothing":       {input(Call, step("over", "nothing", 0, false)), mustReject, "SPEC 4.1.3(5)"},
		"a DELETE":               {input(Call, step("method", "DELETE", 0, false)), mustReject, "protocol"},
		"as the server encodes":  {input(InBandSync, step("enrich", "as the server encodes", 0, true)), mustAccept, ""},
	} {
		t.Run(name, func(t *testing.T) {
			required := require(test.input.build(now()), test.input, now())
			if required.outcome != test.outcome || !strings.HasPrefix(required.why, test.why) {
				t.Errorf("%s: %s (%s)", test.input, required.outcome, required.why)
			}
		})
	}
}
