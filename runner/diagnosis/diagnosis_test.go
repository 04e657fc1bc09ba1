package diagnosis_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/diagnosis"
	"github.com/countersign-dev/countersign/runner/explain"
	"github.com/countersign-dev/countersign/suite/gallery"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/longtest"
)

const (
	key      = "signkey-prod-0123456789abcdef0123456789abcdef"
	other    = "signkey-prod-fedcba9876543210fedcba9876543210"
	staging  = "signkey-staging-00112233445566778899aabbccddeeff"
	digits   = "0123456789abcdef0123456789abcdef"
	decoded  = "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef"
	loginURL = "https://sso.example.com/login?next=/api/inngest"
)

// mistake is a set-up gone wrong.
type mistake struct {
	name     string
	app      app
	front    front
	fallback string // the user's
	primary  string // the user's; key if empty
	path     string
	want     []string // the ids of the mistakes
	warns    []string // the ids of the warnings
}

func page(title string) string {
	return "<!doctype html><html><title>" + title + "</title><body>" + title + "</body></html>"
}

var html = map[string]string{"Content-Type": "text/html"}

// mistakes are set-ups of people, each with what the diagnosis must say, and nothing
// more. Each app responds as current SDKs do, with 401 and nothing else, and once more
// as those that say why (open).
var mistakes = []mistake{
	{name: "dev mode", app: app{key: key, dev: true}, want: []string{"dev-mode"}},
	{name: "dev mode without a key", app: app{dev: true}, want: []string{"dev-mode"}},
	{name: "it never responds", app: app{key: key}, front: hanging, want: []string{"no-response"}},
	{name: "an adapter that verifies nothing", app: app{key: key, silentGET: true, unverified: true}, want: []string{"not-verified"}},

	{name: "a line feed behind the key", app: app{key: key + "\n"}, want: []string{"key.line-feed"}},
	{name: "CRLF behind the key", app: app{key: key + "\r\n"}, want: []string{"key.crlf"}},
	{name: "a carriage return behind the key", app: app{key: key + "\r"}, want: []string{"key.carriage-return"}},
	{name: "a blank behind the key", app: app{key: key + " "}, want: []string{"key.blank"}},
	{name: "a blank before the key", app: app{key: " " + key}, want: []string{"key.blank-before"}},
	{name: "double quotes", app: app{key: `"` + key + `"`}, want: []string{"key.quotes"}},
	{name: "double quotes, and introspection fails of them", app: app{key: `"` + key + `"`, fails: true}, want: []string{"key.quotes"}},
	{name: "single quotes", app: app{key: "'" + key + "'"}, want: []string{"key.single-quotes"}},
	{name: "the prefix twice", app: app{key: "signkey-prod-" + key}, want: []string{"key.prefix"}},
	{name: "decoded", app: app{key: decoded}, want: []string{"key.decoded"}},
	{name: "base64", app: app{key: base64.StdEncoding.EncodeToString([]byte(key))}, want: []string{"key.base64"}},
	{name: "base64 of a line", app: app{key: base64.StdEncoding.EncodeToString([]byte(key + "\n"))}, want: []string{"key.base64-line-feed"}},
	{name: "the hash in place of the key", app: app{key: "signkey-prod-" + explain.BearerHash(key)}, want: []string{"key.hashed"}},
	{name: "another environment's key", app: app{key: staging}, want: []string{"key.other-environment"}},
	{name: "only the fallback", app: app{key: other}, fallback: other, want: []string{"key.fallback-only"}},
	{name: "swapped", app: app{key: other, fallback: key}, fallback: other, want: []string{"key.swapped"}},
	{name: "no fallback", app: app{key: key}, fallback: other, want: []string{"fallback-missing"}},
	{name: "a line feed behind the fallback", app: app{key: key, fallback: other + "\n"}, fallback: other, want: []string{"fallback-missing"}},
	{name: "the prefix lost, which is no mistake", app: app{key: digits}},
	{name: "the prefix lost here, which is no mistake", app: app{key: key}, primary: digits},
	{name: "quotes here", app: app{key: key}, primary: `"` + key + `"`, warns: []string{"key-here"}},

	{name: "wrong path", app: app{key: key}, path: "/api/ingest", want: []string{"wrong-path"}},
	{name: "another usual path", app: app{key: key}, front: mounted("/.netlify/functions/inngest"), want: []string{"wrong-path"}},
	{name: "a slash too many", app: app{key: key}, path: "/api/inngest/", want: []string{"wrong-path"}},
	{name: "a redirect to the slash", app: app{key: key}, front: redirecting(func(path string) string {
		if strings.HasSuffix(path, "/") {
			return ""
		}
		return path + "/"
	}), want: []string{"redirect-slash"}},
	{name: "a redirect to HTTPS", app: app{key: key}, front: redirecting(func(path string) string { return "https://127.0.0.1" + path }), want: []string{"redirect-https"}},
	{name: "a redirect to another host", app: app{key: key}, front: redirecting(func(path string) string { return "http://www.example.com" + path }), want: []string{"redirect"}},
	{name: "a redirect to a login", app: app{key: key}, front: redirecting(func(string) string { return loginURL }), want: []string{"sso-wall"}},
	{name: "a login page", app: app{key: key}, front: only("", 200, html, `<!doctype html><form>Log in: <input type="password"></form>`), want: []string{"sso-wall"}},
	{name: "deployment protection", app: app{key: key}, front: only("", 401, map[string]string{"Content-Type": "text/html", "Set-Cookie": "_vercel_sso_nonce=x"}, page("Authentication Required")), want: []string{"sso-wall"}},
	{name: "basic authentication", app: app{key: key}, front: only("", 401, map[string]string{"WWW-Authenticate": "Basic realm=x"}, "Unauthorized"), want: []string{"auth-wall"}},
	{name: "a bot wall", app: app{key: key}, front: only("", 403, map[string]string{"Content-Type": "text/html", "Cf-Mitigated": "challenge"}, page("Just a moment...")), want: []string{"bot-wall"}},
	{name: "a captcha", app: app{key: key}, front: only("", 405, html, page("captcha")), want: []string{"bot-wall"}},
	{name: "the edge's 502", app: app{key: key}, front: only("", 502, html, page("502 Bad Gateway")), want: []string{"edge-error"}},
	{name: "no deployment", app: app{key: key}, front: only("", 404, map[string]string{"X-Vercel-Error": "DEPLOYMENT_NOT_FOUND"}, "The deployment could not be found"), want: []string{"edge-error"}},
	{name: "a host that is not allowed", app: app{key: key}, front: only("", 403, nil, `Blocked request. This host ("x") is not allowed.`), want: []string{"host-check"}},
	{name: "a page in its place", app: app{key: key}, front: only("", 200, html, page("My app")), want: []string{"not-an-sdk"}},
	{name: "a cache", app: app{key: key}, front: only("", 200, map[string]string{"Age": "120"}, "{}"), want: []string{"cache"}},
	{name: "a limiter", app: app{key: key}, front: limiting(0, 1000), want: []string{"limiter"}},
	{name: "a limiter after some", app: app{key: key}, front: limiting(4, 1000), want: []string{"limiter"}},
	{name: "a limiter for a moment", app: app{key: key}, front: limiting(3, 1), warns: []string{"limiter"}},
	{name: "the app fails", app: app{key: key}, front: only("", 500, nil, `{"code":"internal_server_error"}`), want: []string{"no-key"}},

	{name: "only GET is routed", app: app{key: key}, front: only("POST", 405, nil, "Method Not Allowed"), want: []string{"wrong-method"}},
	{name: "POST is not found", app: app{key: key}, front: only("POST", 404, html, page("Cannot POST")), want: []string{"wrong-path"}},
	{name: "CSRF protection", app: app{key: key}, front: only("POST", 403, html, page("CSRF verification failed")), want: []string{"csrf"}},
	{name: "no JSON", app: app{key: key}, front: only("POST", 415, nil, "Unsupported Media Type"), want: []string{"content-type"}},
	{name: "a bot wall before POSTs", app: app{key: key}, front: only("POST", 403, html, page("Checking your browser")), want: []string{"bot-wall"}},
	{name: "the body is not parsed", app: app{key: key, parse: func([]byte) []byte { return nil }}, want: []string{"body-lost"}},
	{name: "the body is a Buffer", app: app{key: key, raw: true, parse: intoBuffer}, want: []string{"body-raw"}},
	{name: "the body is consumed before", app: app{key: key}, front: rewriting(func([]byte) []byte { return nil }), want: []string{"body-lost"}},
	{name: "a line feed added to the body", app: app{key: key, raw: true}, front: rewriting(func(b []byte) []byte { return append(b, '\n') }), want: []string{"body-rewritten"}},
	{name: "rewritten as Python does", app: app{key: key, raw: true}, front: rewriting(asPython), want: []string{"body-rewritten"}},
	{name: "escaped as Go does", app: app{key: key, raw: true}, front: rewriting(asGo), want: []string{"body-rewritten"}},
	{name: "mojibake", app: app{key: key}, front: rewriting(mojibake), want: []string{"body-rewritten"}},
	{name: "Latin-1", app: app{key: key, raw: true}, front: rewriting(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("ë"), []byte("\xeb")) }), want: []string{"body-rewritten"}},
	{name: "base64", app: app{key: key}, front: rewriting(func(b []byte) []byte { return base64.StdEncoding.AppendEncode(nil, b) }), want: []string{"body-rewritten"}},
	{name: "rewritten, and canonicalised by the SDK, which is no mistake", app: app{key: key}, front: rewriting(asPython)},
	{name: "a body changed in some way", app: app{key: key}, front: rewriting(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("Zoë"), []byte("Zo?")) }), want: []string{"body-changed"}},
	{name: "the query is lost", app: app{key: key}, front: withoutQuery, warns: nil, want: []string{"query-lost"}},

	{name: "the clock is ahead", app: app{key: key, clock: 20 * time.Minute}, want: []string{"clock"}},
	{name: "the clock is behind", app: app{key: key, clock: -3 * time.Minute}, want: []string{"clock"}},
	{name: "the clock is a little ahead", app: app{key: key, clock: 2 * time.Minute, signs: true}, warns: []string{"clock"}},
	{name: "the clock is behind, and an edge's is right", app: app{key: key, clock: -3 * time.Minute, signs: true, undated: true}, want: []string{"clock"}},
	{name: "no window", app: app{key: key, noWindow: true}, warns: []string{"no-window"}},
	{name: "a body limit of 100 kB", app: app{key: key}, front: sized(100 << 10), warns: []string{"body-limit"}},
	{name: "a body limit of 1 MB", app: app{key: key}, front: sized(1 << 20), warns: []string{"body-limit"}},
	{name: "an SDK that cannot rotate", app: app{key: key, sdk: "inngest-js:v3.17.0", silentGET: true, noProbe: true}, warns: []string{"too-old"}},
	{name: "an old SDK with a line feed", app: app{key: key + "\n", sdk: "inngest-js:v3.17.0", silentGET: true, noProbe: true}, want: []string{"key.line-feed"}, warns: []string{"too-old"}},
	{name: "a line feed and an unparsed body", app: app{key: key + "\n", parse: func([]byte) []byte { return nil }}, want: []string{"key.line-feed", "body-lost"}},
}

func intoBuffer(b []byte) []byte {
	return []byte(`{"type":"Buffer","data":` + strings.ReplaceAll(fmt.Sprint(b), " ", ",") + `}`)
}

func asPython(b []byte) []byte {
	return []byte(strings.NewReplacer(",", ", ", `":`, `": `, "ë", `\u00eb`).Replace(string(b)))
}

func asGo(b []byte) []byte {
	return []byte(strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(string(b)))
}

func mojibake(b []byte) []byte { return bytes.ReplaceAll(b, []byte("ë"), []byte("Ã«")) }

// diagnose serves an app and diagnoses it.
func diagnose(t *testing.T, handler http.Handler, path, primary, fallback string) diagnosis.Result {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	r, err := diagnosis.Run(t.Context(), diagnosis.Options{
		URL: server.URL + path, Primary: primary, Fallback: fallback, Pause: time.Millisecond,
		Others: []explain.Key{{Name: "the key in INNGEST_SIGNING_KEY_STAGING", Text: staging, Other: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Requests > limits.DiagnosisRequests {
		t.Errorf("%d requests", r.Requests)
	}
	if text := fmt.Sprintf("%+v", r); strings.Contains(text, digits) {
		t.Errorf("a key is shown: %s", text)
	}
	for _, f := range r.Findings {
		if f.Cause == "" || f.Fix == "" || len(f.Evidence) == 0 {
			t.Errorf("%s has no cause, fix or evidence: %+v", f.ID, f)
		}
	}
	return r
}

// named are the ids of the mistakes and of the warnings.
func named(r diagnosis.Result) (wrong, warns []string) {
	for _, f := range r.Findings {
		if f.Warning {
			warns = append(warns, f.ID)
		} else {
			wrong = append(wrong, f.ID)
		}
	}
	return wrong, warns
}

func describe(r diagnosis.Result) string {
	var text strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&text, "%s (warning %v): %s\n\t%s\n", f.ID, f.Warning, f.Cause, strings.Join(f.Evidence, "\n\t"))
	}
	fmt.Fprintf(&text, "checked: %q, skipped: %q, %d requests", r.Checked, r.Skipped, r.Requests)
	return text.String()
}

func TestMistakes(t *testing.T) {
	longtest.Skip(t)
	if len(mistakes) < 30 {
		t.Fatal("too few mistakes")
	}
	for _, m := range append(mistakes, unlisted...) {
		for _, open := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/open=%v", m.name, open), func(t *testing.T) {
				t.Parallel()
				m.app.open = open
				var handler http.Handler = m.app
				if m.front != nil {
					handler = m.front(handler)
				}
				path, primary := m.path, m.primary
				if path == "" {
					path = "/api/inngest"
				}
				if primary == "" {
					primary = key
				}
				r := diagnose(t, handler, path, primary, m.fallback)
				wrong, warns := named(r)
				if !slices.Equal(wrong, m.want) || !slices.Equal(warns, m.warns) {
					t.Errorf("mistakes %q, warnings %q; want %q, %q\n%s", wrong, warns, m.want, m.warns, describe(r))
				}
			})
		}
	}
}

// Where two mistakes look the same from outside, both are named, and called possible.
func TestTwoThatFit(t *testing.T) {
	for name, test := range map[string]struct {
		handler  http.Handler
		want     []string
		possible bool
	}{
		"an unknown key":                        {app{key: other}, []string{"key.unknown", "header-lost"}, true},
		"an unknown key, and the SDK says so":   {app{key: other, open: true}, []string{"key.unknown"}, false},
		"a header removed":                      {renaming("")(app{key: key}), []string{"key.unknown", "header-lost"}, true},
		"a header renamed":                      {renaming("X-Signature")(app{key: key}), []string{"key.unknown", "header-lost"}, true},
		"a header removed, and the SDK says so": {renaming("")(app{key: key, open: true}), []string{"header-lost"}, false},
		"a header renamed, and the SDK says so": {renaming("X-Signature")(app{key: key, open: true}), []string{"header-lost"}, false},
		"a wall that says what SDKs say":        {only("", 401, nil, `{"message":"Unauthorized"}`)(nil), []string{"wall", "key.unknown", "header-lost"}, true},
		"a header that is written twice":        {signing(func(s string) string { return s + ", " + s })(app{key: key}), []string{"key.unknown", "header-lost"}, true},
		"a header that is escaped for HTML":     {signing(func(s string) string { return string(forHTML([]byte(s))) })(app{key: key}), []string{"key.unknown", "header-lost"}, true},
		"a service with 400 for everything":     {only("", 400, nil, `{"error":"Bad Request"}`)(nil), []string{"wall", "key.unknown", "header-lost"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := diagnose(t, test.handler, "/api/inngest", key, "")
			wrong, _ := named(r)
			if !slices.Equal(wrong, test.want) {
				t.Errorf("mistakes %q, want %q\n%s", wrong, test.want, describe(r))
			}
			for _, f := range r.Findings {
				if f.Possible != test.possible {
					t.Errorf("%s: possible %v", f.ID, f.Possible)
				}
			}
		})
	}
}

// A healthy app has no mistake, however it says things.
func TestHealthy(t *testing.T) {
	environment := func(name string) string {
		return map[string]string{reference.EnvSigningKey: key, reference.EnvFallback: other}[name]
	}
	healthy := map[string]http.Handler{
		"an app":          app{key: key, fallback: other},
		"an open app":     app{key: key, fallback: other, open: true},
		"an app with raw": app{key: key, fallback: other, raw: true},
		"an old app":      app{key: key, fallback: other, silentGET: true, noProbe: true},
		"no probes":       app{key: key, fallback: other, noProbe: true},
		"the reference":   inprocess.Reference(environment),
	}
	for name, handler := range healthy {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := diagnose(t, handler, "/api/inngest", key, other)
			if len(r.Findings) > 0 || !strings.Contains(r.Rotation, "lose no request") || len(r.Checked) < 5 {
				t.Errorf("%s\n%s", r.Rotation, describe(r))
			}
		})
	}
}

// peculiar are the correct endpoints of the gallery whose peculiarity is a mistake of
// a set-up all the same: a redirect, and a clock that is off.
var peculiar = map[string]string{
	"slash-301": "redirect-slash", "slash-307-absolute": "redirect-slash", "slash-308": "redirect-slash",
	"clock-4min-behind": "clock", "clock-4min-ahead": "clock", "clock-90s-behind": "clock", "clock-90s-ahead": "clock",
	"clock-4min-behind-date-of-an-edge": "clock", "clock-2min-behind-date-of-an-edge": "clock",
}

// Correct endpoints may be peculiar: no other of them has a mistake.
func TestPeculiarIsNoMistake(t *testing.T) {
	longtest.Skip(t)
	environment := func(name string) string {
		return map[string]string{reference.EnvSigningKey: key, reference.EnvFallback: other}[name]
	}
	for _, endpoint := range gallery.Endpoints() {
		t.Run(endpoint.Name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(endpoint.Handler(inprocess.Reference(environment), "/api/inngest"))
			if endpoint.Listen != nil {
				server.Listener = endpoint.Listen(server.Listener)
			}
			server.Start()
			defer server.Close()
			r, err := diagnosis.Run(t.Context(), diagnosis.Options{URL: server.URL + "/api/inngest", Primary: key, Fallback: other, Pause: 300 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if id := peculiar[endpoint.Name]; id != "" {
				want = []string{id}
			}
			if wrong, warns := named(r); !slices.Equal(append(wrong, warns...), want) {
				t.Errorf("%s: %q, warnings %q\n%s", endpoint.Peculiar, wrong, warns, describe(r))
			}
		})
	}
}

// An error that one request gets, whichever it is, is no mistake of the set-up.
func TestOneErrorIsNoMistake(t *testing.T) {
	longtest.Skip(t)
	for _, status := range []int{500, 502, 503, 504, 520, 522, 525, 530} {
		for nth := int32(1); nth <= 12; nth++ {
			t.Run(fmt.Sprintf("%d to request %d", status, nth), func(t *testing.T) {
				t.Parallel()
				var received atomic.Int32
				own := only("", status, nil, ofServer(http.StatusText(status)))(nil)
				r := diagnose(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if received.Add(1) == nth {
						own.ServeHTTP(w, r)
						return
					}
					app{key: key}.ServeHTTP(w, r)
				}), "/api/inngest", key, "")
				if wrong, warns := named(r); len(wrong)+len(warns) > 0 {
					t.Errorf("%q, warnings %q\n%s", wrong, warns, describe(r))
				}
			})
		}
	}
}

// An app that stops responding takes no longer than the limit, and is not said to be
// what was not seen of it.
func TestADiagnosisEndsByItsLimit(t *testing.T) {
	responses := 0
	stops := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if responses++; responses > 3 {
				_, _ = io.Copy(io.Discard, r.Body) // otherwise the server does not notice that the client is gone
				<-r.Context().Done()
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	server := httptest.NewServer(stops(app{key: key}))
	defer server.Close()
	r, err := diagnosis.Run(t.Context(), diagnosis.Options{URL: server.URL + "/api/inngest", Primary: key, Limit: 500 * time.Millisecond})
	if err != nil || len(r.Mistakes()) > 0 {
		t.Errorf("%v, %+v; want no mistake", err, r.Findings)
	}
	if !slices.ContainsFunc(r.Skipped, func(s string) bool { return strings.Contains(s, "after 500ms") }) {
		t.Errorf("skipped: %q", r.Skipped)
	}
}
