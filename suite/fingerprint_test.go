package suite

import (
	"testing"
	"time"
)

// A fingerprint is that of what is sent: it stays when something else changes.
func TestFingerprints(t *testing.T) {
	seen := map[string]string{}
	for _, c := range Catalogue() {
		one := c.Fingerprint()
		if again := c.Fingerprint(); again != one {
			t.Fatalf("%s has two fingerprints", c.ID)
		}
		seen[one] = c.ID
	}
	if len(seen) < len(Catalogue())*3/4 { // some cases look at different sides of one request
		t.Errorf("%d cases have only %d fingerprints", len(Catalogue()), len(seen))
	}
	plain := Case{When: Call{}}
	for name, other := range map[string]Case{
		"its set-up": {When: Call{}, Given: Setup{Env: "other"}}, "its state": {When: Call{}, State: State{Cold: true}},
		"what comes before": {When: Call{}, State: State{After: []Earlier{{Send: Call{}}}}}, "its request": {When: Call{Age: time.Minute}},
		"another request": {When: Call{}, Also: []Stimulus{Call{Size: 1000}}}, "deviations": {When: Call{}, Facets: Facets{Of: LargeSizes}},
		"the API": {When: Call{APIStatus: 403}}, "the kind": {When: Introspect{}},
	} {
		if other.Fingerprint() == plain.Fingerprint() {
			t.Errorf("%s is not part of the fingerprint", name)
		}
	}
	same := Case{ID: "other", Level: Should, Title: "other", When: Call{}, Then: refused()}
	if same.Fingerprint() != plain.Fingerprint() {
		t.Error("what a case expects is part of its fingerprint")
	}
}

func TestTheCatalogueDigestCoversWhatIsRequired(t *testing.T) {
	one := []Case{{ID: "a.b", Level: Must, When: Call{}, Then: refused()}}
	two := []Case{{ID: "a.b", Level: Should, When: Call{}, Then: refused()}}
	three := []Case{{ID: "a.b", Level: Must, When: Call{}, Then: accepted()}}
	if a, b, c := CatalogueDigest(one), CatalogueDigest(two), CatalogueDigest(three); a == b || a == c || b == c || len(a) != 64 {
		t.Error(a, b, c)
	}
}
