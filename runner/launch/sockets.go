package launch

import "net"

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
