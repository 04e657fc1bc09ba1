package live

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// aCarry is a step with deviations.
func aCarry(form string, names ...string) Step {
	return Step{Op: carry, Form: form, Carried: strings.Join(names, "\n")}
}

// Every deviation of the suite's dictionaries has a name of its own by which a finding
// can be made again.
func TestEveryDeviationCanBeCarried(t *testing.T) {
	for _, name := range keysOf(dictionaries) {
		distinct := map[suite.Fields]bool{}
		for _, of := range dictionaries[name].of {
			for _, deviation := range (suite.Facets{Of: of}).Deviations() {
				if strings.Contains(literalOf(deviation), "PUT") == dictionaries[name].puts {
					distinct[deviation] = true
				}
			}
		}
		grouped := 0
		for _, group := range entriesOf(name).groups {
			grouped += len(group)
			if err := input(Call, aCarry(name, group...)).Check(); err != nil {
				t.Error(err)
			}
		}
		if grouped == 0 || grouped != len(distinct) {
			t.Errorf("%s: %d deviations are in groups, of %d", name, grouped, len(distinct))
		}
	}
}

// The fuzzer draws from every dictionary that a case of the catalogue uses.
func TestEveryDictionaryIsDrawnFrom(t *testing.T) {
	drawn := map[suite.Dictionary]bool{}
	for _, d := range dictionaries {
		for _, of := range d.of {
			drawn[of] = true
		}
	}
	for _, c := range suite.Catalogue() {
		if of := c.Facets.Of; of != "" && !drawn[of] {
			t.Errorf("%s: no input carries %s", c.ID, of)
		}
	}
}

func TestCarriedDeviationsAreInTheRequest(t *testing.T) {
	for _, test := range []struct {
		step  Step
		shown string // in the request line, the header or the body
	}{
		{aCarry("request headers", `Headers: "X-Real-IP: 127.0.0.1"`), "X-Real-IP: 127.0.0.1"},
		{aCarry("methods", `Method: "DELETE"`), "DELETE /api/inngest"},
		{aCarry("paths", `Path: "{path}/"`), "/api/inngest/?fnId"},
		{aCarry("reserved names", `Step: "probe"`), "stepId=probe"},
		{aCarry("versions of HTTP", `Version: "HTTP/1.0"`), "HTTP/1.0"},
		{aCarry("guessed MACs", `Header: "t={t}&s=true"`), "t=1767323045&s=true"},
	} {
		r := input(Call, test.step).build(now())
		all := r.Request.Method + " " + r.Request.Target + " " + r.Request.Version + string(r.Request.Body)
		for _, f := range r.Request.Header {
			all += "\n" + f.Name + ": " + f.Value
		}
		if !strings.Contains(all, test.shown) {
			t.Errorf("%s: %q is not in\n%s", test.step, test.shown, all)
		}
	}
}

// A date among the deviations is the one of the signature, as in an old recording.
func TestDatesAgeWithTheSignature(t *testing.T) {
	in := input(Call, aCarry("request headers", `Headers: "Date: {date}"`), step("time", "past", 3600, true))
	if err := in.Check(); err != nil {
		t.Fatal(err)
	}
	want := now().Now.Add(-time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
	if got := valuesOf(in.build(now()).Request, "Date"); !slices.Equal(got, []string{want}) {
		t.Errorf("%q, not %q", got, want)
	}
}

// Of two deviations that decide together, both are left; of many, one that decides.
func TestShrinkingLeavesTheDeviationsThatMatter(t *testing.T) {
	group := entriesOf("request headers").groups[0]
	two := []string{group[3], group[40]}
	large := input(Call, aCarry("request headers", group...), step("header", "absent", 0, false))
	small := large.shrink(func(in Input) bool {
		carried := strings.Join(in.forms(), "\n")
		return strings.Contains(carried, two[0]) && strings.Contains(carried, two[1])
	})
	if want := input(Call, aCarry("request headers", two...)); !reflect.DeepEqual(small, want) {
		t.Errorf("%s, not %s", small, want)
	}
}

func TestMutantsAreShrunkToTheirDeviation(t *testing.T) {
	longtest.Skip(t)
	for mutant, want := range map[string]string{
		"local-forwarded-for-trusted":     `Headers: "X-Forwarded-For: `,
		"bypass-query-needs-no-signature": `Query: "x-vercel-protection-bypass=`,
		"edge-verified-header-trusted":    `Headers: "X-`,
	} {
		t.Run(mutant, func(t *testing.T) {
			t.Parallel()
			all := found(t, mutant, FalseAccept, Options{Seed: 1, Requests: 4000})
			for _, f := range all {
				if carried := f.Input.carried(); len(carried) == 1 && strings.HasPrefix(carried[0], want) && len(all) == 1 {
					return
				}
			}
			for _, f := range all {
				t.Errorf("found %s: %s", f.Input, f.Observed)
			}
			t.Errorf("not the only one of %d findings: %s", len(all), want)
		})
	}
}

// What anyone may do to a signed request that is on its way must not be a reason to
// accuse an endpoint that refuses it, or that responds to it in its own way.
func TestCarryingRequiresNothingOfAValidRequest(t *testing.T) {
	for _, name := range keysOf(dictionaries) {
		if dictionaries[name].signs {
			continue
		}
		for _, group := range entriesOf(name).groups {
			in := input(Call, aCarry(name, group...))
			if required := require(in.build(now()), in, now()); required.outcome == mustAccept {
				t.Errorf("%s: %s", in, required.outcome)
			}
		}
	}
}
