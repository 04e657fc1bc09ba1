package live

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// unstable is a lab whose targets take time by a clock of their own, and respond
// differently now and then.
type unstable struct {
	engine.Lab
	clock *time.Time
	every int // one in so many rejections becomes a success
	sent  *int
}

func (u unstable) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	t, err := u.Lab.Start(ctx, s)
	return unstableTarget{t, u}, err
}

type unstableTarget struct {
	engine.Target
	lab unstable
}

func (t unstableTarget) Send(ctx context.Context, r suite.Request) (suite.Response, error) {
	size := time.Duration(len(r.Body))
	*t.lab.clock = t.lab.clock.Add(size * size * time.Microsecond / 10)
	*t.lab.sent++
	response, err := t.Target.Send(ctx, r)
	if t.lab.every > 0 && *t.lab.sent%t.lab.every == 0 && response.Status >= 400 {
		response.Status = 200
	}
	return response, err
}

func unstableLab(t *testing.T, every int) unstable {
	start := time.Unix(0, 0)
	return unstable{memory(t, ""), &start, every, new(int)}
}

func TestQuadraticTimeIsSlow(t *testing.T) {
	t.Parallel()
	longtest.Skip(t)
	lab := unstableLab(t, 0)
	c, err := Fuzz(t.Context(), lab, Options{Seed: 1, Requests: 3000, ShrinkFor: time.Hour, clock: func() time.Time { return *lab.clock }})
	if err != nil || len(c.Findings) == 0 || c.Findings[0].Class != Slow {
		t.Errorf("%v: %+v", err, c.Findings)
	}
}

func TestAnUnstableTargetIsNonDeterminism(t *testing.T) {
	lab := unstableLab(t, 3)
	clock := func() time.Time { return time.Unix(0, 0) }
	c, err := Fuzz(t.Context(), lab, Options{Seed: 1, Requests: 300, maxFindings: 3, clock: clock})
	if err != nil || len(c.Findings) == 0 || c.Findings[0].Class != Undetermined {
		t.Errorf("%v: %+v", err, c.Findings)
	}
}

// hiccup lets a single unsigned call in, and none after it.
func hiccup(t *testing.T) inprocess.Memory {
	lab, before := memory(t, ""), false
	lab.Break = func(e *reference.Endpoint) {
		policy := e.Policy
		e.Policy = func(r *http.Request, body []byte, mode reference.Mode) reference.VerificationPolicy {
			if !before && r.Method == http.MethodPost && r.Header.Get(reference.HeaderSignature) == "" {
				before = true
				return reference.Ignored
			}
			return policy(r, body, mode)
		}
	}
	return lab
}

func TestWhatIsSeenOnceIsUnconfirmed(t *testing.T) {
	c, err := Fuzz(t.Context(), hiccup(t), Options{Seed: 1, Requests: 500})
	if err != nil || len(c.Findings) > 0 || len(c.Unconfirmed) != 1 {
		t.Fatalf("%v, %+v", err, c)
	}
	if s := c.Unconfirmed[0]; !s.Serious() || s.Class != FalseAccept || s.Reason != "it was not observed again" {
		t.Errorf("%+v", s)
	}
}

// A connection that is lost once is no crash; a target that ended once is one.
func TestLostConnectionsAreNotSerious(t *testing.T) {
	for observed, want := range map[string]bool{
		noResponse: false, notArrived + "unexpected EOF": false, targetDied + ": signal: killed": true, "an exception left the SDK": true,
	} {
		if got := (Unconfirmed{Class: Crash, Observed: observed}).Serious(); got != want {
			t.Errorf("%q: serious is %v", observed, got)
		}
	}
}
