//go:build unix

package launch

import (
	"os"
	"syscall"
)

// endGroup asks every process of a group to end; killGroup does not ask.
func endGroup(leader *os.Process)  { _ = syscall.Kill(-leader.Pid, syscall.SIGTERM) }
func killGroup(leader *os.Process) { _ = syscall.Kill(-leader.Pid, syscall.SIGKILL) }
