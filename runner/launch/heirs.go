package launch

import (
	"net"
	"sync/atomic"
	"time"
)

// heirs are the processes of a target that go on when its start command has
// exited with success, as that of a daemon does. They are known on Linux only. The
// zero value has none.
type heirs struct {
	mark    string // a variable, "NAME=value", that only this target's processes have
	address string // where the target listens
	ready   *atomic.Bool
	took    *atomic.Bool // over: the start command has exited
}

// heirPause is how often heirs are looked for, well below the time limit for a death.
const heirPause = 100 * time.Millisecond

func heirsAt(address, mark string) heirs {
	return heirs{mark: mark, address: address, ready: &atomic.Bool{}, took: &atomic.Bool{}}
}

// follow waits as long as there are heirs of a leader that has exited, and reports
// whether there were any.
func (h heirs) follow(leader int) bool {
	if h.mark == "" || !h.there(leader) {
		return false
	}
	h.took.Store(true)
	for h.there(leader) {
		time.Sleep(heirPause)
	}
	return true
}

// there: some process of the target is left, and once the target has responded one
// that listens in its place. A helper that is left behind is no target.
func (h heirs) there(leader int) bool {
	left := append(inGroup(leader), orphans(h.mark)...)
	if len(left) == 0 || !h.ready.Load() {
		return len(left) > 0
	}
	_, port, _ := net.SplitHostPort(h.address)
	by, known := listeners()
	found := Sockets{Known: known}
	for _, pid := range left {
		found.Own = append(found.Own, by[pid]...)
	}
	return found.Serves(port)
}

// end terminates the heirs that took over, and kill kills them.
func (h heirs) end() {
	if h.took != nil && h.took.Load() {
		endOrphans(h.mark)
	}
}

func (h heirs) kill() {
	if h.took != nil && h.took.Load() {
		killOrphans(h.mark)
	}
}
