package launch

import (
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// adoption is whether this process is made the parent of the processes that its
// targets leave behind, and the processes that it has started itself.
var adoption struct {
	mu     sync.Mutex
	adopts bool
	ours   map[int]bool
}

// prSetChildSubreaper is an option of prctl(2).
const prSetChildSubreaper = 36

// Adopt makes this process the parent of what its targets leave behind, also of what
// has left its group and cleared its environment, so that it can be found and killed
// when no target runs any more. Only a program that starts no other processes may
// call it.
func Adopt() {
	_, _, failed := syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0)
	adoption.mu.Lock()
	defer adoption.mu.Unlock()
	adoption.adopts, adoption.ours = failed == 0, map[int]bool{}
}

// starts runs what starts a process of ours, and notes its PID.
func starts(start func() (pid int, err error)) error {
	adoption.mu.Lock()
	defer adoption.mu.Unlock()
	pid, err := start()
	if adoption.adopts && err == nil {
		adoption.ours[pid] = true
	}
	return err
}

// ended notes that a process of ours was waited for.
func ended(pid int) {
	adoption.mu.Lock()
	defer adoption.mu.Unlock()
	delete(adoption.ours, pid)
}

// killAdopted kills the processes that this one has adopted, once no process of ours
// runs: which target left them behind is not known.
func killAdopted() {
	adoption.mu.Lock()
	defer adoption.mu.Unlock()
	if !adoption.adopts || len(adoption.ours) > 0 {
		return
	}
	for range orphanRounds {
		found := adopted()
		for _, pid := range found {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		for _, pid := range found {
			reap(pid)
		}
		if len(found) == 0 {
			return
		}
	}
}

// reap waits a while for the end of a process that was killed.
func reap(pid int) {
	for range 100 {
		if gone, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil); gone == pid || err != nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// adopted are the children of this process in other groups.
func adopted() (pids []int) {
	self, group := strconv.Itoa(os.Getpid()), strconv.Itoa(syscall.Getpgrp())
	for _, pid := range allProcesses() {
		if stat := statOf(pid); len(stat) > 0 && stat[statParent] == self && stat[statGroup] != group {
			pids = append(pids, pid)
		}
	}
	return pids
}
