//go:build !unix

package launch

import (
	"os"
	"os/exec"
)

// There are no process groups here: only the process itself is killed.
func ownGroup(*exec.Cmd)           {}
func endGroup(leader *os.Process)  { _ = leader.Kill() }
func killGroup(leader *os.Process) { _ = leader.Kill() }

// endedByKill: nothing says so here.
func endedByKill(*os.ProcessState) bool { return false }
