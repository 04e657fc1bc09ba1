package suitetest_test

import (
	"net/http"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/suitetest"
)

// t is the argument of the test function around these examples.
var t *testing.T

func ExampleRun() {
	suitetest.Run(t, func(env map[string]string) http.Handler {
		return suitetest.Reference(env) // your SDK's handler, configured from env
	}, suitetest.Claims(suite.TrustProbe, suite.InBand))
}

// A known violation has a reason and a link, and fails the test once it is fixed.
func ExampleBaseline() {
	suitetest.Run(t, func(env map[string]string) http.Handler {
		return suitetest.Reference(env)
	}, suitetest.Baseline(engine.Excuse{
		Case: "keys.fallback-after-refusal", Reason: "the fallback key is not used yet", Link: "https://example.com/issues/12",
	}))
}

// An SDK that reads INNGEST_API_ORIGIN, and the environment of its process.
func ExampleNames() {
	suitetest.Run(t, func(map[string]string) http.Handler {
		return newHandler()
	}, suitetest.ProcessEnv(), suitetest.Names("INNGEST_API_BASE_URL", "INNGEST_API_ORIGIN"))
}

// newHandler stands for the constructor of an SDK.
func newHandler() http.Handler { return http.NotFoundHandler() }
