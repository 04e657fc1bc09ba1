package launch

import (
	"sync"

	"github.com/countersign-dev/countersign/suite/limits"
)

// tail is a writer that keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
	lost bool // the beginning was dropped
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p[max(0, len(p)-limits.Output):]...)
	if excess := len(t.kept) - limits.Output; excess > 0 || len(p) > limits.Output {
		t.kept = append(t.kept[:0], t.kept[max(0, excess):]...)
		t.lost = true
	}
	return len(p), nil
}

// String is what was kept, after a mark where something was dropped.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost {
		return "[…]" + string(t.kept)
	}
	return string(t.kept)
}
