// Package wire speaks HTTP/1.1 by hand. It writes a request exactly as it is
// given, so that a header can stand twice, in odd case or with a length that is
// a lie, and reads the answer strictly. Every request has a connection of its own.
package wire

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

const (
	// Limit bounds one exchange, from connecting to the end of the answer, where
	// the context sets no nearer limit.
	Limit = 30 * time.Second
	// MaxAnswer is the most that is read of an answer, head and body together.
	MaxAnswer = 8 << 20
	// maxInterim is how many answers of status 1xx may come before the real one.
	maxInterim = 10
)

// Why there is no whole answer. Every error of [Client.Do] wraps one of these,
// or the context's error where the caller gave up.
var (
	ErrConnect   = errors.New("could not connect")
	ErrBrokeOff  = errors.New("the connection ended before a whole answer came")
	ErrMalformed = errors.New("the answer is not well-formed HTTP")
	ErrTimeLimit = errors.New("no whole answer came within the time limit")
	ErrTooLong   = fmt.Errorf("the answer is longer than %d MiB", MaxAnswer>>20)
)

// Client sends requests to one address.
type Client struct {
	Address string      // "127.0.0.1:4711"
	TLS     *tls.Config // nil speaks plain HTTP
}

// Do makes one exchange. ctx limits all of it.
func (c Client) Do(ctx context.Context, r suite.Request) (suite.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()
	conn, err := c.connect(ctx)
	if err != nil {
		return suite.Response{}, c.explain(ctx, r, ErrConnect, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	written := make(chan struct{})
	go func() { // a target may answer, or hang up, before it has read everything
		defer close(written)
		_, _ = conn.Write(Bytes(r)) // what goes wrong here shows in the answer
	}()
	answer, err := read(conn, r.Method)
	_ = conn.Close() // ends the writing, too
	<-written
	if err != nil {
		return suite.Response{}, c.explain(ctx, r, kindOf(err), err)
	}
	return answer, nil
}

func (c Client) connect(ctx context.Context) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.Address)
	if err != nil || c.TLS == nil {
		return conn, err
	}
	secure := tls.Client(conn, c.TLS)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}

// Bytes is a request as it goes over the wire. What its fields leave open is
// added at their end: the body's length and that the connection ends with it.
func Bytes(r suite.Request) []byte {
	var wire bytes.Buffer
	fmt.Fprintf(&wire, "%s %s HTTP/1.1\r\n", r.Method, r.Target)
	for _, field := range r.Header {
		wire.WriteString(field.Name + ": " + field.Value + "\r\n")
	}
	if !names(r.Header, "Content-Length", "Transfer-Encoding") && (len(r.Body) > 0 || usuallyHasBody(r.Method)) {
		fmt.Fprintf(&wire, "Content-Length: %d\r\n", len(r.Body))
	}
	if !names(r.Header, "Connection") {
		wire.WriteString("Connection: close\r\n")
	}
	wire.WriteString("\r\n")
	wire.Write(r.Body)
	return wire.Bytes()
}

func names(fields []suite.Field, wanted ...string) bool {
	for _, field := range fields {
		for _, name := range wanted {
			if strings.EqualFold(field.Name, name) {
				return true
			}
		}
	}
	return false
}

// usuallyHasBody: with these methods a missing body is said, not left out.
func usuallyHasBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// read takes the first answer that is not an interim one.
func read(conn io.Reader, method string) (suite.Response, error) {
	ending := &noticing{Reader: conn}
	limited := &io.LimitedReader{R: ending, N: MaxAnswer}
	buffered := bufio.NewReader(limited)
	for range maxInterim {
		response, err := http.ReadResponse(buffered, &http.Request{Method: method})
		if err != nil && ending.ended && limited.N > 0 {
			return suite.Response{}, io.ErrUnexpectedEOF // half a head reads like a malformed one
		}
		if err != nil {
			return suite.Response{}, tooLong(limited, err)
		}
		if response.StatusCode/100 == 1 && response.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		body, err := io.ReadAll(response.Body)
		if err == nil && limited.N > 0 {
			_, reason, _ := strings.Cut(response.Status, " ")
			return suite.Response{Status: response.StatusCode, Reason: reason, Header: response.Header, Body: body}, nil
		}
		return suite.Response{}, tooLong(limited, err)
	}
	return suite.Response{}, fmt.Errorf("more than %d interim answers", maxInterim)
}

// noticing notices the end of what it reads.
type noticing struct {
	io.Reader
	ended bool
}

func (n *noticing) Read(p []byte) (int, error) {
	read, err := n.Reader.Read(p)
	n.ended = n.ended || errors.Is(err, io.EOF)
	return read, err
}

func tooLong(limited *io.LimitedReader, err error) error {
	if limited.N <= 0 {
		return ErrTooLong
	}
	return err
}

// kindOf names the kind of an error in reading.
func kindOf(err error) error {
	var network *net.OpError
	switch {
	case errors.Is(err, ErrTooLong):
		return ErrTooLong
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrTimeLimit
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &network):
		return ErrBrokeOff
	}
	return ErrMalformed
}

func (c Client) explain(ctx context.Context, r suite.Request, kind, cause error) error {
	doing := "sending " + r.Method + " to " + c.Address
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", doing, ErrTimeLimit)
	case errors.Is(cause, kind):
		return fmt.Errorf("%s: %w", doing, kind)
	}
	return fmt.Errorf("%s: %w: %w", doing, kind, cause)
}
