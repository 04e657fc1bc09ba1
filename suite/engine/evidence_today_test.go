package engine_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// TestEvidenceIsJudgedByTodaysCatalogue: a new case is not scored, one that sends
// something else is inconclusive, one that is gone is listed, and what a case expects
// is what it expects today.
func TestEvidenceIsJudgedByTodaysCatalogue(t *testing.T) {
	today := named(t, append(slices.Clone(suite.Core), "receiving.signed", "calls.head")...)
	judged, _ := gatheredOf(t, "absence-is-enough", today)
	e := again(t, judged.Evidence())
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
	today := named(t, append(slices.Clone(suite.Core), "receiving.signed", "calls.numbers")...)
	judged, _ := gatheredOf(t, "", today)
	e := again(t, judged.Evidence())
	never := suite.Expectation{Requirement: "something else", Checks: []suite.Check{{Says: "do something else", Holds: func(suite.Observation) bool { return false }}}}
	harmed := never
	harmed.Negative = true
	harmed.Checks = []suite.Check{{Says: "not have been there", Harm: true, Holds: func(suite.Observation) bool { return false }}}
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
	decided := 0
	for _, r := range got.Results {
		switch r.Case.ID {
		case "calls.numbers", "receiving.tampered":
			decided++
			if r.Verdict != engine.Inconclusive || r.Note != "it failed, and was not run again" {
				t.Errorf("%s: %s, %s", r.Case.ID, r.Verdict, r.Note)
			}
		}
	}
	if decided != 2 {
		t.Errorf("%d of 2 cases", decided)
	}
}

// named are cases by their ids, with what they rest on.
func named(t *testing.T, ids ...string) (cases []suite.Case) {
	t.Helper()
	for _, id := range ids {
		c, err := suite.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return suite.ProfileDefault.WithPrerequisites(cases)
}
