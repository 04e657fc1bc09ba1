package rotate

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/countersign-dev/countersign/runner/page"
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

func TestInterruptedDrillsEnd(t *testing.T) {
	t.Parallel()
	lab := embedded(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	o := short
	o.Watch = func(string, ...any) {
		cancel()
	}
	if _, err := runDrill(ctx, lab, o); !errors.Is(err, context.Canceled) {
		t.Errorf("want it interrupted, got %v", err)
	}
}
