package launch

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

func TestAttachedReferenceIsRight(t *testing.T) {
	longtest.Skip(t)
	t.Parallel()
	for name, test := range map[string]struct {
		setup   suite.Setup
		change  func(*reference.Endpoint)
		options AttachOptions
		sight   suite.Visibility
		atLeast int
	}{
		"by probe":               {suite.Setup{}, nil, AttachOptions{}, suite.ByProbe, 60},
		"by introspection":       {suite.Setup{}, withoutProbe, AttachOptions{}, suite.ByIntrospection, 45},
		"with a fallback":        {suite.Setup{Fallback: suite.Present}, nil, AttachOptions{}, suite.ByProbe, 70},
		"with sync":              {suite.Setup{}, nil, AttachOptions{AllowSync: true}, suite.ByProbe, 70},
		"by call":                {suite.Setup{}, nil, AttachOptions{Function: suite.EchoID}, suite.ByCall, 100},
		"by call, without probe": {suite.Setup{Fallback: suite.Present}, withoutProbe, AttachOptions{Function: suite.EchoID}, suite.ByCall, 100},
		"both, by introspection": {suite.Setup{Fallback: suite.Present}, withoutProbe, AttachOptions{AllowSync: true}, suite.ByIntrospection, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := endpoint(t, test.setup, test.change, nil)
			lab := found.attach(t, test.options)
			if lab.Visibility() != test.sight {
				t.Errorf("acceptance is seen by %v, want %v", lab.Visibility(), test.sight)
			}
			judged := judge(t, lab, suite.Catalogue())
			if judged.Void != "" {
				t.Error("void:", judged.Void)
			}
			decided := 0
			for _, r := range judged.Results {
				switch r.Verdict {
				case engine.Pass, engine.Observed:
					decided++
				case engine.NotApplicable:
				default:
					t.Errorf("%s: %s; expected %s; observed %s; %s", r.Case.ID, r.Verdict, r.Expected, r.Observed, r.Note)
				}
			}
			if t.Logf("judged %d of %d", decided, len(judged.Results)); decided < test.atLeast {
				t.Errorf("only %d cases were judged, want %d", decided, test.atLeast)
			}
			found.wantUnharmed(t, test.options)
		})
	}
}

// wantUnharmed: nothing ran, only functions that exist nowhere were named, and
// nothing was synced without leave.
func (s *running) wantUnharmed(t *testing.T, o AttachOptions) {
	t.Helper()
	if s.ran > 0 && o.Function == "" {
		t.Errorf("the function ran %d times", s.ran)
	}
	for _, request := range s.heard {
		if strings.HasPrefix(request, http.MethodPut) && !o.AllowSync {
			t.Error("there was a PUT")
		}
		if strings.Contains(request, "fnId=countersign-echo") && o.Function == "" || strings.Contains(request, "deployId=") {
			t.Errorf("%s names something that exists", request)
		}
	}
}

func TestAttachedUnsignedIsCaught(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*reference.Endpoint){
		"by probe": func(e *reference.Endpoint) {
			e.UsableKeys = func(keys reference.Keys) (reference.Keys, error) { return keys, nil }
			e.Refuse = func(c *reference.Context, _ error) reference.Response { return c.Probe(c) }
		},
		"by introspection": func(e *reference.Endpoint) {
			withoutProbe(e)
			e.Introspect = func(c *reference.Context) reference.Response {
				c.MatchedKey = reference.Primary
				return reference.Introspect(c)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judged := judge(t, endpoint(t, suite.Setup{}, change, nil).attach(t, AttachOptions{}), tier(suite.Smoke))
			if got := verdicts(judged)["receiving.unsigned"]; got != engine.Fail || judged.Void != "" {
				t.Errorf("receiving.unsigned: %s, void %q; want it failed", got, judged.Void)
			}
		})
	}
}

// parsesBody is a framework's body parser: what verifies sees {} where a request
// has no body.
func parsesBody(right http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && len(body) == 0 && r.Method != http.MethodGet {
			body = []byte("{}")
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		right.ServeHTTP(w, r)
	})
}

// verifiesNoBody accepts a probe without a body by the signature of an empty one,
// which is the right one.
func verifiesNoBody(right http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.ContentLength == 0 && r.URL.Query().Has("probe") {
			asGET, verified := r.Clone(r.Context()), httptest.NewRecorder()
			asGET.Method = http.MethodGet
			right.ServeHTTP(verified, asGET)
			if strings.Contains(verified.Body.String(), `"authentication_succeeded":true`) {
				w.WriteHeader(http.StatusOK)
				return
			}
		}
		right.ServeHTTP(w, r)
	})
}

func TestAttachedWithoutABodyIsRight(t *testing.T) {
	longtest.Skip(t)
	t.Parallel()
	for name, wrap := range map[string]func(http.Handler) http.Handler{
		"no body is read as {}": parsesBody, "an empty probe is verified": verifiesNoBody,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judged := judge(t, endpoint(t, suite.Setup{}, nil, wrap).attach(t, AttachOptions{}), suite.Catalogue())
			for _, r := range judged.Results {
				if r.Verdict == engine.Fail || r.Verdict == engine.Warn || r.Open() {
					t.Errorf("%s: %s; %s; %s", r.Case.ID, r.Verdict, r.Observed, r.Note)
				}
			}
		})
	}
}

// No body is sent by POST with the same signature twice.
func TestAttachedPostsAreDistinct(t *testing.T) {
	longtest.Skip(t)
	t.Parallel()
	var mu sync.Mutex
	sent := map[string]int{}
	found := endpoint(t, suite.Setup{}, nil, func(right http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			mu.Lock()
			if r.Method == http.MethodPost && len(body) > 0 {
				sent[r.Header.Get(reference.HeaderSignature)+" "+string(body)]++
			}
			mu.Unlock()
			right.ServeHTTP(w, r)
		})
	})
	judge(t, found.attach(t, AttachOptions{}), suite.Catalogue())
	for body, times := range sent {
		if times > 1 {
			t.Errorf("it was sent %d times: %s", times, body)
		}
	}
	if len(sent) < 100 {
		t.Errorf("only %d requests had a body", len(sent))
	}
}

func TestAttachedResultsSayWhatWasSent(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*reference.Endpoint){
		"an unsigned trust probe in place of a call; then the same as a call of a function that does not exist":   nil,
		"an unsigned introspection in place of a call; then the same as a call of a function that does not exist": withoutProbe,
	} {
		judged := judge(t, endpoint(t, suite.Setup{}, change, nil).attach(t, AttachOptions{}), tier(suite.Smoke))
		for _, r := range judged.Results {
			if r.Case.ID == "receiving.unsigned" && r.Sent != want {
				t.Errorf("it says %q, want %q", r.Sent, want)
			}
			if r.Case.ID == "introspection.unsigned" && r.Sent != "an unsigned introspection" {
				t.Errorf("it says %q", r.Sent)
			}
		}
	}
}

// verifiesLate looks calls up before it verifies them, and verifies none.
func verifiesLate(right http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch query := r.URL.Query(); {
		case r.Method != http.MethodPost || query.Has("probe"):
			right.ServeHTTP(w, r)
		case query.Get("fnId") != suite.EchoID:
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = io.WriteString(w, `"done"`)
		}
	})
}

// That calls are not verified shows only in calls of a function that exists.
func TestAttachedCallsAreJudgedByCall(t *testing.T) {
	t.Parallel()
	for function, want := range map[string]engine.Verdict{"": engine.Pass, suite.EchoID: engine.Fail} {
		judged := judge(t, endpoint(t, suite.Setup{}, nil, verifiesLate).attach(t, AttachOptions{Function: function}), tier(suite.Smoke))
		for _, r := range judged.Results {
			if r.Case.ID != "receiving.unsigned" {
				continue
			}
			if r.Verdict != want || (r.InPlace == "") != (function != "") {
				t.Errorf("with the function %q: %s, by %q in place of a call; want %s", function, r.Verdict, r.InPlace, want)
			}
			if function != "" && r.Sent != "an unsigned call of the function `countersign-echo`" {
				t.Errorf("it says %q", r.Sent)
			}
		}
	}
}

func TestAttachedFunctionMustAccept(t *testing.T) {
	t.Parallel()
	found := endpoint(t, suite.Setup{}, nil, nil)
	_, err := Attach(t.Context(), found.url, found.keys, AttachOptions{Function: "countersign-echoo"})
	var described *page.Error
	if !errors.As(err, &described) || described.Code != page.ExitCouldNotJudge || !strings.Contains(described.Sentence, "not a valid call of the function countersign-echoo: status 500") || !strings.Contains(described.Cause, "unknown function id") {
		t.Errorf("error: %v", err)
	}
	found.keys.Primary = drawKeys(98).Unknown // where nothing is accepted the function is not to blame
	if judged := judge(t, found.attach(t, AttachOptions{Function: suite.EchoID}), tier(suite.Smoke)); judged.Void == "" {
		t.Error("with the wrong key it is not void")
	}
}

// Only the probe is verified; a call is accepted without a signature.
func TestAttachedProbeAloneVerifiedIsCaught(t *testing.T) {
	s := endpoint(t, suite.Setup{}, nil, func(right http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && !r.URL.Query().Has("probe") {
				w.WriteHeader(http.StatusPartialContent)
				return
			}
			right.ServeHTTP(w, r)
		})
	})
	judged := judge(t, s.attach(t, AttachOptions{}), tier(suite.Smoke))
	for _, r := range judged.Results {
		if r.Case.ID == "receiving.unsigned" && r.Verdict != engine.Fail {
			t.Errorf("receiving.unsigned is %s: %s", r.Verdict, r.Observed)
		}
	}
}

func TestAttachedConstantNeverConforms(t *testing.T) {
	longtest.Skip(t)
	t.Parallel()
	responses := map[string]http.HandlerFunc{
		"200": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) },
		"401": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"authenticated": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"authentication_succeeded":true}`)
		},
		"authenticated, but no POST": func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusUnauthorized)
			}
			_, _ = io.WriteString(w, `{"authentication_succeeded":true,"app_id":"x"}`)
		},
		"200 to a GET": func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				w.WriteHeader(http.StatusUnauthorized)
			}
		},
		"the request": func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) },
		"by chance": func(w http.ResponseWriter, r *http.Request) {
			var body bytes.Buffer
			if n, _ := io.Copy(&body, r.Body); n%2 == 0 && r.Header.Get(reference.HeaderSignature) == "" {
				w.WriteHeader(http.StatusUnauthorized)
			}
		},
	}
	for name, response := range responses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			constant := endpoint(t, suite.Setup{}, nil, func(http.Handler) http.Handler { return response })
			if judged := judge(t, constant.attach(t, AttachOptions{}), suite.Catalogue()); conforms(judged) {
				t.Errorf("a server that responds with %s to everything conforms: %v", name, verdicts(judged))
			}
		})
	}
}

func TestAttachedWithTheWrongKeyIsVoid(t *testing.T) {
	longtest.Skip(t)
	t.Parallel()
	found := endpoint(t, suite.Setup{}, nil, nil)
	found.keys.Primary = drawKeys(98).Unknown
	if judged := judge(t, found.attach(t, AttachOptions{}), suite.Catalogue()); judged.Void == "" {
		t.Error("it is not void")
	}
}

// An endpoint that a request ends is distinguished from one that refuses.
func TestAttachedEndpointThatGoesAway(t *testing.T) {
	t.Parallel()
	var server *httptest.Server
	keyring := drawKeys(99)
	env := suite.Setup{}.Environment(keyring, "http://127.0.0.1:1")
	e := inprocess.Reference(func(name string) string { return env[name] })
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get(reference.HeaderSignature), "&s=") {
			_ = server.Listener.Close()
			panic(http.ErrAbortHandler)
		}
		e.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	lab, err := Attach(t.Context(), server.URL+servePath, AttachKeys{Primary: keyring.Primary}, AttachOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var cases []suite.Case
	for _, id := range []string{"receiving.signed", "headers.s-empty", "receiving.unsigned", "introspection.answered"} {
		c, err := suite.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	judged, err := engine.Judge(t.Context(), lab, cases, engine.Options{Jobs: 2, Seed: 15}) // draws the valid request first
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]engine.Verdict{ // in the order that the seed draws
		"receiving.signed": engine.Pass, "headers.s-empty": engine.Fail, "receiving.unsigned": engine.Error, "introspection.answered": engine.Error,
		"receiving.wrong-key": engine.Error, // headers.s-empty rests on it
	}
	for id, got := range verdicts(judged) {
		if got != want[id] {
			t.Errorf("%s: %s, want %s", id, got, want[id])
		}
	}
}
