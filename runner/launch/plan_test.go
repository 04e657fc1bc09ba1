package launch

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// mostAgain is how many requests of a run a busy machine may have sent again, and
// how many calls more it may accept.
const mostAgain = 6

// The plan is what is then sent to an endpoint that behaves like the reference.
func TestPlanIsWhatIsSent(t *testing.T) {
	t.Parallel()
	cases := suite.Catalogue()
	if testing.Short() {
		cases = tier(suite.Default)
	}
	for name, test := range map[string]struct {
		setup   suite.Setup
		options AttachOptions
		says    string
	}{
		"one key":         {suite.Setup{}, AttachOptions{}, "no PUT"},
		"a function":      {suite.Setup{}, AttachOptions{Function: suite.EchoID}, "calls of the function that may run"},
		"both, with sync": {suite.Setup{Fallback: suite.Present}, AttachOptions{AllowSync: true}, "syncs (PUT)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := endpoint(t, test.setup, nil, nil)
			plan, err := Plan(t.Context(), cases, judging, found.keys, test.options)
			if err != nil {
				t.Fatal(err)
			}
			if len(found.heard) > 0 {
				t.Errorf("the plan alone has sent %v", found.heard)
			}
			lab := found.attach(t, test.options)
			judge(t, lab, cases)
			again := len(found.heard) - plan.Requests() // what was too slow on a busy machine is sent again
			if again < 0 || again > mostAgain {
				t.Errorf("the endpoint received %d requests, want %d", len(found.heard), plan.Requests())
			}
			if found.ran < plan.Runs || found.ran > plan.Runs+mostAgain { // a call from the future that arrives late is accepted
				t.Errorf("the function ran %d times, planned %d", found.ran, plan.Runs)
			}
			sent := lab.Traffic()
			if sent.Runs = plan.Runs; again == 0 && !reflect.DeepEqual(sent, plan) {
				t.Errorf("sent %v, planned %v", sent, plan)
			}
			if !strings.Contains(plan.String(), test.says) {
				t.Errorf("the plan is %q", plan)
			}
		})
	}
}

// An error of Before ends it before anything is sent.
func TestBeforeComesFirst(t *testing.T) {
	t.Parallel()
	found, stop := endpoint(t, suite.Setup{}, nil, nil), errors.New("stop")
	_, err := Attach(t.Context(), found.url, found.keys, AttachOptions{Before: func() error { return stop }})
	if !errors.Is(err, stop) || len(found.heard) > 0 {
		t.Errorf("error %v, received %v", err, found.heard)
	}
}

// No more requests are sent than the rate allows: this takes a second at least.
func TestRateIsALimit(t *testing.T) {
	t.Parallel()
	const rate, requests = 20, 21
	started := time.Now()
	lab := endpoint(t, suite.Setup{}, nil, nil).attach(t, AttachOptions{Rate: rate})
	for lab.Traffic().Requests() < requests {
		if _, err := lab.place.do(t.Context(), lab.place.plain("GET")); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(started); took < time.Second*(requests-1)/rate {
		t.Errorf("%d requests took %s at %d per second", requests, took, rate)
	}
}
