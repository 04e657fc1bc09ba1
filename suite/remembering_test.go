package suite_test

import (
	"context"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// An SDK that remembers that its primary key was refused conforms: what it sends
// later may begin with the fallback key.
func TestRefusalsMayBeRemembered(t *testing.T) {
	remembering := broken(func(e *reference.Endpoint) {
		refused := false
		e.Client = func(c *reference.Context) *reference.Client {
			client := reference.ClientOf(c)
			client.Attempts = func(keys reference.Keys) []reference.Key {
				if refused && !keys.Fallback.IsZero() {
					return []reference.Key{keys.Fallback}
				}
				return reference.AttemptKeys(keys)
			}
			client.Refuses = func(status int) bool {
				refused = refused || reference.RefusesKey(status)
				return reference.RefusesKey(status)
			}
			return client
		}
	})
	for _, r := range judgedIn(t, remembering) {
		if r.Verdict != suite.Pass && r.Verdict != suite.Observed {
			t.Errorf("%s is %s: %s", r.Case.ID, r.Verdict, r.Seen)
		}
	}
}

// What was judged a second time says so: the first time an authentic request was
// not accepted.
func TestSecondJudgementsAreTold(t *testing.T) {
	calls := 0
	flaky := broken(func(e *reference.Endpoint) {
		run := e.Run
		e.Run = func(c *reference.Context) reference.Answer {
			if calls++; calls == 1 {
				return reference.Refuse(c, reference.ErrMismatch)
			}
			return run(c)
		}
	})
	unsigned, err := suite.Find("receiving.unsigned")
	if err != nil {
		t.Fatal(err)
	}
	judged, err := suite.Judge(context.Background(), flaky, []suite.Case{unsigned}, suite.Options{Jobs: 1, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if r := judged.Results[0]; r.Verdict != suite.Pass || !strings.Contains(r.Note, "judged a second time") {
		t.Errorf("%s: %q", r.Verdict, r.Note)
	}
}

func judgedIn(t *testing.T, lab suite.Lab) []suite.Result {
	t.Helper()
	judged, err := suite.Judge(context.Background(), lab, suite.Catalogue(), suite.Options{Jobs: 1, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return judged.Results
}
