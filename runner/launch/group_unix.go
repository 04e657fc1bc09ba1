//go:build unix

package launch

import (
	"os"
	"syscall"
)

// endGroup terminates every process of a group; killGroup kills it.
func endGroup(leader *os.Process)  { _ = syscall.Kill(-leader.Pid, syscall.SIGTERM) }
func killGroup(leader *os.Process) { _ = syscall.Kill(-leader.Pid, syscall.SIGKILL) }

// endedByKill reports whether a process was killed by SIGKILL.
func endedByKill(state *os.ProcessState) bool {
	if state == nil {
		return false
	}
	status, is := state.Sys().(syscall.WaitStatus)
	return is && status.Signaled() && status.Signal() == syscall.SIGKILL
}
