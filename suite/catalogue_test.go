package suite_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

func TestCatalogueIsWellFormed(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)
	ids, titles := map[string]bool{}, map[string]bool{}
	for _, c := range suite.Catalogue() {
		switch {
		case ids[c.ID] || titles[c.Title]:
			t.Errorf("%s: its id or title stands twice", c.ID)
		case !form.MatchString(c.ID):
			t.Errorf("%s: ids are words, dotted", c.ID)
		case c.Title == "" || c.Then.Requirement == "" || c.When == nil || c.Level == "":
			t.Errorf("%s: something is missing", c.ID)
		case c.Clause.Text() == "":
			t.Errorf("%s (%s): there is no clause %s", c.ID, c.Clause.Line, c.Clause)
		case suite.Sources[c.Source] == "":
			t.Errorf("%s: the sources have no sentence %q", c.ID, c.Source)
		case c.Risk.Why() == "":
			t.Errorf("%s: nobody knows why %q matters", c.ID, c.Risk)
		}
		if _, known := suite.FindAmbiguity(c.Ambiguity); c.Ambiguity != "" && !known {
			t.Errorf("%s: there is no reading %s", c.ID, c.Ambiguity)
		}
		if c.Level == suite.May && c.Ambiguity == "" {
			t.Errorf("%s: what is only reported names its reading", c.ID)
		}
		ids[c.ID], titles[c.Title] = true, true
	}
	if len(ids) < 80 {
		t.Errorf("there are %d cases; 80 are promised", len(ids))
	}
}

func TestEverySourceHasACase(t *testing.T) {
	for _, sentence := range []string{
		"KEYS 1", "KEYS 2", "KEYS 3", "KEYS 4", "KEYS 5", "KEYS 6", "KEYS 7", "KEYS 8", "KEYS 10", "KEYS 12",
	} {
		carries := func(c suite.Case) bool { return c.Source == sentence && c.Level != suite.May }
		if !slices.ContainsFunc(suite.Catalogue(), carries) {
			t.Errorf("no case carries %s: %s", sentence, suite.Sources[sentence])
		}
	}
}

// The number of set-ups per tier is limited, because each one starts a process.
func TestTiersStaySmall(t *testing.T) {
	for tier, most := range map[suite.Tier]int{suite.Smoke: 2, suite.Default: 16} {
		setups, ofWorkers := map[suite.Setup]bool{}, map[suite.Setup]bool{}
		for _, c := range suite.Catalogue() {
			switch {
			case !tier.Includes(c.Tier) || c.Destructive:
			case c.Given.Worker: // started only where that is claimed
				ofWorkers[c.Given] = true
			default:
				setups[c.Given] = true
			}
		}
		if len(setups) > most {
			t.Errorf("tier %s needs %d set-ups, %d at most: %v", tier, len(setups), most, setups)
		}
		if len(ofWorkers) > 3 {
			t.Errorf("tier %s needs %d set-ups of workers besides, 3 at most: %v", tier, len(ofWorkers), ofWorkers)
		}
	}
}

// A run that conforms has judged the four core cases.
func TestCoreIsInEveryTier(t *testing.T) {
	for _, id := range suite.Core {
		c, err := suite.Find(id)
		if err != nil || !suite.Smoke.Includes(c.Tier) || c.Level != suite.Must {
			t.Errorf("%s is not a MUST of the smallest tier: %v", id, err)
		}
	}
}
