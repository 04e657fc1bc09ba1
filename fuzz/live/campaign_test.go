package live

import (
	"context"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite/longtest"
)

// requests is how many the reference is sent: fewer with the race detector,
// more with COUNTERSIGN_FUZZ_REQUESTS, in a process of its own.
func requests(t *testing.T) uint64 {
	text := os.Getenv("COUNTERSIGN_FUZZ_REQUESTS")
	if text == "" && testing.Short() {
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
func unconfirmed(c Campaign) []Unconfirmed {
	return slices.DeleteFunc(slices.Clone(c.Unconfirmed), func(u Unconfirmed) bool { return u.Class == Slow })
}

func TestNothingIsFoundInTheReference(t *testing.T) {
	t.Parallel()
	started := time.Now()
	c, err := Fuzz(t.Context(), memory(t, ""), Options{Seed: 1, Requests: requests(t), Workers: 2})
	if err != nil || c.Void != "" || c.Incomplete != "" || len(c.Findings) > 0 || len(unconfirmed(c)) > 0 {
		t.Errorf("%v, %+v", err, c)
	}
	if c.Requests < int(requests(t)) || len(c.Bases) != len(allBases) {
		t.Errorf("%d requests from the bases %v", c.Requests, c.Bases)
	}
	t.Logf("%d requests in %s, %d distinct behaviours", c.Requests, time.Since(started).Round(time.Millisecond), c.Behaviours)
}

// Of steps that leave a request valid one by one, two together require no more
// than the reference does.
func TestValidStepsStayValidInPairs(t *testing.T) {
	t.Parallel()
	longtest.Skip(t)
	g := newGenerator(1, scope{bases: allBases})
	valid := map[Step]bool{}
	for index := range uint64(1500) {
		s := g.at(index).Steps[0]
		s.N = min(s.N, 40) // of a large body or a long time there need not be many
		for _, s.Signed = range []bool{false, true} {
			if input(Call, s).build(now()).valid {
				valid[s] = true
			}
		}
	}
	var pairs []Input
	for first := range valid {
		for second := range valid {
			if first.Op != second.Op {
				pairs = append(pairs, input(Call, first, second), input(InBandSync, first, second))
			}
		}
	}
	if len(pairs) < 1000 {
		t.Fatalf("only %d pairs", len(pairs))
	}
	c, err := Fuzz(t.Context(), memory(t, ""), Options{Seed: 1, Requests: 1, Corpus: pairs})
	if err != nil || len(c.Findings) > 0 || len(unconfirmed(c)) > 0 || c.Requests < len(pairs) {
		t.Errorf("%v, %d pairs: %+v", err, len(pairs), c)
	}
}

// found fuzzes a mutant and gives the findings of a class.
func found(t *testing.T, mutant string, class Class, o Options) (all []Finding) {
	t.Helper()
	o.ShrinkFor = time.Minute
	c, err := Fuzz(t.Context(), memory(t, mutant), o)
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
	longtest.Skip(t)
	for mutant, want := range map[string]struct {
		class Class
		steps []Step
	}{
		"future-unbounded":        {FalseAccept, []Step{step("time", "future", 306, true)}},
		"window-of-hours":         {FalseAccept, []Step{step("time", "past", 306, true)}},
		"t-stops-at-text":         {FalseAccept, []Step{step("t", "text following", 0, true)}},
		"absence-is-enough":       {FalseAccept, []Step{step("header", "absent", 0, false)}},
		"body-not-covered":        {FalseAccept, []Step{step("over", "nothing", 0, false)}},
		"window-of-half-a-minute": {FalseReject, []Step{step("time", "past", 45, true)}},
		"sync-tells-the-key":      {Disclosure, []Step{}},
		"steps-not-checkpointed":  {FalseReject, []Step{}},
		"dies-of-byte-order-mark": {Crash, []Step{step("break", "mark before", 0, false)}},
		"raw-key-as-bearer":       {OutboundMisuse, []Step{}},
	} {
		t.Run(mutant, func(t *testing.T) {
			t.Parallel()
			all := found(t, mutant, want.class, Options{Seed: 5, Requests: 4000})
			for _, f := range all {
				if reflect.DeepEqual(f.Input.Steps, want.steps) || len(f.Input.Steps)+len(want.steps) == 0 {
					return
				}
			}
			for _, f := range all {
				t.Errorf("found %s: %s", f.Input, f.Observed)
			}
			t.Errorf("not among %d findings: %v", len(all), want.steps)
		})
	}
}

func TestOneBehaviourIsOneFinding(t *testing.T) {
	t.Parallel()
	longtest.Skip(t)
	if all := found(t, "future-unbounded", FalseAccept, Options{Seed: 5, Requests: 6000}); len(all) != 1 || len(all[0].AlsoOn) < 2 {
		t.Errorf("%d findings: %+v", len(all), all)
	}
}

func TestADeadTargetIsStartedAgain(t *testing.T) {
	t.Parallel()
	longtest.Skip(t)
	all := found(t, "panics-on-a-wrong-mac", Crash, Options{Seed: 5, Requests: 2000})
	if len(all) == 0 || !strings.HasPrefix(all[0].Observed, targetDied) {
		t.Errorf("%+v", all)
	}
}

func TestACampaignIsVoidWhereNothingIsAccepted(t *testing.T) {
	c, err := Fuzz(t.Context(), memory(t, "key-decoded"), Options{Seed: 1, Requests: 100})
	if err != nil || len(c.Findings) > 0 && c.Void != "" {
		t.Errorf("%v: %+v", err, c)
	}
	c, err = Fuzz(t.Context(), memory(t, "answers-302"), Options{Seed: 1, Requests: 100})
	if err != nil || c.Void == "" || len(c.Findings) > 0 {
		t.Errorf("%v: %+v", err, c)
	}
}

func TestShardsDrawEveryIndex(t *testing.T) {
	t.Parallel()
	total := uint64(0)
	for shard := uint64(1); shard <= 3; shard++ {
		c, err := Fuzz(t.Context(), memory(t, ""), Options{Seed: 1, Requests: 1000, Shard: shard, Shards: 3})
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
	kept := []Input{input(Call, step("time", "far future", 86400, true)), {Base: Probe, Steps: []Step{step("t", "NaN", 0, true)}}}
	c, err := Fuzz(t.Context(), memory(t, "future-unbounded"), Options{Seed: 1, Requests: 1, Corpus: kept})
	if err != nil || len(c.Findings) != 1 {
		t.Errorf("%v: %+v", err, c.Findings)
	}
}

// A violation that is seen before time is over is investigated after it. The clock
// advances by a millisecond each time that it is read.
func TestTimeEndsDrawing(t *testing.T) {
	var read atomic.Int64
	var announced []string
	c, err := Fuzz(t.Context(), memory(t, "absence-is-enough"), Options{
		Seed: 1, For: 600 * time.Millisecond, ShrinkFor: time.Hour,
		Found: func(f Finding) { announced = append(announced, f.Name()) },
		clock: func() time.Time { return time.UnixMilli(read.Add(1)) },
	})
	if err != nil || len(c.Findings) == 0 || c.Indexes == 0 || c.Indexes > 600 {
		t.Fatalf("%v, %+v", err, c)
	}
	for _, f := range c.Findings {
		if !slices.Contains(announced, f.Name()) {
			t.Errorf("%s was not announced", f.Name())
		}
	}
}

func TestACampaignCanBeInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, err := Fuzz(ctx, memory(t, ""), Options{Seed: 1, Watch: func(Progress) { cancel() }})
	if err != nil || c.Requests == 0 || c.Void != "" {
		t.Errorf("%v, %+v", err, c)
	}
}

// An input that does not fit the target is skipped; those after it are not.
func TestACorpusMayNotFit(t *testing.T) {
	lab := memory(t, "future-unbounded")
	corpus := []Input{{Base: "from another version"}, input(Call, step("time", "far future", 86400, true))}
	c, err := Fuzz(t.Context(), lab, Options{Seed: 1, Requests: 1, Corpus: corpus})
	if err != nil || len(c.Findings) != 1 {
		t.Errorf("%v: %+v", err, c.Findings)
	}
}
