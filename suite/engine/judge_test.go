package engine_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

func TestReferenceInMemory(t *testing.T) {
	longtest.Skip(t)
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))}
	judged, err := engine.Judge(context.Background(), lab, suite.Catalogue(), engine.Options{Jobs: 2, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(judged.Results), judged.Void, judged.Setups)
	for _, r := range judged.Results {
		switch r.Verdict {
		case engine.Pass:
		case engine.Observed:
			t.Log(r.Case.ID, r.Behaviour)
		default:
			t.Error(r.Case.ID, r.Verdict, "expected", r.Expected, "observed", r.Observed, "note", r.Note)
		}
	}
}

// Meanwhile is called once, with one job, too, but not if nothing ran.
func TestMeanwhileIsCalledOnce(t *testing.T) {
	noWindow, found := zoo.Find("no-window")
	if !found {
		t.Fatal("there is no such mutant")
	}
	elsewhere := behindFront(nil, func(suite.Request, func() (suite.Response, error)) (suite.Response, error) { return status(404) })
	for name, test := range map[string]struct {
		lab  engine.Lab
		want int
	}{
		"nothing is run again": {broken(nil), 1}, "some are run again": {broken(noWindow.Break), 1}, "nothing ran": {elsewhere, 0},
	} {
		for _, jobs := range []int{1, 2} {
			called := 0
			_, err := engine.Judge(t.Context(), test.lab, suite.Catalogue()[:40], engine.Options{Jobs: jobs, Seed: 7, Meanwhile: func(context.Context) { called++ }})
			if err != nil || called != test.want {
				t.Errorf("%s, %d at once: %v; called %d times", name, jobs, err, called)
			}
		}
	}
}

// What a target prints of a request is the request's, and a secret that it prints for
// whatever reason shows for good.
func TestPrintedSecrets(t *testing.T) {
	var cases []suite.Case
	for _, c := range suite.Catalogue() {
		if c.ID == "disclosure.output" || strings.HasPrefix(c.ID, "headers.") || strings.HasPrefix(c.ID, "facets.credentials-") {
			cases = append(cases, c)
		}
	}
	for name, test := range map[string]struct {
		line func(*reference.Context, error) string
		want engine.Verdict
	}{
		"an access log": {func(c *reference.Context, _ error) string { return c.Request.Method + " " + c.Request.RequestURI }, engine.Pass},
		"the key, at an odd signature": {func(c *reference.Context, why error) string {
			if errors.As(why, new(*reference.HeaderError)) {
				return c.Keys.Primary.Text()
			}
			return ""
		}, engine.Warn},
	} {
		lab := broken(func(e *reference.Endpoint) {
			refuse := e.Refuse
			e.Refuse = func(c *reference.Context, why error) reference.Response {
				c.Log(test.line(c, why))
				return refuse(c, why)
			}
		})
		judged, err := engine.Judge(t.Context(), lab, cases, engine.Options{Jobs: 1, Seed: 7})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range judged.Results {
			if r.Case.ID == "disclosure.output" && r.Verdict != test.want {
				t.Errorf("%s: %s: %s (%s)", name, r.Verdict, r.Observed, r.Note)
			}
		}
	}
}
