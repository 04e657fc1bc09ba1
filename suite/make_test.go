package suite

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

func testScene() Scene {
	return Scene{
		Keys: NewKeyring(rand.New(rand.NewPCG(3, 4))), Now: time.Unix(1767323045, 0), Nonce: "01ABCDEFGHIJKLMNOPQRSTUVWX",
		Path: "/api/inngest", Host: "127.0.0.1:3000",
	}
}

// verified asks the reference's Verify, which knows nothing of endpoints.
func verified(stimulus Stimulus, s Setup, scene Scene) error {
	made := Make(stimulus, scene)
	headers := http.Header{}
	for _, field := range made.Request.Header {
		headers.Add(field.Name, field.Value)
	}
	values := headers.Values(reference.HeaderSignature)
	if len(values) > 1 {
		return &reference.HeaderError{Rule: reference.RuleOnce}
	}
	var keys reference.Keys
	if s.hasPrimary() {
		keys.Primary = scene.Keys.Primary
	}
	if s.holds(Fallback) {
		keys.Fallback = scene.Keys.Fallback
	}
	body := made.Request.Body
	if headers.Get("Transfer-Encoding") != "" {
		body, _ = io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body)))
	}
	if _, err := reference.Verify(headers.Get(reference.HeaderSignature), body, keys, scene.Now); err != nil {
		return err
	}
	return reference.CheckShape(&http.Request{Method: made.Request.Method}, body)
}

func isSigned(kind Kind) bool {
	return kind == KindCall || kind == KindProbe || kind == KindIntrospect || kind == KindInBandSync
}

// One fault per negative: as it is the request is refused, and with its one
// fault mended it is valid.
func TestOneFaultPerNegative(t *testing.T) {
	scene, checked := testScene(), 0
	for _, c := range Catalogue() {
		if !c.Then.Negative || c.Level == May || c.Destructive || !isSigned(c.When.Kind()) || c.Given.Dev() {
			continue
		}
		checked++
		fit, unfit := c.Given.Control()
		faults := c.When.Fields().faults(fit)
		if len(faults) > 1 || len(faults) == 0 && !unfit {
			t.Errorf("%s has the faults %v", c.ID, faults)
		}
		if len(faults) == 1 && verified(c.When, fit, scene) == nil {
			t.Errorf("%s: its fault, %v, makes nothing invalid", c.ID, faults)
		}
		if err := verified(ControlOf(c, fit), fit, scene); err != nil {
			t.Errorf("%s: its twin is not valid: %v", c.ID, err)
		}
	}
	if checked < 60 {
		t.Errorf("only %d negatives were looked at", checked)
	}
}

func TestEqualScenesGiveEqualRequests(t *testing.T) {
	for _, c := range Catalogue() {
		first, second := Make(c.When, testScene()), Make(c.When, testScene())
		if string(first.Request.Body) != string(second.Request.Body) || first.Signature != second.Signature {
			t.Errorf("%s: the same scene gave two requests", c.ID)
		}
	}
}

// Where calls cannot be seen to run, only an unknown function is named.
func TestAttachedCallsNameNoFunction(t *testing.T) {
	for _, sight := range []Visibility{ByProbe, ByIntrospection} {
		scene := testScene()
		scene.Visibility = sight
		for _, c := range Catalogue() {
			if c.When.Kind() != KindCall && c.When.Kind() != KindProbe {
				continue
			}
			made := Make(c.When, scene).Request
			if name := functionOf(made.Target); name != "" && name != AppID+"-"+scene.Nonce {
				t.Errorf("%s names the function %q", c.ID, name)
			}
		}
	}
}

// A probe, and a call of an unknown function, have the body of a call.
func TestAttachedRequestsHaveTheShapeOfACall(t *testing.T) {
	for _, scene := range []Scene{{Visibility: ByProbe}, {Visibility: ByProbe, AsCall: true}, {Visibility: ByIntrospection, AsCall: true}} {
		full := testScene()
		want := Make(Call{}, full).Request.Body
		full.Visibility, full.AsCall = scene.Visibility, scene.AsCall
		if got := Make(Call{}, full).Request; got.Method != http.MethodPost || !bytes.Equal(got.Body, want) {
			t.Errorf("by %v, as a call: %v: %s %s", scene.Visibility, scene.AsCall, got.Method, got.Body)
		}
	}
}

func functionOf(target string) string {
	request, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		return "unreadable target"
	}
	return request.URL.Query().Get("fnId")
}
