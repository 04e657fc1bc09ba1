package launch

import (
	"os/exec"
	"syscall"
)

// ownGroup puts a command into a process group of its own. The kernel kills it
// when this process ends, however that happens.
func ownGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
