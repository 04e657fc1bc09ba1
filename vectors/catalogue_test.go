package vectors_test

import (
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/vectors"
)

// Every negative says who can send it, and nothing that only the signer can make
// is a MUST.
func TestNegativesHaveAnAttacker(t *testing.T) {
	check := func(about vectors.Common, result string) {
		switch {
		case (about.By != "") != (result == vectors.Refuse):
			t.Errorf("%s: the result is %s, and the attacker %q", about.ID, result, about.By)
		case about.By == string(suite.Signer) && about.Level == string(suite.Must):
			t.Errorf("%s: only the signer can make it, and it is a MUST", about.ID)
		}
	}
	for _, v := range load[vectors.Verify](t).Vectors {
		check(v.Common, v.Result)
	}
	for _, v := range load[vectors.Header](t).Vectors {
		check(v.Common, v.Result)
	}
}

// A vector that has the id of a case is what the catalogue says it is.
func TestVerifyAgreesWithTheCatalogue(t *testing.T) {
	longtest.Skip(t)
	joined := 0
	for _, v := range load[vectors.Verify](t).Vectors {
		c, err := suite.Find(v.ID)
		if err != nil {
			continue
		}
		joined++
		by := c.By
		if v.Result != vectors.Refuse {
			by = ""
		}
		if v.Level != string(c.Level) || v.Risk != string(c.Risk) || v.Ambiguity != c.Ambiguity || v.By != string(by) {
			t.Errorf("%s: %s, %s, %q, by %q; the catalogue says %s, %s, %q, by %q", v.ID, v.Level, v.Risk, v.Ambiguity, v.By, c.Level, c.Risk, c.Ambiguity, by)
		}
	}
	if joined < 100 {
		t.Errorf("only %d vectors have the id of a case", joined)
	}
}

func TestVerifyNamesCasesOfTheCatalogue(t *testing.T) {
	longtest.Skip(t)
	cases := 0
	for _, v := range load[vectors.Verify](t).Vectors {
		for _, id := range v.Cases {
			cases++
			if _, err := suite.Find(id); err != nil {
				t.Errorf("%s: %v", v.ID, err)
			}
		}
	}
	if cases < 100 {
		t.Errorf("only %d cases of the catalogue have a vector", cases)
	}
}
