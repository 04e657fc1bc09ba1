package suitetest_test

import (
	"maps"
	"net/http"
	"os"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/suitetest"
)

// An SDK that reads the environment of its process, some of it by other names.
func TestProcessEnv(t *testing.T) {
	const ownKey, ownOrigin = "signkey-prod-00ff", "INNGEST_API_ORIGIN"
	t.Setenv(reference.EnvSigningKey, ownKey) // some setups have no key
	t.Run("judged", func(t *testing.T) {
		suitetest.Run(t, func(map[string]string) http.Handler {
			endpoint := inprocess.Reference(func(name string) string {
				if name == reference.EnvAPIBaseURL {
					name = ownOrigin
				}
				return os.Getenv(name)
			})
			return inprocess.WithWorker(endpoint, endpoint)
		}, suitetest.ProcessEnv(), suitetest.Names(reference.EnvAPIBaseURL, ownOrigin), suitetest.Claims(inprocess.ReferenceClaims...))
	})
	if got := os.Getenv(reference.EnvSigningKey); got != ownKey {
		t.Errorf("after the test %s is %q, want %q", reference.EnvSigningKey, got, ownKey)
	}
	for _, name := range []string{ownOrigin, suite.EnvBeacon, suite.EnvCanary} {
		if value, set := os.LookupEnv(name); set {
			t.Errorf("after the test %s is still set, to %q", name, value)
		}
	}
}

// An SDK that is in development mode unless a variable of its own says otherwise,
// served at a path of its own.
func TestCloudAndPath(t *testing.T) {
	t.Parallel()
	const variable, path = "STAGE", "/hooks/inngest"
	suitetest.Run(t, func(env map[string]string) http.Handler {
		if env[variable] != "production" && env[reference.EnvDev] == "" {
			env = maps.Clone(env)
			env[reference.EnvDev] = "1"
		}
		mux := http.NewServeMux()
		mux.Handle(path, suitetest.Reference(env))
		return mux
	}, suitetest.Cloud(variable, "production"), suitetest.Path(path), suitetest.Tier(suite.Smoke))
}
