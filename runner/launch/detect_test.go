package launch

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// dropsBodies is a framework without its body parser: what verifies sees no body.
func dropsBodies(right http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body, r.ContentLength = http.NoBody, 0
		right.ServeHTTP(w, r)
	})
}

// Where only a signed GET is accepted, it is said why the probe was not.
func TestAttachedSaysWhyTheProbeWasRefused(t *testing.T) {
	t.Parallel()
	found := endpoint(t, suite.Setup{}, nil, dropsBodies)
	lab := found.attach(t, AttachOptions{})
	if d := lab.ProbeRefused(); lab.Visibility() != suite.ByIntrospection || d == nil || !strings.Contains(d.Cause, "the key is right") {
		t.Errorf("seen by %v; %+v", lab.Visibility(), d)
	}
	_, err := Attach(t.Context(), found.url, found.keys, AttachOptions{Function: suite.EchoID})
	var described *page.Error
	if !errors.As(err, &described) || described.Code != page.ExitCouldNotJudge || !strings.Contains(described.Cause, "the key is right") {
		t.Errorf("with a function: %v", err)
	}
	if d := endpoint(t, suite.Setup{}, nil, nil).attach(t, AttachOptions{}).ProbeRefused(); d != nil {
		t.Errorf("of an endpoint that accepts it: %+v", d)
	}
}

// once lets the first request for which a condition holds be handled otherwise.
func once(when func(*http.Request) bool, otherwise http.HandlerFunc) func(http.Handler) http.Handler {
	var happened atomic.Bool
	return func(right http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if when(r) && happened.CompareAndSwap(false, true) {
				otherwise(w, r)
				return
			}
			right.ServeHTTP(w, r)
		})
	}
}

func isProbe(r *http.Request) bool { return r.URL.Query().Has("probe") }

// What one response of an intermediary would hide is detected all the same.
func TestAttachedDetectionTriesAgain(t *testing.T) {
	t.Parallel()
	for name, otherwise := range map[string]http.HandlerFunc{
		"502":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"429":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"reset": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		found := endpoint(t, suite.Setup{}, nil, once(isProbe, otherwise))
		if sight := found.attach(t, AttachOptions{}).Visibility(); sight != suite.ByProbe {
			t.Errorf("after one %s, acceptance is seen by %v", name, sight)
		}
	}
}

// A page of an intermediary with status 200, once, is no proof of a forgery.
func TestAttachedSingleSuccessIsTriedAgain(t *testing.T) {
	t.Parallel()
	var forged atomic.Int32
	isForgedProbe := func(r *http.Request) bool { // the first one only shows how the endpoint refuses
		return isProbe(r) && r.Header.Get(reference.HeaderSignature) == "" && forged.Add(1) > 1
	}
	found := endpoint(t, suite.Setup{}, nil, once(isForgedProbe, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "one moment") }))
	judged := judge(t, found.attach(t, AttachOptions{}), tier(suite.Smoke))
	if got := verdicts(judged)["receiving.unsigned"]; got != engine.Inconclusive {
		t.Errorf("receiving.unsigned is %s, want it inconclusive", got)
	}
}
