package launch

import (
	"bufio"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// tables are the kernel's tables of TCP sockets. Those that listen come first.
var tables = []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"}

// eachListener calls a function for every socket that listens; known is false where
// the system does not list them.
func eachListener(do func(socket)) (known bool) {
	var found []socket
	if queryListeners(func(s socket) { found = append(found, s) }) != nil { // some sandboxes forbid it
		return readListeners(do)
	}
	for _, s := range found {
		do(s)
	}
	return true
}

// readListeners reads the tables. It reads no farther than the sockets that listen:
// the rest may be thousands of closed connections.
func readListeners(do func(socket)) (known bool) {
	for _, table := range tables {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		known = true
		lines := bufio.NewScanner(file)
		for lines.Scan(); lines.Scan(); { // after the head
			s, listens := parseListener(lines.Text())
			if !listens {
				break
			}
			do(s)
		}
		_ = file.Close()
	}
	return known
}

// socketsAt returns the sockets that receive the connections to a port of 127.0.0.1;
// known is false where the system does not say.
func socketsAt(port string) (reached []socket, known bool) {
	best := unreached
	known = eachListener(func(s socket) {
		switch how := s.reachedAt(port); {
		case how > best:
			reached, best = []socket{s}, how
		case how == best && how != unreached:
			reached = append(reached, s)
		}
	})
	slices.SortFunc(reached, func(a, b socket) int { return strings.Compare(a.inode, b.inode) })
	return reached, known
}

// listeners returns the TCP addresses that processes listen on, by PID; known is
// false where the system does not say.
func listeners() (by map[int][]string, known bool) {
	addresses := map[string]string{} // by inode
	known = eachListener(func(s socket) { addresses[s.inode] = s.address })
	by = map[int][]string{}
	for _, pid := range allProcesses() {
		held, _ := socketsOf(pid)
		for _, inode := range held {
			if address, listens := addresses[inode]; listens && !slices.Contains(by[pid], address) {
				by[pid] = append(by[pid], address)
			}
		}
	}
	return by, known
}

// parseListener reads a line of the kernel's table of TCP sockets.
func parseListener(line string) (s socket, listens bool) {
	const (
		local, state, user, node = 1, 3, 7, 9 // columns
		listening                = "0A"
	)
	columns := strings.Fields(line)
	if len(columns) <= node || columns[state] != listening {
		return socket{}, false
	}
	host, port, _ := strings.Cut(columns[local], ":")
	number, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return socket{}, false
	}
	address := net.JoinHostPort(parseIP(host), strconv.FormatUint(number, 10))
	return socket{address, columns[node], columns[user] == strconv.Itoa(os.Getuid())}, true
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

// socketsOf returns the inodes of the sockets that a process holds; readable is
// false where it does not show them to this user.
func socketsOf(pid int) (inodes []string, readable bool) {
	folder := procFile(pid, "fd")
	files, err := os.ReadDir(folder)
	for _, file := range files {
		target, err := os.Readlink(filepath.Join(folder, file.Name()))
		if inode, is := strings.CutPrefix(target, "socket:["); is && err == nil {
			inodes = append(inodes, strings.TrimSuffix(inode, "]"))
		}
	}
	return inodes, !errors.Is(err, fs.ErrPermission)
}

// holderOf finds a process that holds a socket, among those of this user.
func holderOf(s socket) (pid int, found bool) {
	for _, pid := range allProcesses() {
		if held, _ := socketsOf(pid); slices.Contains(held, s.inode) {
			return pid, true
		}
	}
	return 0, false
}
