package suite_test

import (
	"slices"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

func TestPrerequisitesExistAndHaveNoCycle(t *testing.T) {
	on := map[string][]string{}
	for _, c := range suite.Catalogue() {
		on[c.ID] = c.Prerequisites()
	}
	var path []string
	var follow func(id string)
	follow = func(id string) {
		if slices.Contains(path, id) {
			t.Fatalf("a circle: %v -> %s", path, id)
		}
		path = append(path, id)
		for _, next := range on[id] {
			if _, known := on[next]; !known {
				t.Errorf("%s rests on %s, and there is no such case", id, next)
			}
			follow(next)
		}
		path = path[:len(path)-1]
	}
	for id := range on {
		follow(id)
	}
}

func TestWhatInngestDoesNotSendNamesItsAttacker(t *testing.T) {
	for _, c := range suite.Catalogue() {
		breach := c.Risk == suite.Forgery || c.Risk == suite.Replay || c.Risk == suite.Disclosure
		if breach && c.Level == suite.Must && c.By == "" && slices.ContainsFunc(append(c.Also, c.When), isForged) {
			t.Errorf("%s: somebody other than Inngest sends it, and nobody is named", c.ID)
		}
	}
}

// isForged: a request as Inngest never sends one, because it has no signature, or one by
// another key, or more than the signature covers.
func isForged(s suite.Stimulus) bool {
	in := s.Fields()
	return in.Unsigned || in.Key == suite.UnknownKey || in.Key == suite.EmptyKey || in.Header != "" || in.Tamper != "" ||
		in.Headers != "" || in.Query != "" || in.Host != ""
}

func TestEveryNegativeNamesItsAttacker(t *testing.T) {
	for _, p := range []suite.Profile{suite.ProfileDefault, suite.ProfileSpec} {
		for _, c := range p.Catalogue() {
			negative := c.Then.Negative && (len(c.Faults()) > 0 || !c.AcceptsValid())
			if negative && c.By == "" {
				t.Errorf("%s: nobody is named who can send it", c.ID)
			}
			if c.By == suite.Signer && c.Level == suite.Must {
				t.Errorf("%s is a MUST, and only the signer can send it", c.ID)
			}
		}
	}
}

// Attackers are derived; these examples are written out.
func TestAttackers(t *testing.T) {
	for id, want := range map[string]suite.Attacker{
		"receiving.unsigned": suite.Anyone, "receiving.wrong-key": suite.Anyone, "receiving.keyless-hash": suite.Anyone,
		"receiving.expired": suite.Observer, "receiving.tampered": suite.Observer, "receiving.mac-of-nothing": suite.Observer,
		"keys.fallback-expired": suite.Observer, "keys.fallback-tampered": suite.Observer, "keys.fallback-not-configured": suite.Neighbour,
		"keys.absent-empty-key": suite.Operator, "receiving.sha1": suite.Signer, "headers.t-trailing-text": suite.Signer,
		"headers.twice-expired": suite.Observer, "headers.s-half": suite.Anyone, "receiving.signed": "",
	} {
		if c, err := suite.Find(id); err != nil || c.By != want {
			t.Errorf("%s: %q, want %q (%v)", id, c.By, want, err)
		}
	}
}
