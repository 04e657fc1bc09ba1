package launch

import (
	"os"
	"slices"
	"strings"
	"syscall"
)

// orphanRounds is how often orphans are looked for: one may start another while
// it is being killed.
const orphanRounds = 3

// killOrphans kills the processes that left their group, as daemons do. They are
// recognised by a variable, "NAME=value", that only this target's processes have.
func killOrphans(variable string) {
	for range orphanRounds {
		found := orphans(variable)
		if len(found) == 0 {
			return
		}
		for _, pid := range found {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// endOrphans terminates the processes that left their group.
func endOrphans(variable string) {
	for _, pid := range orphans(variable) {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
}

// orphans returns the PIDs of this user's processes whose environment contains
// variable.
func orphans(variable string) []int {
	var pids []int
	for _, pid := range allProcesses() {
		environment, err := os.ReadFile(procFile(pid, "environ"))
		if err != nil { // it has exited, or is another user's
			continue
		}
		if slices.Contains(strings.Split(string(environment), "\x00"), variable) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// killLeftGroup kills a process group whose leader began at a time, or has ended. Its
// number is not given to another process while any process of the group is there.
func killLeftGroup(leader int, since string) {
	_, boot, _ := strings.Cut(since, " ")
	if began := beganAt(leader); leader > 1 && boot == bootID() && (began == since || began == "") {
		for _, pid := range inGroup(leader) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
