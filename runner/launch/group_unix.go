//go:build unix

package launch

import (
	"os"
	"syscall"
)

// endGroup terminates every process of a group; killGroup kills it.
func endGroup(leader *os.Process)  { _ = syscall.Kill(-leader.Pid, syscall.SIGTERM) }
func killGroup(leader *os.Process) { _ = syscall.Kill(-leader.Pid, syscall.SIGKILL) }
