package launch

import "sync"

// outputCap is how much of a process's output is kept: its end.
const outputCap = 64 << 10

// ring keeps the end of what is written to it.
type ring struct {
	mu   sync.Mutex
	kept []byte
	lost bool // something before it was dropped
}

func (r *ring) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept, p[max(0, len(p)-outputCap):]...)
	if excess := len(r.kept) - outputCap; excess > 0 || len(p) > outputCap {
		r.kept = append(r.kept[:0], r.kept[max(0, excess):]...)
		r.lost = true
	}
	return len(p), nil
}

// String is what was kept, with a sign where something was dropped.
func (r *ring) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost {
		return "[…]" + string(r.kept)
	}
	return string(r.kept)
}
