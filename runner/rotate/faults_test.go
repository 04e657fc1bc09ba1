package rotate

import (
	"context"
	"encoding/xml"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// faulty is a lab whose n-th process does not start or exits.
type faulty struct {
	*inprocess.Lab
	notStarted, dead int
	mu               sync.Mutex
	started          int
}

func (l *faulty) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.started++
	if l.started == l.notStarted {
		return nil, &engine.StartError{Reason: "it gave up", Output: "no such module"}
	}
	target, err := l.Lab.Start(ctx, s)
	if l.started == l.dead {
		target.Stop()
	}
	return target, err
}

func TestProcessesThatDoNotStart(t *testing.T) {
	t.Parallel()
	for notStarted, stage := range map[int]int{1: 0, 2: 1, 3: 3} {
		_, err := runDrill(t.Context(), &faulty{Lab: embedded(t, nil), notStarted: notStarted}, short)
		var at *stageError
		if !errors.As(err, &at) || at.Stage != stage || at.Output() != "no such module" {
			t.Errorf("process %d: %v", notStarted, err)
		}
	}
}

func TestAProcessThatDiesRefusesWhatIsAuthentic(t *testing.T) {
	t.Parallel()
	r := drillOf(t, &faulty{Lab: embedded(t, nil), dead: 2})
	r.want(t, page.ExitViolates, authentic, 1, 2)
	if sum := r.Stages[1].Counts[kindUnknown]; sum.NoResponse == 0 {
		t.Errorf("forged requests to a dead process: %+v", sum)
	}
}

func TestDrillsThatAreInterruptedAtOnceHaveNoResult(t *testing.T) {
	t.Parallel()
	if _, err := interrupted(t, embedded(t, nil), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("want it interrupted, got %v", err)
	}
}

// interrupted is a drill that is interrupted when a stage begins.
func interrupted(t *testing.T, lab engine.Lab, at int) (Rotation, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o, stage := short, 0
	o.Watch = func(string, ...any) {
		if stage == at {
			cancel()
		}
		stage++
	}
	return runDrill(ctx, lab, o)
}

// What an interrupted drill has seen is kept, and nothing is concluded from what it has
// not.
func TestInterruptedDrillsKeepWhatWasSeen(t *testing.T) {
	t.Parallel()
	lenient := func(e *reference.Endpoint) {
		e.Match = func(reference.Key, []byte, string, [32]byte) bool { return true }
	}
	for at := 1; at <= after; at++ {
		r, err := interrupted(t, embedded(t, nil), at)
		if err != nil {
			t.Fatal(err)
		}
		wantIncomplete(t, r, at)
		if r.Conclusion.ExitCode != page.ExitCouldNotJudge || r.Conclusion.Verdict != "could not judge" || anything(r.Totals) > 0 {
			t.Errorf("stage %d: %+v %+v", at, r.Conclusion, r.Totals)
		}
		r, err = interrupted(t, embedded(t, lenient), at)
		if err != nil {
			t.Fatal(err)
		}
		wantIncomplete(t, r, at)
		if r.Conclusion.ExitCode != page.ExitViolates || r.Totals.ForgedAccepted == 0 {
			t.Errorf("stage %d: %+v %+v", at, r.Conclusion, r.Totals)
		}
	}
}

func wantIncomplete(t *testing.T, r Rotation, at int) {
	t.Helper()
	if !strings.HasPrefix(r.Incomplete, "interrupted at stage ") || !strings.HasSuffix(r.Conclusion.Why, "incomplete: "+r.Incomplete) {
		t.Errorf("it does not say that it is incomplete: %q, %q", r.Incomplete, r.Conclusion.Why)
	}
	if n := len(r.Stages); n < at || n > at+1 || len(r.Requests) < at*short.Per || r.Stages[0].Totals.Authentic == 0 {
		t.Errorf("%d stages, %d requests", n, len(r.Requests))
	}
	for _, p := range r.Processes {
		if p.StoppedMS == 0 || p.LeftMS == 0 {
			t.Errorf("process %d: %+v", p.Number, p)
		}
	}
	r.Target = report.Target{Name: "reference", Version: "1.0.0", Kind: report.Embedded}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(written(t, "json", r)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema(t).Validate(document); err != nil {
		t.Error(err)
	}
	delete(document.(map[string]any), "incomplete")
	if len(r.Stages) < len(stages) && schema(t).Validate(document) == nil {
		t.Error("a stage is missing, and the schema does not ask why")
	}
	if err := xml.Unmarshal([]byte(written(t, "svg", r)), new(struct{})); err != nil {
		t.Error(err)
	}
	if !strings.Contains(written(t, "html", r), "ncomplete: interrupted at stage") {
		t.Error("the page does not say that it is incomplete")
	}
	var out strings.Builder
	if err := Text(&out, r, page.Style{}); err != nil || !strings.Contains(strings.Join(strings.Fields(out.String()), " "), "ncomplete: interrupted at stage") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
