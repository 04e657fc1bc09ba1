package launch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
)

// The kernel's protocol for queries about sockets (sock_diag(7)).
const (
	netlinkSockDiag    = 4
	sockDiagByFamily   = 20
	tcpListen          = 10
	diagRequestLength  = 56
	diagResponseLength = 72
)

var errNotSaid = errors.New("the kernel does not say")

// queryListeners asks the kernel for the sockets that listen. Unlike the tables in
// /proc this takes no longer where there are thousands of connections.
func queryListeners(do func(socket)) error {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, netlinkSockDiag)
	if err != nil {
		return fmt.Errorf("asking who listens: %w", err)
	}
	defer func() { _ = syscall.Close(fd) }()
	for _, family := range []byte{syscall.AF_INET, syscall.AF_INET6} {
		if err := queryFamily(fd, family, do); err != nil {
			return fmt.Errorf("asking who listens: %w", err)
		}
	}
	return nil
}

func queryFamily(fd int, family byte, do func(socket)) error {
	order := binary.NativeEndian
	request := make([]byte, syscall.NLMSG_HDRLEN+diagRequestLength)
	order.PutUint32(request, uint32(len(request)))
	order.PutUint16(request[4:], sockDiagByFamily)
	order.PutUint16(request[6:], syscall.NLM_F_REQUEST|syscall.NLM_F_DUMP)
	request[syscall.NLMSG_HDRLEN] = family
	request[syscall.NLMSG_HDRLEN+1] = syscall.IPPROTO_TCP
	order.PutUint32(request[syscall.NLMSG_HDRLEN+4:], 1<<tcpListen)
	if err := syscall.Sendto(fd, request, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return err
	}
	received := make([]byte, 4*os.Getpagesize())
	for {
		n, _, err := syscall.Recvfrom(fd, received, 0)
		if err != nil {
			return err
		}
		messages, err := syscall.ParseNetlinkMessage(received[:n])
		if err != nil {
			return err
		}
		for _, m := range messages {
			switch {
			case m.Header.Type == syscall.NLMSG_DONE:
				return nil
			case m.Header.Type == syscall.NLMSG_ERROR:
				return errNotSaid
			case len(m.Data) >= diagResponseLength:
				do(parseDiag(m.Data))
			}
		}
	}
}

// parseDiag reads a struct inet_diag_msg.
func parseDiag(data []byte) socket {
	const address, port, user, inode = 8, 4, 64, 68 // where its members begin
	ip := net.IP(data[address : address+net.IPv6len])
	if data[0] == syscall.AF_INET {
		ip = ip[:net.IPv4len]
	}
	order := binary.NativeEndian
	return socket{
		address: net.JoinHostPort(ip.String(), strconv.Itoa(int(binary.BigEndian.Uint16(data[port:])))),
		inode:   strconv.Itoa(int(order.Uint32(data[inode:]))),
		own:     int(order.Uint32(data[user:])) == os.Getuid(),
	}
}
