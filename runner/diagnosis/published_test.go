package diagnosis_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/runner/diagnosis"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// What is installed for these tests, once, into the cache.
var (
	npmPackages = []string{"inngest@4.24.0", "express@5.2.1", "fastify@5.12.8"}
	pypi        = []string{"inngest==0.5.19", "fastapi", "uvicorn", "flask"}
)

// installed is a folder in the cache that make fills, unless it was filled before.
func installed(t *testing.T, name string, install func(folder string) error) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("SKIPPED: published SDKs are NOT diagnosed: %v", err)
	}
	folder := filepath.Join(cache, "countersign", "diagnosis-tests", name)
	done := filepath.Join(folder, ".done")
	if _, err := os.Stat(done); err == nil {
		return folder
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := install(folder); err != nil {
		t.Skipf("SKIPPED: published SDKs are NOT diagnosed, because they cannot be installed: %v", err)
	}
	if err := os.WriteFile(done, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func needs(t *testing.T, programs ...string) {
	t.Helper()
	longtest.Skip(t)
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: published SDKs are NOT diagnosed, because %s is not installed", program)
		}
	}
}

func runs(t *testing.T, words ...string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", words[0], err, out)
	}
	return nil
}

// environment is that of an app: nothing of Inngest's but what is given.
func environment(more ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "NODE_ENV=production"}, more...)
}

// nodeApps starts apps in one process, and returns their ports by name.
func nodeApps(t *testing.T, modules string, env []string, names ...string) map[string]int {
	t.Helper()
	bridge, err := filepath.Abs("../targets/inngest-js/app/bridge.mjs")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", append([]string{"testdata/apps.cjs", modules, bridge}, names...)...)
	command.Env = environment(env...)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	var ports map[string]int
	for lines := bufio.NewScanner(out); ports == nil && lines.Scan(); {
		_ = json.Unmarshal(lines.Bytes(), &ports) // other lines are the SDK's
	}
	if len(ports) != len(names) {
		t.Fatalf("the apps did not start: %v", ports)
	}
	go func() { // so that it never waits for somebody to read
		for lines := bufio.NewScanner(out); lines.Scan(); {
			continue
		}
	}()
	return ports
}

func pythonApp(t *testing.T, folder, framework string, env ...string) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	command := exec.CommandContext(t.Context(), filepath.Join(folder, "bin", "python"), "-B", "testdata/app.py", framework, fmt.Sprint(port))
	command.Env = environment(env...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	for range 600 {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = conn.Close()
			return port
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the app did not start")
	return 0
}

// proxied is a small proxy before an app.
func proxied(port int) http.Handler {
	return httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)})
}

// real is a mistake with a published SDK.
type real struct {
	name, app   string
	front       front
	path        string
	fallback    string
	want, warns []string
}

func diagnoseAll(t *testing.T, ports map[string]int, all []real) {
	for _, m := range all {
		t.Run(m.name, func(t *testing.T) {
			handler := proxied(ports[m.app])
			if m.front != nil {
				handler = m.front(handler)
			}
			path := m.path
			if path == "" {
				path = "/api/inngest"
			}
			r := diagnose(t, handler, path, key, m.fallback)
			wrong, warns := named(r)
			warns = slices.DeleteFunc(warns, func(id string) bool { return id == "no-window" }) // about the SDK, not the set-up
			if !slices.Equal(wrong, m.want) || !slices.Equal(warns, m.warns) {
				t.Errorf("mistakes %q, warnings %q; want %q, %q\n%s", wrong, warns, m.want, m.warns, describe(r))
			}
		})
	}
}

func TestMistakesWithThePublishedNodeSDK(t *testing.T) {
	needs(t, "node", "npm")
	modules := installed(t, "npm-4.24.0", func(folder string) error {
		return runs(t, append([]string{"npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--omit=peer", "--legacy-peer-deps"}, npmPackages...)...)
	})
	set := func(text string) []string { return []string{"INNGEST_SIGNING_KEY=" + text, "INNGEST_DEV=0"} }
	apps := nodeApps(t, modules, set(key), "express", "express-text", "express-100kB", "express-after", "express-none", "express-raw", "express-form", "express-consumed", "fastify", "next")
	for name, env := range map[string][]string{
		"dev": {"INNGEST_SIGNING_KEY=" + key, "INNGEST_DEV=1"}, "no key": {"INNGEST_DEV=0"},
		"line feed": set(key + "\n"), "quotes": set(`"` + key + `"`), "prefix": set("signkey-prod-" + key), "staging": set(staging), "other": set(other),
		"blank": set(key + " "), "backslash": set(key + `\n`), "carriage return": set(key + "\r"), "swapped": append(set(other), "INNGEST_SIGNING_KEY_FALLBACK="+key), "both": append(set(key), "INNGEST_SIGNING_KEY_FALLBACK="+other),
	} {
		apps[name] = nodeApps(t, modules, env, "express")["express"]
	}
	diagnoseAll(t, apps, []real{
		{name: "express is healthy", app: "express"},
		{name: "express with text is healthy", app: "express-text"},
		{name: "fastify is healthy", app: "fastify"},
		{name: "next is healthy", app: "next"},
		{name: "both keys are healthy", app: "both", fallback: other},
		{name: "a proxy that adds a line feed, which the SDK's canonical form does not have", app: "express", front: rewriting(func(b []byte) []byte { return append(b, '\n') })},

		{name: "the parser comes after the SDK", app: "express-after", want: []string{"body-lost"}},
		{name: "no parser", app: "express-none", want: []string{"body-lost"}},
		{name: "only a form parser", app: "express-form", want: []string{"body-lost"}},
		{name: "the body is consumed", app: "express-consumed", want: []string{"body-lost"}},
		{name: "express.raw", app: "express-raw", want: []string{"body-raw"}},
		{name: "the default limit of express.json", app: "express-100kB", warns: []string{"body-limit"}},
		{name: "a proxy's limit of 1 MB", app: "next", front: sized(1 << 20), warns: []string{"body-limit"}},
		{name: "a proxy that empties bodies", app: "fastify", front: rewriting(func([]byte) []byte { return nil }), want: []string{"body-lost"}},
		{name: "mojibake", app: "next", front: rewriting(mojibake), want: []string{"body-rewritten"}},

		{name: "dev mode", app: "dev", want: []string{"dev-mode"}},
		{name: "no key", app: "no key", want: []string{"no-key"}},
		{name: "a line feed behind the key", app: "line feed", want: []string{"key.line-feed"}},
		{name: "a key in quotes", app: "quotes", want: []string{"key.quotes"}},
		{name: "the prefix twice", app: "prefix", want: []string{"key.prefix"}},
		{name: "a blank behind the key", app: "blank", want: []string{"key.blank"}},
		{name: "another environment's key", app: "staging", want: []string{"key.other-environment"}},
		{name: "only the fallback key", app: "other", fallback: other, want: []string{"key.fallback-only"}},
		{name: "swapped", app: "swapped", fallback: other, want: []string{"key.swapped"}},
		{name: "no fallback", app: "express", fallback: other, want: []string{"fallback-missing"}},
		{name: "another key", app: "other", want: []string{"key.unknown", "header-lost"}},

		{name: "the header is removed", app: "express", front: renaming(""), want: []string{"key.unknown", "header-lost"}},
		{name: "the header is renamed", app: "next", front: renaming("X-Signature"), want: []string{"key.unknown", "header-lost"}},
		{name: "the wrong path", app: "fastify", path: "/inngest", want: []string{"wrong-path"}},
		{name: "a redirect to a slash", app: "express", front: redirecting(func(path string) string {
			if strings.HasSuffix(path, "/") {
				return ""
			}
			return path + "/"
		}), want: []string{"redirect-slash"}},
		{name: "a login", app: "next", front: redirecting(func(string) string { return loginURL }), want: []string{"sso-wall"}},
		{name: "a bot wall before POSTs", app: "express", front: only("POST", 403, html, page("Just a moment...")), want: []string{"bot-wall"}},
		{name: "the edge's error page", app: "fastify", front: only("", 502, html, page("502 Bad Gateway")), want: []string{"edge-error"}},
		{name: "a limiter", app: "express", front: limiting(5, 1000), want: []string{"limiter"}},
		{name: "only GET is routed", app: "next", front: only("POST", 405, nil, ""), want: []string{"wrong-method"}},
		{name: "the query is lost", app: "express", front: withoutQuery, want: []string{"query-lost"}},

		{name: "the characters \\n behind the key", app: "backslash", want: []string{"key.backslash-n"}},
		{name: "a carriage return behind the key", app: "carriage return", want: []string{"key.carriage-return"}},
		{name: "a proxy that rewrites Content-Type", app: "express", front: typed("text/plain"), want: []string{"body-lost"}},
		{name: "a proxy that compresses bodies, and says so, which is no mistake", app: "express", front: compressing},
		{name: "a proxy that compresses bodies, and does not say so", app: "express", front: rewriting(zipped), want: []string{"body-changed", "access-denied"}},
		{name: "a proxy that cuts bodies", app: "express", front: rewriting(func(b []byte) []byte { return b[:min(len(b), 512)] }), want: []string{"body-changed", "access-denied"}},
		{name: "a proxy that writes bodies in lower case", app: "next", front: rewriting(bytes.ToLower), want: []string{"body-changed"}},
		{name: "a firewall before JSON", app: "express", front: ofJSON(403, html, page("Request blocked")), want: []string{"access-denied"}},
		{name: "a body limit of 512 bytes", app: "express", front: smaller(512, ofServer("413 Request Entity Too Large")), want: []string{"body-limit"}},
		{name: "two instances, one with another key", app: "express", front: byTurns(proxied(apps["other"]), false), want: []string{"unsteady"}},
		{name: "a cache of GETs", app: "express", front: cachingGETs(nil), warns: []string{"cache"}},
		{name: "a redirect of POSTs to the slash", app: "fastify", front: only("POST", 308, map[string]string{"Location": "/api/inngest/"}, ""), want: []string{"redirect-slash"}},
		{name: "a redirect to HTTPS", app: "express", front: redirecting(func(path string) string { return "https://127.0.0.1" + path }), want: []string{"redirect-https"}},
		{name: "mounted with a slash", app: "express", front: mounted("/api/inngest/"), want: []string{"wrong-path"}},
		{name: "behind a prefix", app: "express", front: mounted("/v1/api/inngest"), want: []string{"wrong-path"}},
	})
}

func TestMistakesWithThePublishedPythonSDK(t *testing.T) {
	needs(t, "python3")
	folder := installed(t, "pypi-0.5.19", func(folder string) error {
		if err := runs(t, "python3", "-m", "venv", folder); err != nil {
			return err
		}
		return runs(t, append([]string{filepath.Join(folder, "bin", "python"), "-m", "pip", "install", "--quiet"}, pypi...)...)
	})
	set := func(text string) string { return "INNGEST_SIGNING_KEY=" + text }
	apps := map[string]int{
		"fastapi":   pythonApp(t, folder, "fastapi", set(key)),
		"flask":     pythonApp(t, folder, "flask", set(key), "INNGEST_SIGNING_KEY_FALLBACK="+other),
		"dev":       pythonApp(t, folder, "fastapi", set(key), "INNGEST_DEV=1"),
		"line feed": pythonApp(t, folder, "fastapi", set(key+"\n")),
		"quotes":    pythonApp(t, folder, "flask", set(`"`+key+`"`)),
	}
	diagnoseAll(t, apps, []real{
		{name: "fastapi is healthy", app: "fastapi"},
		{name: "flask with both keys is healthy", app: "flask", fallback: other},
		{name: "dev mode", app: "dev", want: []string{"dev-mode"}},
		{name: "a line feed behind the key", app: "line feed", want: []string{"key.line-feed"}},
		{name: "a key in quotes", app: "quotes", want: []string{"key.quotes"}},
		{name: "no fallback", app: "fastapi", fallback: other, want: []string{"fallback-missing"}},
		{name: "the header is removed", app: "flask", front: renaming(""), want: []string{"key.unknown", "header-lost"}},
		{name: "the slash", app: "fastapi", path: "/api/inngest/", want: []string{"redirect-slash"}},
		{name: "the wrong path", app: "flask", path: "/inngest", want: []string{"wrong-path"}},
		{name: "mojibake", app: "flask", front: rewriting(mojibake), want: []string{"body-rewritten"}},
		{name: "bodies are emptied", app: "fastapi", front: rewriting(func([]byte) []byte { return nil }), want: []string{"body-lost"}},
		{name: "a login", app: "fastapi", front: redirecting(func(string) string { return loginURL }), want: []string{"sso-wall"}},
	})
}

// healthyTargets are published SDKs as the runner's targets set them up.
var healthyTargets = []string{
	"inngest-js/node@4.24.0", "inngest-js/edge@4.24.0", "inngest-js/express@4.24.0", "inngest-js/express-unparsed@4.24.0", "inngest-js/fastify@4.24.0",
	"inngest-js/koa@4.24.0", "inngest-js/hono@4.24.0", "inngest-js/next@4.24.0", "inngest-js/edge@3.18.0", "inngest-js/edge@3.17.0", "inngest-js/express@3.54.1",
	"inngest-py/fastapi@0.5.19", "inngest-py/flask@0.5.19", "inngest-py/fastapi@0.3.9", "inngest-go@0.16.0", "inngest-go@0.15.1", "second-opinion",
}

// No published SDK that is set up as its documentation says has a mistake.
func TestTargetsAreHealthy(t *testing.T) {
	needs(t, "node", "npm", "python3", "go")
	for _, name := range healthyTargets {
		t.Run(name, func(t *testing.T) {
			name, version := run.SplitVersion(name)
			described, err := launch.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			lab, err := launch.New(described, version, launch.Options{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer lab.Close()
			if err := lab.Prepare(t.Context()); err != nil {
				t.Skipf("SKIPPED: %s is NOT diagnosed: %v", name, err)
			}
			for _, setup := range []suite.Setup{{}, {Fallback: suite.Present}} {
				target, err := lab.Start(t.Context(), setup)
				if err != nil {
					t.Fatal(err)
				}
				fallback := ""
				if setup.Fallback == suite.Present {
					fallback = lab.Keys().Fallback.Text()
				}
				r, err := diagnosis.Run(t.Context(), diagnosis.Options{URL: "http://" + target.Host() + target.Path(), Primary: lab.Keys().Primary.Text(), Fallback: fallback})
				target.Stop()
				if err != nil {
					t.Fatal(err)
				}
				wrong, warns := named(r)
				if slices.Contains(warns, "too-old") { // it knows no fallback
					wrong = slices.DeleteFunc(wrong, func(id string) bool { return id == "fallback-missing" })
				}
				if len(wrong) > 0 || r.SDK == "" && name != "second-opinion" {
					t.Errorf("%s: %q\n%s", setup, wrong, describe(r))
				}
			}
		})
	}
}
