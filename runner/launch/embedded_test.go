package launch

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// silent leaves out the cases about a target's own output: in this process nobody's
// output is its own.
func silent(cases []suite.Case) []suite.Case {
	return slices.DeleteFunc(cases, func(c suite.Case) bool { return c.Then.Output })
}

func TestEmbeddedReferenceIsRight(t *testing.T) {
	longtest.Skip(t)
	t.Parallel()
	lab := Embedded(Options{Seed: 1})
	defer lab.Close()
	started := time.Now()
	wantAllGood(t, judge(t, lab, silent(suite.Catalogue())))
	t.Log("the whole catalogue took", time.Since(started))
}

func TestEmbeddedReferenceIsRightOverKeptConnections(t *testing.T) {
	t.Parallel()
	lab := Embedded(Options{Seed: 1, KeepAlive: true})
	defer lab.Close()
	wantAllGood(t, judge(t, lab, silent(tier(suite.Default))))
}

func TestEmbeddedBrokenIsCaught(t *testing.T) {
	t.Parallel()
	lab := Embedded(Options{Seed: 1, Break: func(e *reference.Endpoint) {
		e.Policy = func(*http.Request, []byte, reference.Mode) reference.VerificationPolicy { return reference.Ignored }
	}})
	defer lab.Close()
	judged := judge(t, lab, tier(suite.Smoke))
	if got := verdicts(judged)["receiving.unsigned"]; got != engine.Fail || judged.Void != "" {
		t.Errorf("receiving.unsigned: %s, void %q; want it failed", got, judged.Void)
	}
}

func TestEmbeddedPanicIsNoResponse(t *testing.T) {
	t.Parallel()
	lab := Embedded(Options{Seed: 1, Break: func(e *reference.Endpoint) {
		e.Run = func(*reference.Context) reference.Response { panic("broken") }
	}})
	defer lab.Close()
	judged := judge(t, lab, tier(suite.Smoke))
	if conforms(judged) || judged.Void == "" {
		t.Errorf("an endpoint that never runs anything: void %q, %v", judged.Void, verdicts(judged))
	}
}
