package suite

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
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

// verified reports whether the reference accepts the signature of a request.
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

// Every negative has one fault: the request is refused, and accepted once that
// fault is removed.
func TestOneFaultPerNegative(t *testing.T) {
	scene, checked := testScene(), 0
	for _, c := range Catalogue() {
		if !c.Then.Negative || c.Level == May || c.Destructive || !isSigned(c.When.Kind()) || c.Given.Dev() {
			continue
		}
		checked++
		control, controlled := c.Given.Control()
		faults := c.When.Fields().faults(control)
		if len(faults) > 1 || len(faults) == 0 && !controlled {
			t.Errorf("%s has the faults %v", c.ID, faults)
		}
		for _, stimulus := range append([]Stimulus{c.When}, c.Also...) {
			if len(faults) == 1 && verified(stimulus, control, scene) == nil && stimulus.Fields().Tamper.inQuery(scene.Nonce) == "" {
				t.Errorf("%s: the request is valid with its fault %v: %s", c.ID, faults, Describe(stimulus))
			}
		}
		if err := verified(ControlOf(c, control), control, scene); err != nil {
			t.Errorf("%s: its control is not valid: %v", c.ID, err)
		}
	}
	if checked < 60 {
		t.Errorf("only %d negatives were checked", checked)
	}
}

func TestEqualScenesGiveEqualRequests(t *testing.T) {
	for _, c := range Catalogue() {
		first, second := Make(c.When, testScene()), Make(c.When, testScene())
		if string(first.Request.Body) != string(second.Request.Body) || first.Signature != second.Signature {
			t.Errorf("%s: equal scenes gave different requests", c.ID)
		}
	}
}

// Where runs cannot be observed, requests name only a function that does not exist.
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

// Where one function may run, calls name it or one that does not exist, and no
// function of the target apps.
func TestAttachedCallsNameTheFunctionThatMayRun(t *testing.T) {
	scene := testScene()
	scene.Visibility, scene.Function = ByCall, "shop-pay & go"
	named := map[string]int{}
	for _, c := range Catalogue() {
		if c.When.Kind() != KindCall || c.Unseen(ByCall) != "" || c.Destructive {
			continue
		}
		made := Make(c.When, scene).Request
		name := functionOf(made.Target)
		named[name]++
		if name != scene.Function && name != AppID+"-"+scene.Nonce {
			t.Errorf("%s names the function %q", c.ID, name)
		}
		if strings.Contains(made.Target, AppID) && !strings.Contains(made.Target, AppID+"-"+scene.Nonce) {
			t.Errorf("%s has the target %s", c.ID, made.Target)
		}
		if strings.Contains(string(made.Body), EchoEvent) && c.When.Fields().Tamper != Replaced {
			t.Errorf("%s sends the event %s", c.ID, EchoEvent)
		}
	}
	if named[scene.Function] < 50 || named[AppID+"-"+scene.Nonce] == 0 {
		t.Errorf("named: %v", named)
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

// A client may expect 100 (Continue) only before a body (RFC 9110, 10.1.1): some
// servers wait for one for minutes.
func TestOnlyABodyIsExpected(t *testing.T) {
	expects := func(s Stimulus) bool {
		return slices.ContainsFunc(Make(s, testScene()).Request.Header, func(f Field) bool { return f.Name == "Expect" })
	}
	const expect = "Expect: 100-continue"
	if !expects(Call{Headers: expect}) || expects(Introspect{Headers: expect}) || expects(Call{Headers: expect, Bodiless: true}) {
		t.Error("a request without a body expects 100, or one with a body does not")
	}
}
