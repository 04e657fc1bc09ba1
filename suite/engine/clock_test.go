package engine_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

func ignoreTime(time.Time, time.Time) error { return nil }

// shifted is an endpoint whose clock differs, with signed responses or without.
func shifted(by time.Duration, signed bool) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		now := e.Now
		e.Now = func() time.Time { return now().Add(by) }
		if !signed {
			unsigned(e)
		}
	}
}

func unsigned(e *reference.Endpoint) {
	finish := e.FinishResponse
	e.FinishResponse = func(c *reference.Context, r *reference.Response) {
		finish(c, r)
		r.Header.Del(reference.HeaderSignature)
	}
}

// past accepts signatures up to an age, and up to a minute ahead.
func past(most time.Duration) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		unsigned(e)
		e.CheckWindow = func(at, now time.Time) error {
			if age := now.Sub(at); age > most || age < -time.Minute {
				return reference.ErrExpired
			}
			return nil
		}
	}
}

// Cases are judged in the target's time: up to four minutes are allowed for, and
// a window that is too long is no clock that differs.
func TestClocksThatDiffer(t *testing.T) {
	for _, test := range []struct {
		says    string
		change  func(*reference.Endpoint)
		offset  time.Duration
		source  string
		expired engine.Verdict
	}{
		{"the same clock", shifted(0, true), 0, "", engine.Pass},
		{"the same clock, unsigned responses", shifted(0, false), 0, "", engine.Pass},
		{"four minutes ahead", shifted(4*time.Minute, true), 4 * time.Minute, "signatures of its responses", engine.Pass},
		{"four minutes behind", shifted(-4*time.Minute, true), -4 * time.Minute, "signatures of its responses", engine.Pass},
		{"8 s behind, unsigned responses", shifted(-8*time.Second, false), -8 * time.Second, "it accepts", engine.Pass},
		{"four minutes behind, unsigned responses", shifted(-4*time.Minute, false), -4 * time.Minute, "it accepts", engine.Pass},
		{"a window of six minutes", past(6 * time.Minute), 0, "", engine.Fail},
		{"a window of an hour", past(time.Hour), 0, "", engine.Fail},
		{"no window", func(e *reference.Endpoint) { e.CheckWindow = ignoreTime; unsigned(e) }, 0, "", engine.Fail},
	} {
		c, err := suite.Find("receiving.expired")
		if err != nil {
			t.Fatal(err)
		}
		judged, err := engine.Judge(t.Context(), broken(test.change), []suite.Case{c}, engine.Options{Jobs: 1, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		r := judged.Results[0]
		if near := (judged.Clock.Offset - test.offset).Abs() <= time.Second; !near || !strings.HasSuffix(judged.Clock.Source, test.source) || r.Verdict != test.expired {
			t.Errorf("%s: %s, want %s; the clock is %+v; %s (%s)", test.says, r.Verdict, test.expired, judged.Clock, r.Observed, r.Note)
		}
	}
}

// A clock that is farther off is no setting that cases allow for: it is reported.
func TestAClockThatIsTooFarOff(t *testing.T) {
	dated := func(e *reference.Endpoint) {
		shifted(-time.Hour, true)(e)
		finish := e.FinishResponse
		e.FinishResponse = func(c *reference.Context, r *reference.Response) {
			finish(c, r)
			r.Header.Set("Date", c.Now().UTC().Format(http.TimeFormat))
		}
	}
	c, err := suite.Find("receiving.signed")
	if err != nil {
		t.Fatal(err)
	}
	judged, err := engine.Judge(t.Context(), broken(dated), []suite.Case{c}, engine.Options{Jobs: 1, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if said := judged.Clock.String(); !strings.Contains(said, "59m59s behind") && !strings.Contains(said, "1h0m0s behind") || judged.Results[0].Verdict != engine.Fail {
		t.Errorf("%s: %q", judged.Results[0].Verdict, said)
	}
}
