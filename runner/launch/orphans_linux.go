package launch

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
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

// orphans returns the PIDs of this user's processes whose environment contains
// variable.
func orphans(variable string) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // without /proc there are none
	var pids []int
	for _, file := range files {
		environment, err := os.ReadFile(file)
		if err != nil { // it has exited, or is another user's
			continue
		}
		for line := range bytes.SplitSeq(environment, []byte{0}) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && string(line) == variable {
				pids = append(pids, pid)
				break
			}
		}
	}
	return pids
}
