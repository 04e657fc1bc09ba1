package suitetest

import (
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

// withProcessEnv makes a handler function set the environment of the process
// before it is called. A variable of an earlier setup, or one of Inngest's, that
// is not in the new environment is removed.
func withProcessEnv(t *testing.T, handler func(env map[string]string) http.Handler) func(env map[string]string) http.Handler {
	t.Helper()
	before := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		before[name] = value
	}
	t.Setenv(suite.EnvBeacon, "") // fails in a parallel test, which shares the environment
	set := map[string]bool{}
	t.Cleanup(func() {
		for name := range set {
			restore(t, before, name)
		}
	})
	return func(env map[string]string) http.Handler {
		for name := range before {
			if strings.HasPrefix(name, "INNGEST_") {
				set[name] = true
			}
		}
		for name := range env {
			set[name] = true
		}
		for _, name := range slices.Sorted(maps.Keys(set)) {
			restore(t, env, name)
		}
		return handler(env)
	}
}

// restore sets a variable of the process to its value in env, or unsets it.
func restore(t *testing.T, env map[string]string, name string) {
	var err error
	if value, set := env[name]; set {
		err = os.Setenv(name, value)
	} else {
		err = os.Unsetenv(name)
	}
	if err != nil {
		t.Errorf("setting %s in the environment: %v", name, err)
	}
}
