package realserver

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// app starts a process of an app with an environment, and returns its origin and
// what stops it.
type app func(t *testing.T, limit time.Duration, env map[string]string) (origin string, stop func(), err error)

// referenceApp serves the reference in this process.
func referenceApp(_ *testing.T, _ time.Duration, env map[string]string) (string, func(), error) {
	server := httptest.NewServer(inprocess.Reference(func(name string) string { return env[name] }))
	return server.URL, server.Close, nil
}

// sdkApp returns the app of the inngest-js target, with the newest version that
// `countersign run` installed. The test is skipped where there is none.
func sdkApp(t *testing.T) app {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("SKIPPED: the SDK is NOT tested with the server: node is not installed")
	}
	cache := os.Getenv("COUNTERSIGN_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			t.Skipf("SKIPPED: the SDK is NOT tested with the server: there is no cache folder: %v", err)
		}
		cache = filepath.Join(user, "countersign")
	}
	found, err := filepath.Glob(filepath.Join(cache, "inngest-js", "4.*", "node_modules", "inngest", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Skip("SKIPPED: inngest-js is NOT tested with the server: `countersign run --target inngest-js` installs it")
	}
	modules := filepath.Dir(filepath.Dir(filepath.Dir(found[len(found)-1])))
	return func(t *testing.T, limit time.Duration, env map[string]string) (string, func(), error) {
		port := freePort(t)
		list := append(environment(env), "COUNTERSIGN_MODULES="+modules, "PORT="+strconv.Itoa(port))
		p, err := startProcess(t, limit, port, list, "node", filepath.Join("..", "targets", "inngest-js", "app", "server.mjs"))
		if err != nil {
			return "", nil, err
		}
		return fmt.Sprintf("http://127.0.0.1:%d", port), p.stop, nil
	}
}

// environment is a clean environment with more variables.
func environment(more map[string]string) []string {
	list := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	for name, value := range more {
		list = append(list, name+"="+value)
	}
	return list
}

// appEnv is the environment of an app in cloud mode, whose API is the server.
func appEnv(server, recorder, beacon, primary, fallback string) map[string]string {
	env := map[string]string{
		reference.EnvDev: "0", reference.EnvSigningKey: primary, reference.EnvEventKey: eventKey,
		reference.EnvAPIBaseURL: server, reference.EnvEventBaseURL: server, reference.EnvBaseURL: server,
		reference.EnvServeOrigin: recorder, suite.EnvBeacon: beacon,
	}
	if fallback != "" {
		env[reference.EnvFallback] = fallback
	}
	return env
}
