package launch

import (
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// listeners returns the TCP addresses that processes listen on, by PID; known is
// false where the system does not say.
func listeners() (by map[int][]string, known bool) {
	sockets := map[string]string{} // the address of each, by the number of its inode
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		known = true
		for line := range strings.Lines(string(text)) {
			if address, inode, is := parseListener(line); is {
				sockets[inode] = address
			}
		}
	}
	return owners(sockets), known
}

// parseListener reads a line of the kernel's table of TCP sockets.
func parseListener(line string) (address, inode string, is bool) {
	const (
		local, state, node = 1, 3, 9 // columns
		listens            = "0A"
	)
	columns := strings.Fields(line)
	if len(columns) <= node || columns[state] != listens {
		return "", "", false
	}
	host, port, _ := strings.Cut(columns[local], ":")
	number, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return "", "", false
	}
	return net.JoinHostPort(parseIP(host), strconv.FormatUint(number, 10)), columns[node], true
}

// parseIP reads an address that is written as words of four bytes, each in the
// order of the machine, which is little-endian on all that Go has a Linux port
// for and people develop on.
func parseIP(text string) string {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw)%4 != 0 {
		return text
	}
	for word := range slices.Chunk(raw, 4) {
		slices.Reverse(word)
	}
	return net.IP(raw).String()
}

// owners finds the processes of this user that hold sockets.
func owners(sockets map[string]string) map[int][]string {
	by := map[int][]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*") // those of other users are not listed
	for _, file := range files {
		target, err := os.Readlink(file)
		if err != nil {
			continue
		}
		inode, is := strings.CutPrefix(target, "socket:[")
		address, listens := sockets[strings.TrimSuffix(inode, "]")]
		if pid, err := strconv.Atoi(strings.Split(file, "/")[2]); is && listens && err == nil && !slices.Contains(by[pid], address) {
			by[pid] = append(by[pid], address)
		}
	}
	return by
}

// commandOf names a process: "node (PID 42)".
func commandOf(pid int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return fmt.Sprintf("PID %d", pid)
	}
	return fmt.Sprintf("%s (PID %d)", strings.TrimSpace(string(name)), pid)
}

// inGroup returns the PIDs of a process group.
func inGroup(leader int) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	var pids []int
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ") // the command stands in parentheses
		if columns := strings.Fields(rest); len(columns) > 2 && columns[2] == strconv.Itoa(leader) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
