package engine_test

import (
	"context"
	"encoding/json"
	"iter"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// measured measures a mutant of the zoo in memory; the empty name is the reference.
func measured(t *testing.T, mutant string, tier suite.Tier) engine.Measurements {
	t.Helper()
	if mutant == "" {
		return measure(t, nil, tier)
	}
	m, known := zoo.Find(mutant)
	if !known {
		t.Fatalf("there is no mutant %q", mutant)
	}
	return measure(t, m.Break, tier)
}

func measure(t *testing.T, broken func(*reference.Endpoint), tier suite.Tier) engine.Measurements {
	t.Helper()
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: broken}
	m, err := engine.Measure(context.Background(), lab, tier, 7)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWindowsAreMeasured(t *testing.T) {
	const usual = "[-300, +60] s"
	for mutant, want := range map[string][4]string{ // a call, with the fallback key, an introspection, an in-band sync
		"":                        {usual, usual, usual, usual},
		"window-of-six-minutes":   {"[-360, +60] s", "[-360, +60] s", "[-360, +60] s", "[-360, +60] s"},
		"window-of-half-a-minute": {"[-30, +60] s", "[-30, +60] s", "[-30, +60] s", "[-30, +60] s"},
		"no-skew":                 {"[-300, +0] s", "[-300, +0] s", "[-300, +0] s", "[-300, +0] s"},
		"future-unbounded":        {"[-300 s, more than 100 years ahead]", "[-300 s, more than 100 years ahead]", "[-300 s, more than 100 years ahead]", "[-300 s, more than 100 years ahead]"},
		"calls-only-window":       {usual, usual, "[more than 56 years old, more than 100 years ahead]", usual},
		"sync-without-window":     {usual, usual, usual, "[more than 56 years old, +60 s]"},
		"fallback-without-window": {usual, "[more than 56 years old, +60 s]", usual, usual},
		"refuses-everything":      {},
	} {
		m := measured(t, mutant, suite.Default)
		for i, w := range m.Windows {
			if w.String() != want[i] {
				t.Errorf("%s: the window of %s is %s, want %s", mutant, w.Of, w, want[i])
			}
		}
		if (want[0] == "") != (m.NotMeasured != "") {
			t.Errorf("%s: not measured: %q", mutant, m.NotMeasured)
		}
	}
}

func TestEdgesAreMeasuredToTheSecond(t *testing.T) {
	for _, w := range measured(t, "", suite.Deep).Windows {
		for of, e := range map[int64]engine.Edge{300: w.Past, 60: w.Future} {
			if e.Seconds != of || e.Uncertainty != 1 || e.Unbounded || !w.Interval || w.Same {
				t.Errorf("%s: %+v", w.Of, w)
			}
		}
	}
}

func TestAWindowThatIsNotAnInterval(t *testing.T) {
	for mutant, odd := range map[string]string{
		"time-of-day":         "1 day old",
		"minutes-of-the-hour": "1 hour old",
		"future-by-the-day":   "1 day ahead",
		"future-overflows":    "1 year ahead",
		"past-overflows":      "1 year old",
		"epoch-is-no-time":    "56 years old",
	} {
		w := measured(t, mutant, suite.Default).Windows[0]
		if w.Interval || !strings.Contains(w.String(), "not an interval: accepted again when "+odd) {
			t.Errorf("%s: %s", mutant, w)
		}
	}
}

// accepted lists the messages by which a target takes each class of bodies.
func accepted(m engine.Measurements) map[string]string {
	by := map[string]string{}
	for _, b := range m.Bodies {
		var yes []string
		for _, c := range b.Covers {
			if c.Accepted {
				yes = append(yes, c.Message)
			}
		}
		by[b.Class] = strings.Join(yes, ", ")
	}
	return by
}

func TestTheReferenceAcceptsRawAndCanonicalMessages(t *testing.T) {
	notRun := []string{"no body", "byte order mark", "trailing data"} // validly signed, but not calls
	m := measured(t, "", suite.Deep)
	for _, b := range m.Bodies {
		for _, c := range b.Covers {
			if c.Accepted != (c.Message == "canonical" || c.Message == "raw" && !slices.Contains(notRun, b.Class)) {
				t.Errorf("%s, signed as %s: accepted is %v", b.Class, c.Message, c.Accepted)
			}
		}
	}
	if m.Malleable != (engine.Malleable{Sent: 64, Passed: 64}) || len(m.Bodies) < 20 {
		t.Errorf("%d classes, malleable %+v", len(m.Bodies), m.Malleable)
	}
}

func TestRawBytes(t *testing.T) {
	m := measured(t, "raw-bytes-only", suite.Default)
	by := accepted(m)
	if by["white space"] != "raw" || by["1.0"] != "raw" || by["canonical"] != "canonical" || m.Malleable.Passed != 1 {
		t.Errorf("%v, malleable %+v", by, m.Malleable)
	}
}

func TestABodyThatIsNotCovered(t *testing.T) {
	if by := accepted(measured(t, "body-not-covered", suite.Default)); by["canonical"] != "canonical, nothing" {
		t.Errorf("a canonical body is accepted with a MAC over %s", by["canonical"])
	}
}

func TestALenientParser(t *testing.T) {
	m := measure(t, func(e *reference.Endpoint) {
		e.Messages = func(body []byte) iter.Seq[[]byte] {
			return func(yield func([]byte) bool) {
				var value any
				if len(body) > 0 && json.Unmarshal(body, &value) != nil {
					return
				}
				encoded, _ := json.Marshal(value)
				if canonical, err := reference.Canonicalise(encoded); err == nil {
					yield(canonical)
				}
			}
		}
	}, suite.Deep)
	for class, want := range map[string]string{
		"a name twice": "the last counts", "invalid UTF-8": "as U+FFFD", "lone surrogate as escape": "as U+FFFD", "trailing data": "", "white space": "canonical",
	} {
		if got := accepted(m)[class]; got != want {
			t.Errorf("%s is accepted as %q, want %q", class, got, want)
		}
	}
}

func TestMeasuringGoesOnAfterAnExit(t *testing.T) {
	m := measure(t, func(e *reference.Endpoint) {
		messages := e.Messages
		e.Messages = func(body []byte) iter.Seq[[]byte] {
			if strings.HasSuffix(string(body), "}{}") {
				panic("trailing data")
			}
			return messages(body)
		}
	}, suite.Deep)
	for _, b := range m.Bodies {
		died := strings.HasPrefix(b.Covers[len(b.Covers)-1].Observed, "died: panic")
		if died != (b.Class == "trailing data") || died && len(b.Covers) != 1 {
			t.Errorf("%s: %+v", b.Class, b.Covers)
		}
	}
}

func TestCapturedSignatures(t *testing.T) {
	works := func(mutant string) map[string]bool {
		by := map[string]bool{}
		for _, c := range measured(t, mutant, suite.Default).Captured {
			by[c.What] = c.Works
		}
		return by
	}
	const zero, ahead = "a digit moved from body to t: leading zero", "a digit moved from body to t: far in the future"
	correct := works("")
	for what, want := range map[string]bool{
		"the same call again": true, "another process with the same key": true, "a trust probe": true, "a response's signature: trust probe": true,
		"an in-band sync's signature: trust probe": true, "an in-band sync": false, "a GET's signature: trust probe, no body": false,
		"another method: GET": false, zero: false, ahead: false, "a digit moved from t to body: long ago": false,
	} {
		if got, there := correct[what]; got != want || !there {
			t.Errorf("%s: works is %v, measured: %v", what, got, there)
		}
	}
	if !works("t-leading-zeros")[zero] || !works("future-unbounded")[ahead] {
		t.Error("a digit that moved between body and t is not detected")
	}
	if works("probe-not-compared")["a trust probe"] {
		t.Error("a reuse that needs no signature is reported as one that does")
	}
}

func TestMeasuringIsRepeatable(t *testing.T) {
	for _, mutant := range []string{"", "time-of-day"} {
		first, second := measured(t, mutant, suite.Default), measured(t, mutant, suite.Default)
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%s: %+v and %+v", mutant, first, second)
		}
		if mutant == "" && first.Requests > 120 {
			t.Errorf("the usual window takes %d requests", first.Requests)
		}
	}
}

func TestMeasurementsHoldNoSecret(t *testing.T) {
	ring := suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))
	encoded, err := json.Marshal(measured(t, "refusal-tells-the-mac", suite.Deep))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(encoded); text != engine.Redact(ring, text) || strings.Contains(text, "s=") {
		t.Error("the measurements contain a secret")
	}
}
