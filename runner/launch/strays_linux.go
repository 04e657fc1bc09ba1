package launch

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// strayRounds is how often strays are looked for: one may start another while
// it is being ended.
const strayRounds = 3

// killStrays ends the processes that left their group, as daemons do. They are
// known by a variable, "NAME=value", that only one target's processes were given.
func killStrays(variable string) {
	for range strayRounds {
		found := strays(variable)
		if len(found) == 0 {
			return
		}
		for _, pid := range found {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// strays are the processes of this user that hold a variable.
func strays(variable string) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // without /proc none are found
	var pids []int
	for _, file := range files {
		environment, err := os.ReadFile(file)
		if err != nil { // it has ended, or is somebody else's
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
