package launch

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
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

// beganAt is when a process began, in a form that is only fit to be compared: ticks
// since the system was started, and the start of the system. It is empty where there
// is no such process.
func beganAt(pid int) string {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // without it, nothing is compared
	const start = 19                                          // columns after the command
	columns := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if err != nil || len(columns) <= start || len(boot) == 0 {
		return ""
	}
	return string(columns[start]) + " " + string(bytes.TrimSpace(boot))
}

// killLeftGroup kills a process group whose leader began at a time, or has ended. Its
// number is not given to another process while any process of the group is there.
func killLeftGroup(leader int, since string) {
	_, boot, _ := strings.Cut(since, " ")
	now, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if began := beganAt(leader); leader > 1 && boot == string(bytes.TrimSpace(now)) && (began == since || began == "") {
		for _, pid := range inGroup(leader) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
