package engine_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

func labOf(mutant string) inprocess.Memory {
	found, _ := zoo.Find(mutant)
	return inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: found.Break}
}

func verdictOf(t *testing.T, lab engine.Lab, profile suite.Profile, id string) engine.Verdict {
	t.Helper()
	for _, c := range profile.Catalogue() {
		if c.ID != id {
			continue
		}
		judged, err := engine.Judge(context.Background(), lab, []suite.Case{c}, engine.Options{Jobs: 1, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		return judged.Results[0].Verdict
	}
	t.Fatalf("there is no case %s", id)
	return ""
}

// refusingWith makes an endpoint that refuses with another status.
func refusingWith(status int) inprocess.Memory {
	return inprocess.Memory{KeysUsed: labOf("").KeysUsed, Break: func(e *reference.Endpoint) {
		refuse := e.Refuse
		e.Refuse = func(c *reference.Context, why error) reference.Response {
			response := refuse(c, why)
			response.Status = status
			return response
		}
	}}
}

// Every ambiguity that the profiles score differently, on an endpoint that does not
// follow the literal text of the specification.
func TestAmbiguitiesAreScoredByProfile(t *testing.T) {
	for _, test := range []struct {
		ambiguity, id  string
		lab            engine.Lab
		usual, literal engine.Verdict
	}{
		{"R1", "receiving.unsigned", refusingWith(401), engine.Pass, engine.Fail},
		{"R2", "introspection.unsigned", closedIntrospection(), engine.Pass, engine.Fail},
		{"R3", "dev.forced-wrong-key", labOf("no-comparison"), engine.Observed, engine.Warn},
		{"R4", "modes.zero", labOf("zero-is-dev"), engine.Fail, engine.Observed},
		{"R5", "receiving.future", labOf("future-unbounded"), engine.Fail, engine.Warn},
		{"R6", "receiving.expired", labOf("no-window"), engine.Fail, engine.Warn},
		{"R6", "introspection.expired", labOf("calls-only-window"), engine.Fail, engine.Warn},
		{"R6", "calls.probe-expired", labOf("probe-without-window"), engine.Fail, engine.Warn},
		{"R7", "headers.s-before-t", orderMatters(), engine.Observed, engine.Warn},
		{"R12", "calls.unknown-function", unknownIs(404), engine.Pass, engine.Fail},
		{"R13", "introspection.key-hash", withoutHash(), engine.Observed, engine.Fail},
		{"R16", "keys.fallback-after-forbidden", labOf("no-retry-on-403"), engine.Warn, engine.Observed},
		{"R19", "receiving.refusal-names-sdk", labOf("sdk-unnamed"), engine.Observed, engine.Fail},
		{"R20", "modes.unstated", labOf("dev-unless-production"), engine.Warn, engine.Fail},
		{"R22", "sending.bearer-prefix", prefixless(), engine.Observed, engine.Warn},
		{"R30", "sync.deploy-id-not-registered", labOf("deploy-id-registered"), engine.Warn, engine.Fail},
		{"R25", "sync.without-kind", labOf("register-skipped"), engine.Observed, engine.Warn},
	} {
		if got := verdictOf(t, test.lab, suite.ProfileDefault, test.id); got != test.usual {
			t.Errorf("%s, default profile: %s is %s, want %s", test.ambiguity, test.id, got, test.usual)
		}
		if got := verdictOf(t, test.lab, suite.ProfileSpec, test.id); got != test.literal {
			t.Errorf("%s, spec profile: %s is %s, want %s", test.ambiguity, test.id, got, test.literal)
		}
	}
}

func TestReferenceConformsToTheSpecProfile(t *testing.T) {
	longtest.Skip(t)
	judged, err := engine.Judge(context.Background(), labOf(""), suite.ProfileSpec.Catalogue(), engine.Options{Jobs: 2, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range judged.Results {
		if r.Verdict != engine.Pass && r.Verdict != engine.Observed {
			t.Errorf("%s is %s: %s %s", r.Case.ID, r.Verdict, r.Observed, r.Note)
		}
	}
}

func broken(change func(*reference.Endpoint)) inprocess.Memory {
	return inprocess.Memory{KeysUsed: labOf("").KeysUsed, Break: change}
}

func closedIntrospection() inprocess.Memory {
	return broken(func(e *reference.Endpoint) {
		introspect := e.Introspect
		e.Introspect = func(c *reference.Context) reference.Response {
			response := introspect(c)
			if c.MatchedKey == reference.NoKey {
				response.Status, response.Body = 401, []byte(`{}`)
			}
			return response
		}
	})
}

func orderMatters() inprocess.Memory {
	return broken(func(e *reference.Endpoint) {
		parse := e.ParseHeaders
		e.ParseHeaders = func(values []string) (reference.Signature, string, error) {
			s, t, err := parse(values)
			if err == nil && s.String() != values[0] {
				err = reference.ErrMismatch
			}
			return s, t, err
		}
	})
}

func unknownIs(status int) inprocess.Memory {
	return broken(func(e *reference.Endpoint) {
		run := e.Run
		e.Run = func(c *reference.Context) reference.Response {
			response := run(c)
			if response.Status != 200 {
				response.Status = status
			}
			return response
		}
	})
}

func withoutHash() inprocess.Memory {
	return broken(func(e *reference.Endpoint) {
		e.Introspect = func(*reference.Context) reference.Response {
			return reference.Response{Status: 200, Header: map[string][]string{}, Body: []byte(`{"mode":"cloud"}`)}
		}
	})
}

func prefixless() inprocess.Memory {
	return broken(func(e *reference.Endpoint) {
		e.Client = func(c *reference.Context) *reference.Client {
			client := reference.ClientOf(c)
			client.Bearer = func(k reference.Key) string { return k.Bearer()[len("signkey-prod-"):] }
			return client
		}
	})
}
