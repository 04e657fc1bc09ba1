package launch

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// The columns of /proc/PID/stat that are read here, counted from the one behind the
// command (man 5 proc_pid_stat).
const (
	statParent = 1
	statGroup  = 2
	statStart  = 19
)

func procFile(pid int, name string) string { return fmt.Sprintf("/proc/%d/%s", pid, name) }

// allProcesses returns the PIDs of the running processes; without /proc there are
// none.
func allProcesses() []int {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer func() { _ = proc.Close() }() // it was only read
	names, _ := proc.Readdirnames(-1)   // what was read is what there is
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// statOf returns the columns of a process behind its command; none if it has exited.
func statOf(pid int) []string {
	text, err := os.ReadFile(procFile(pid, "stat"))
	columns := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // the command stands in parentheses
	if err != nil || len(columns) <= statStart {
		return nil
	}
	return columns
}

// inGroup returns the PIDs of a process group.
func inGroup(leader int) []int {
	var pids []int
	for _, pid := range allProcesses() {
		if stat := statOf(pid); len(stat) > 0 && stat[statGroup] == strconv.Itoa(leader) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// commandOf names a process: "node (PID 42)".
func commandOf(pid int) string {
	name, err := os.ReadFile(procFile(pid, "comm"))
	if err != nil {
		return fmt.Sprintf("PID %d", pid)
	}
	return fmt.Sprintf("%s (PID %d)", strings.TrimSpace(string(name)), pid)
}

// beganAt is when a process began, in a form that is only fit to be compared: ticks
// since the system was started, and the start of the system. It is empty where there
// is no such process.
func beganAt(pid int) string {
	boot, stat := bootID(), statOf(pid)
	if len(stat) == 0 || boot == "" {
		return ""
	}
	return stat[statStart] + " " + boot
}

// bootID names the start of the system; empty is unknown, and nothing is compared.
func bootID() string {
	text, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // see above
	return string(bytes.TrimSpace(text))
}
