package launch

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

const loopback = "127.0.0.1"

// Ports of targets are below the ephemeral ports that systems assign: a program
// that listens on any port, or dials, could otherwise take a target's port before
// the target does, and respond in its place.
const (
	firstPort, ports = 20_000, 12_000
	portTries        = 100
)

// leasePort finds a port on loopback on which nothing listens, and reserves it: no
// other run on this machine chooses it until release is called.
func leasePort() (port string, release func(), err error) {
	var last error
	for range portTries {
		port := strconv.Itoa(firstPort + rand.IntN(ports))
		release, err := reservePort(port)
		if err != nil { // another run has it
			last = err
			continue
		}
		if err := isFree(port); err != nil {
			release()
			last = err
			continue
		}
		return port, release, nil
	}
	return "", nil, fmt.Errorf("finding a free port: %w", last)
}

// reservePort takes the lock of a port. Where no locks can be kept nothing is
// reserved; whose socket it is that responds is checked in any case.
func reservePort(port string) (release func(), err error) {
	folder := filepath.Join(os.TempDir(), "countersign-ports") // of all users
	if os.MkdirAll(folder, 0o777) != nil {
		return func() {}, nil
	}
	_ = os.Chmod(folder, 0o777|os.ModeSticky) // only its owner can
	name := lockName(filepath.Join(folder, port))
	unlock, err := tryLock(name, exclusive)
	if err != nil {
		return nil, fmt.Errorf("reserving port %s: %w", port, err)
	}
	return func() {
		_ = os.Remove(name)
		unlock()
	}, nil
}

// isFree reports whether nothing listens on a port, at either loopback address: some
// targets listen on "localhost".
func isFree(port string) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, port))
	if err != nil {
		return err
	}
	if err := listener.Close(); err != nil {
		return err
	}
	if six, err := net.Dial("tcp", net.JoinHostPort("::1", port)); err == nil {
		_ = six.Close()
		return fmt.Errorf("something listens on [::1]:%s", port)
	}
	return nil
}
