package inprocess_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/fakeapi"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

func keys() suite.Keyring { return suite.NewKeyring(rand.New(rand.NewPCG(1, 2))) }

func judge(t *testing.T, lab engine.Lab, id string) engine.Result {
	t.Helper()
	c, err := suite.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	judged, err := engine.Judge(t.Context(), lab, []suite.Case{c}, engine.Options{Jobs: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return judged.Results[0]
}

// Both labs judge one endpoint in the same way.
func TestBothLabsAgree(t *testing.T) {
	t.Parallel()
	noWindow := func(e *reference.Endpoint) { e.CheckWindow = func(time.Time, time.Time) error { return nil } }
	over := inprocess.NewReference(inprocess.Options{Keys: keys()}, noWindow)
	defer over.Close()
	for id, want := range map[string]engine.Verdict{"receiving.expired": engine.Fail, "receiving.unsigned": engine.Pass, "sync.registers": engine.Pass} {
		for name, lab := range map[string]engine.Lab{"over loopback": over, "in memory": inprocess.Memory{KeysUsed: keys(), Break: noWindow}} {
			if r := judge(t, lab, id); r.Verdict != want {
				t.Errorf("%s, %s: %s, want %s; observed %s", id, name, r.Verdict, want, r.Observed)
			}
		}
	}
}

// A run that starts after the refusal is observed all the same.
func TestRunAfterTheResponse(t *testing.T) {
	t.Parallel()
	lab := inprocess.New(inprocess.Options{Keys: keys(), Quiet: 300 * time.Millisecond, Handler: func(env map[string]string) http.Handler {
		e := inprocess.Reference(func(name string) string { return env[name] })
		refuse := e.Refuse
		e.Refuse = func(c *reference.Context, reason error) reference.Response {
			nonce := nonceOf(c.Body)
			time.AfterFunc(20*time.Millisecond, func() { _ = fakeapi.CallBeacon(context.Background(), env[suite.EnvBeacon], nonce) })
			return refuse(c, reason)
		}
		return e
	}})
	defer lab.Close()
	if r := judge(t, lab, "receiving.unsigned"); r.Verdict != engine.Fail || !strings.Contains(r.Observed, "the function ran") {
		t.Errorf("%s; observed %s", r.Verdict, r.Observed)
	}
}

func nonceOf(body []byte) string {
	_, after, _ := strings.Cut(string(body), `"nonce":"`)
	nonce, _, _ := strings.Cut(after, `"`)
	return nonce
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	var got map[string]string
	lab := inprocess.New(inprocess.Options{
		Keys: keys(), Cloud: map[string]string{"STAGE": "production"},
		Names:   map[string][]string{reference.EnvAPIBaseURL: {"API_ORIGIN", "API_URL"}, reference.EnvEnvironment: {"BRANCH"}},
		Handler: func(env map[string]string) http.Handler { got = env; return http.NotFoundHandler() },
	})
	defer lab.Close()
	if _, err := lab.Start(t.Context(), suite.Setup{}); err != nil {
		t.Fatal(err)
	}
	if got["API_ORIGIN"] == "" || got["API_URL"] != got["API_ORIGIN"] || got["STAGE"] != "production" || !strings.HasPrefix(got[suite.EnvBeacon], got["API_ORIGIN"]) {
		t.Errorf("the environment is %v", got)
	}
	for _, name := range []string{reference.EnvAPIBaseURL, "BRANCH", reference.EnvFallback} {
		if value, set := got[name]; set {
			t.Errorf("%s is set, to %q", name, value)
		}
	}
	if _, err := lab.Start(t.Context(), suite.Setup{Mode: suite.Dev("1")}); err != nil {
		t.Fatal(err)
	}
	if got["STAGE"] != "" || got[reference.EnvDev] != "1" {
		t.Errorf("in development mode the environment is %v", got)
	}
}

// A handler function that does not return is an endpoint that did not start.
func TestHandlerFunctionThatHangs(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	defer close(hang)
	lab := inprocess.New(inprocess.Options{Keys: keys(), Handler: func(map[string]string) http.Handler { <-hang; return nil }})
	defer lab.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := lab.Start(ctx, suite.Setup{})
	var notStarted *engine.StartError
	if !errors.As(err, &notStarted) || !strings.Contains(notStarted.Reason, "had not returned") {
		t.Errorf("got %v", err)
	}
}
