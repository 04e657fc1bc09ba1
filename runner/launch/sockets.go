package launch

import (
	"net"
	"slices"
)

// socket is a TCP socket that listens.
type socket struct {
	address string // "127.0.0.1:4711"
	inode   string // its number, while it exists
	own     bool   // it was opened by a process of this user
}

// reach is how exactly a socket's address is the one that is connected to. A
// connection is received by the socket with the most exact address; several with
// the same one share the connections.
type reach int

const (
	unreached reach = iota
	byAnyAddress
	byAnyIPv4Address
	byItsAddress
)

// reachedAt says how connections to a port of 127.0.0.1 reach the socket.
func (s socket) reachedAt(port string) reach {
	host, at, err := net.SplitHostPort(s.address)
	if err != nil || at != port {
		return unreached
	}
	return map[string]reach{loopback: byItsAddress, "0.0.0.0": byAnyIPv4Address, "::": byAnyAddress}[host]
}

// Sockets says on which addresses a target and its children listen, and who else
// listens on its port.
type Sockets struct {
	Known bool // false where the system does not say
	Own   []string
	Other string // another process that listens on the target's port; empty where none does
}

// Serves reports whether one of the target's own sockets is at an address on
// loopback with a port.
func (s Sockets) Serves(port string) bool {
	return slices.ContainsFunc(s.Own, func(address string) bool { return serves(address, port) })
}

// serves reports whether who listens on an address is reached at a port of
// 127.0.0.1.
func serves(address, port string) bool { return socket{address: address}.reachedAt(port) != unreached }
