package launch

import (
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Process is a target in a process of its own, as a [Lab] starts it.
type Process interface {
	engine.Target
	// Sockets says who listens where.
	Sockets() Sockets
	// Output is the last lines that it wrote, secrets replaced.
	Output() string
	// Ending says how the process ended, after [engine.Target.Stop].
	Ending() Ending
}

// Ending says how a target ended.
type Ending struct {
	How     string // "exited with status 0"
	Killed  bool   // it did not end when it was terminated
	Left    int    // processes that it started and left running
	Holding bool   // something still listens on its port
}

// Sockets says who listens where.
func (t *launched) Sockets() Sockets {
	by, known := listeners()
	found := Sockets{Known: known}
	_, port, _ := net.SplitHostPort(t.Host())
	ours := t.pids()
	for pid, addresses := range by {
		switch {
		case slices.Contains(ours, pid):
			found.Own = append(found.Own, addresses...)
		case slices.ContainsFunc(addresses, func(address string) bool { return serves(address, port) }):
			found.Other = commandOf(pid)
		}
	}
	slices.Sort(found.Own)
	return found
}

// pids are the processes of a target, its children included.
func (t *launched) pids() []int {
	return append(inGroup(t.process.command.Process.Pid), orphans(t.mark())...)
}

// mark is a variable that only this target's processes have.
func (t *launched) mark() string { return suite.EnvBeacon + "=" + t.api.BeaconURL() }

// countLeft is how many processes have left the target's group and still run. What
// is in the group is being killed.
func (t *launched) countLeft() int {
	group := inGroup(t.process.command.Process.Pid)
	return len(slices.DeleteFunc(orphans(t.mark()), func(pid int) bool { return slices.Contains(group, pid) }))
}

// Output is the last lines that the target wrote, secrets replaced.
func (t *launched) Output() string {
	return engine.Redact(t.lab.keys, lastLines(t.process.output.String()))
}

// Ending says how the process ended, after Stop.
func (t *launched) Ending() Ending {
	e := Ending{How: t.process.died(), Left: t.left}
	e.Killed = e.How == "" || strings.HasSuffix(e.How, syscall.SIGKILL.String())
	if connection, err := net.DialTimeout("tcp", t.Host(), limits.Ready); err == nil {
		_ = connection.Close()
		e.Holding = true
	}
	return e
}
