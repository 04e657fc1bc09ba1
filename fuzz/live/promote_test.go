package live

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// problems writes a candidate down, reads it again and checks it.
func problems(t *testing.T, c Candidate) []string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseCandidate(text)
	if err != nil {
		t.Fatal(err)
	}
	return back.Problems()
}

func filledIn(c Candidate) Candidate {
	c.ID, c.Clause, c.Level, c.Risk, c.Comment = "receiving.far-future", "SPEC 4.1.3(4)", "MUST", "replay", "a signature of the day after tomorrow is refused"
	c.Flags, c.Case.Source = []string{"Future"}, "KEYS 3"
	if c.ControlVector != nil {
		c.Control = c.ID + ".twin"
	}
	return c
}

func TestCandidatesAreRejectedUntilComplete(t *testing.T) {
	t.Parallel()
	longtest.Skip(t)
	c := Promote(aFinding(t))
	if lines := problems(t, c); len(lines) != 7 {
		t.Errorf("an empty candidate: %q", lines)
	}
	if lines := problems(t, filledIn(c)); len(lines) > 0 {
		t.Errorf("a complete candidate: %q", lines)
	}
	for name, test := range map[string]struct {
		spoil func(*Candidate)
		says  string
	}{
		"a dot for an id":             {func(c *Candidate) { c.ID = "." }, "id:"},
		"an id without a family":      {func(c *Candidate) { c.ID = "future" }, "id:"},
		"an id in capitals":           {func(c *Candidate) { c.ID = "receiving.Future" }, "id:"},
		"an id that is in use":        {func(c *Candidate) { c.ID = "receiving.future" }, "the catalogue already has a case"},
		"a clause of words":           {func(c *Candidate) { c.Clause = "SPEC nonsense" }, "clause:"},
		"an unknown clause":           {func(c *Candidate) { c.Clause = "SPEC 4.1.3(40)" }, "the suite knows no clause"},
		"a clause with a zero":        {func(c *Candidate) { c.Clause = "SPEC 4.1.3(04)" }, "clause:"},
		"a clause of another source":  {func(c *Candidate) { c.Clause = "KEYS 3" }, "clause:"},
		"a level that is not scored":  {func(c *Candidate) { c.Level = "MAY" }, "level:"},
		"a level in lower case":       {func(c *Candidate) { c.Level = "must" }, "level:"},
		"an unknown risk":             {func(c *Candidate) { c.Risk = "danger" }, "risk:"},
		"an unknown ambiguity":        {func(c *Candidate) { c.Ambiguity = "R99" }, "ambiguity:"},
		"two words":                   {func(c *Candidate) { c.Comment = "is refused" }, "comment:"},
		"blanks":                      {func(c *Candidate) { c.Comment = "   " }, "comment:"},
		"a full stop":                 {func(c *Candidate) { c.Comment += "." }, "comment:"},
		"another case's sentence":     {func(c *Candidate) { c.Comment = suite.Catalogue()[0].Title }, "comment:"},
		"an unknown source":           {func(c *Candidate) { c.Case.Source = "KEYS 99" }, "case.source:"},
		"a stimulus that is no Go":    {func(c *Candidate) { c.Case.When = "Call{" }, "case.when:"},
		"no stimulus":                 {func(c *Candidate) { c.Case.When = "" }, "case.when:"},
		"an unknown stimulus":         {func(c *Candidate) { c.Case.When = "Visit{}" }, "case.when:"},
		"no expectation":              {func(c *Candidate) { c.Case.Then = "" }, "case.then:"},
		"an expectation without call": {func(c *Candidate) { c.Case.Then = "refused" }, "case.then:"},
		"half an expectation":         {func(c *Candidate) { c.Case.Then = "and(refused()" }, "case.then:"},
		"no flag":                     {func(c *Candidate) { c.Flags = nil }, "flags:"},
		"a dot for a flag":            {func(c *Candidate) { c.Flags = []string{"."} }, "flags:"},
		"another result":              {func(c *Candidate) { c.Result = "accept" }, "vector:"},
		"another MAC":                 {func(c *Candidate) { c.Verifier.PrimaryMAC = strings.Repeat("0", 64) }, "vector:"},
		"another control":             {func(c *Candidate) { c.Control = "receiving.expired" }, "vector:"},
		"no vector and no reason":     {func(c *Candidate) { c.Vector = nil }, "vector:"},
	} {
		t.Run(name, func(t *testing.T) {
			spoiled := filledIn(Promote(aFinding(t)))
			test.spoil(&spoiled)
			if lines := problems(t, spoiled); len(lines) != 1 || !strings.Contains(lines[0], test.says) {
				t.Errorf("%q", lines)
			}
		})
	}
	for name, text := range map[string]string{
		"an unknown member": `{"schema":"urn:countersign:candidate:3","more":1}`, "the schema before": `{"schema":"urn:countersign:candidate:2"}`,
		"no input": `{"schema":"urn:countersign:candidate:3"}`,
	} {
		if _, err := ParseCandidate([]byte(text)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
