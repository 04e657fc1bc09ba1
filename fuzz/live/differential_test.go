package live_test

import (
	"context"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// requests is how many the reference is sent: fewer with the race detector,
// more with COUNTERSIGN_FUZZ_REQUESTS, in a process of its own.
func requests(t *testing.T) uint64 {
	text := os.Getenv("COUNTERSIGN_FUZZ_REQUESTS")
	if text == "" && raced() {
		return 4000
	}
	if text == "" {
		return 20_000
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// unconfirmed leaves out what was slow once: other work on the machine does that.
// What is slow again and again is a finding.
func unconfirmed(c live.Campaign) []live.Suspicion {
	return slices.DeleteFunc(slices.Clone(c.Unconfirmed), func(s live.Suspicion) bool { return s.Class == live.Slow })
}

func TestNothingIsFoundInTheReference(t *testing.T) {
	started := time.Now()
	c, err := live.Fuzz(t.Context(), memory(t, ""), live.Options{Seed: 1, Requests: requests(t), Workers: 2})
	if err != nil || c.Void != "" || c.Incomplete != "" || len(c.Findings) > 0 || len(unconfirmed(c)) > 0 {
		t.Errorf("%v, %+v", err, c)
	}
	if c.Requests < int(requests(t)) || len(c.Kinds) != len(everyKind) {
		t.Errorf("%d requests of the kinds %v", c.Requests, c.Kinds)
	}
	t.Logf("%d requests in %s, %d ways to behave", c.Requests, time.Since(started).Round(time.Millisecond), c.Interesting)
}

// Steps that leave a request honest one by one are owed no more together than
// the reference gives them.
func TestHonestStepsStayHonestInPairs(t *testing.T) {
	withoutRace(t)
	draws := live.NewDraws(1, live.Limits{Kinds: everyKind})
	honest := map[live.Step]bool{}
	for index := range uint64(1500) {
		s := draws.At(index).Steps[0]
		s.N = min(s.N, 40) // of a large body or a long time there need not be many
		for _, s.Signed = range []bool{false, true} {
			if exchange(live.Call, s).Make(world()).Honest {
				honest[s] = true
			}
		}
	}
	var pairs []live.Exchange
	for first := range honest {
		for second := range honest {
			if first.Op != second.Op {
				pairs = append(pairs, exchange(live.Call, first, second), exchange(live.InBandSync, first, second))
			}
		}
	}
	if len(pairs) < 1000 {
		t.Fatalf("only %d pairs", len(pairs))
	}
	c, err := live.Fuzz(t.Context(), memory(t, ""), live.Options{Seed: 1, Requests: 1, Corpus: pairs})
	if err != nil || len(c.Findings) > 0 || len(unconfirmed(c)) > 0 || c.Requests < len(pairs) {
		t.Errorf("%v, %d pairs: %+v", err, len(pairs), c)
	}
}

// found fuzzes a mutant and gives the findings of a class.
func found(t *testing.T, mutant string, class live.Class, o live.Options) (all []live.Finding) {
	t.Helper()
	o.ShrinkFor = time.Minute
	c, err := live.Fuzz(t.Context(), memory(t, mutant), o)
	if err != nil || c.Void != "" {
		t.Fatalf("%v, void: %q", err, c.Void)
	}
	for _, f := range c.Findings {
		if f.Class == class {
			all = append(all, f)
		}
	}
	return all
}

func TestMutantsAreShrunkToTheirDefect(t *testing.T) {
	withoutRace(t)
	for mutant, want := range map[string]struct {
		class live.Class
		steps []live.Step
	}{
		"future-unbounded":        {live.FalseAccept, []live.Step{step("time", "future", 306, true)}},
		"window-of-hours":         {live.FalseAccept, []live.Step{step("time", "past", 306, true)}},
		"t-stops-at-text":         {live.FalseAccept, []live.Step{step("t", "text behind", 0, true)}},
		"absence-is-enough":       {live.FalseAccept, []live.Step{step("header", "absent", 0, false)}},
		"body-not-covered":        {live.FalseAccept, []live.Step{step("over", "nothing", 0, false)}},
		"window-of-half-a-minute": {live.FalseRefuse, []live.Step{step("time", "past", 45, true)}},
		"dies-of-byte-order-mark": {live.Crash, []live.Step{step("break", "mark before", 0, false)}},
		"raw-key-as-bearer":       {live.OutboundMisuse, []live.Step{step("method", "PUT", 0, false)}},
	} {
		t.Run(mutant, func(t *testing.T) {
			t.Parallel()
			all := found(t, mutant, want.class, live.Options{Seed: 5, Requests: 4000})
			for _, f := range all {
				if reflect.DeepEqual(f.Exchange.Steps, want.steps) || len(f.Exchange.Steps)+len(want.steps) == 0 {
					return
				}
			}
			for _, f := range all {
				t.Errorf("found %s: %s", f.Exchange, f.What)
			}
			t.Errorf("not among %d findings: %v", len(all), want.steps)
		})
	}
}

func TestOneBehaviourIsOneFinding(t *testing.T) {
	withoutRace(t)
	if all := found(t, "future-unbounded", live.FalseAccept, live.Options{Seed: 5, Requests: 6000}); len(all) != 1 || len(all[0].Kinds) < 2 {
		t.Errorf("%d findings: %+v", len(all), all)
	}
}

func TestADeadTargetIsStartedAgain(t *testing.T) {
	all := found(t, "panics-on-a-wrong-mac", live.Crash, live.Options{Seed: 5, Requests: 2000})
	if len(all) == 0 || !strings.Contains(all[0].What, "died") {
		t.Errorf("%+v", all)
	}
}

func TestWhatAcceptsNothingIsVoid(t *testing.T) {
	c, err := live.Fuzz(t.Context(), memory(t, "key-decoded"), live.Options{Seed: 1, Requests: 100})
	if err != nil || len(c.Findings) > 0 && c.Void != "" {
		t.Errorf("%v: %+v", err, c)
	}
	c, err = live.Fuzz(t.Context(), memory(t, "answers-302"), live.Options{Seed: 1, Requests: 100})
	if err != nil || c.Void == "" || len(c.Findings) > 0 {
		t.Errorf("%v: %+v", err, c)
	}
}

func TestShardsMakeTheWhole(t *testing.T) {
	total := uint64(0)
	for shard := uint64(1); shard <= 3; shard++ {
		c, err := live.Fuzz(t.Context(), memory(t, ""), live.Options{Seed: 1, Requests: 1000, Shard: shard, Shards: 3})
		if err != nil {
			t.Fatal(err)
		}
		total += c.Indexes
	}
	if total != 1000 {
		t.Errorf("%d of 1000 indexes", total)
	}
}

func TestCorpusIsResumed(t *testing.T) {
	kept := []live.Exchange{exchange(live.Call, step("time", "far future", 86400, true)), {Kind: live.Probe, Steps: []live.Step{step("t", "NaN", 0, true)}}}
	c, err := live.Fuzz(t.Context(), memory(t, "future-unbounded"), live.Options{Seed: 1, Requests: 1, Corpus: kept})
	if err != nil || len(c.Findings) != 1 {
		t.Errorf("%v: %+v", err, c.Findings)
	}
}

// A target that is slow, or answers now so and now so, on a clock of its own.
type odd struct {
	engine.Lab
	clock *time.Time
	every int // every so manieth answer is another one
	sent  *int
}

func (o odd) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	t, err := o.Lab.Start(ctx, s)
	return oddTarget{t, o}, err
}

type oddTarget struct {
	engine.Target
	odd odd
}

func (t oddTarget) Send(ctx context.Context, r suite.Request) (suite.Response, error) {
	size := time.Duration(len(r.Body))
	*t.odd.clock = t.odd.clock.Add(size * size * time.Microsecond / 10)
	*t.odd.sent++
	answer, err := t.Target.Send(ctx, r)
	if t.odd.every > 0 && *t.odd.sent%t.odd.every == 0 && answer.Status >= 400 {
		answer.Status = 200
	}
	return answer, err
}

func oddLab(t *testing.T, every int) odd {
	now := time.Unix(0, 0)
	return odd{memory(t, ""), &now, every, new(int)}
}

func TestQuadraticTimeIsSlow(t *testing.T) {
	withoutRace(t)
	lab := oddLab(t, 0)
	c, err := live.Fuzz(t.Context(), lab, live.Options{Seed: 1, Requests: 3000, ShrinkFor: time.Hour, Clock: func() time.Time { return *lab.clock }})
	if err != nil || len(c.Findings) == 0 || c.Findings[0].Class != live.Slow {
		t.Errorf("%v: %+v", err, c.Findings)
	}
}

func TestNowSoAndNowSoIsNonDeterminism(t *testing.T) {
	lab := oddLab(t, 3)
	clock := func() time.Time { return time.Unix(0, 0) }
	c, err := live.Fuzz(t.Context(), lab, live.Options{Seed: 1, Requests: 300, MostFindings: 3, Clock: clock})
	if err != nil || len(c.Findings) == 0 || c.Findings[0].Class != live.Undetermined {
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

func TestWhatWasSeenOnceIsTold(t *testing.T) {
	c, err := live.Fuzz(t.Context(), hiccup(t), live.Options{Seed: 1, Requests: 500})
	if err != nil || len(c.Findings) > 0 || len(c.Unconfirmed) != 1 {
		t.Fatalf("%v, %+v", err, c)
	}
	if s := c.Unconfirmed[0]; !s.Grave() || s.Class != live.FalseAccept || s.Because != "was not seen again" {
		t.Errorf("%+v", s)
	}
}

// What is found when time is over is looked into: nothing else is drawn.
func TestTimeEndsWhatIsDrawn(t *testing.T) {
	var told []string
	tell := func(f live.Finding) { told = append(told, f.Name()) }
	c, err := live.Fuzz(t.Context(), memory(t, "absence-is-enough"), live.Options{Seed: 1, For: 300 * time.Millisecond, Found: tell})
	if err != nil || len(c.Findings) == 0 || c.Indexes == 0 {
		t.Fatalf("%v, %+v", err, c)
	}
	for _, f := range c.Findings {
		if !slices.Contains(told, f.Name()) {
			t.Errorf("%s was not told", f.Name())
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	stop := func(live.Progress) { cancel() }
	c, err = live.Fuzz(ended, memory(t, ""), live.Options{Seed: 1, Watch: stop})
	if err != nil || c.Requests == 0 || c.Void != "" {
		t.Errorf("interrupted: %v, %+v", err, c)
	}
}
