// Package wire speaks HTTP/1.1 by hand. It writes a request exactly as it is
// given, so that a header can stand twice, in odd case or with a length that is
// not the body's, and reads the response strictly.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Why there is no whole response. Every error of [Client.Do] wraps one of these,
// or the context's error where the caller gave up.
var (
	ErrConnect   = errors.New("could not connect")
	ErrBrokeOff  = errors.New("the connection ended before the response was complete")
	ErrMalformed = errors.New("the response is not well-formed HTTP")
	ErrTimeLimit = errors.New("the response was not complete within the time limit")
	ErrTooLong   = fmt.Errorf("the response is longer than %d MiB", MaxResponse>>20)
)

// Client sends requests to one address. It may be used by several goroutines.
type Client struct {
	Address string      // "127.0.0.1:4711"
	TLS     *tls.Config // nil speaks plain HTTP
	// KeepAlive uses connections again for requests whose framing is plain: after
	// any other nobody knows where the next response begins.
	KeepAlive bool
	// Dial opens a connection; nil connects to Address over TCP.
	Dial func(context.Context) (net.Conn, error)

	mu   sync.Mutex
	idle []*connection
}

// mostIdle is how many connections are kept.
const mostIdle = 64

// Do makes one exchange, within the limits of ctx and [engine.ExchangeLimit]. A
// request that found its kept connection closed is sent again over a new one.
func (c *Client) Do(ctx context.Context, r suite.Request) (suite.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, engine.ExchangeLimit)
	defer cancel()
	keep := c.KeepAlive && plainlyFramed(r)
	if keep {
		if conn := c.take(); conn != nil {
			response, err := c.exchange(ctx, conn, r, keep)
			if err == nil || conn.received || ctx.Err() != nil {
				return response, err
			}
		}
	}
	opened, err := c.connect(ctx)
	if err != nil {
		return suite.Response{}, c.explain(ctx, r, ErrConnect, err)
	}
	return c.exchange(ctx, newConnection(opened), r, keep)
}

// exchange makes one exchange over a connection, which is kept or closed
// afterwards.
func (c *Client) exchange(ctx context.Context, conn *connection, r suite.Request, keep bool) (suite.Response, error) {
	response, reusable, err := conn.exchange(ctx, r, keep, c.Dial == nil)
	if err != nil {
		_ = conn.Close()
		return suite.Response{}, c.explain(ctx, r, kindOf(err), err)
	}
	if !keep || !reusable || !c.put(conn) {
		_ = conn.Close()
	}
	return response, nil
}

func (c *Client) connect(ctx context.Context) (net.Conn, error) {
	dial := c.Dial
	if dial == nil {
		dial = func(ctx context.Context) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", c.Address)
		}
	}
	conn, err := dial(ctx)
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

// take gives a kept connection, or nil.
func (c *Client) take() *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.idle) - 1
	if last < 0 {
		return nil
	}
	conn := c.idle[last]
	c.idle = c.idle[:last]
	return conn
}

// put keeps a connection, unless there are enough.
func (c *Client) put(conn *connection) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.idle) == mostIdle {
		return false
	}
	c.idle = append(c.idle, conn)
	return true
}

// Close closes the connections that are kept. The client can still be used.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.idle {
		_ = conn.Close()
	}
	c.idle = nil
}

// kindOf names the kind of an error in reading.
func kindOf(err error) error {
	var network *net.OpError
	switch {
	case errors.Is(err, ErrTooLong):
		return ErrTooLong
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrTimeLimit
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe), errors.As(err, &network):
		return ErrBrokeOff
	}
	return ErrMalformed
}

func (c *Client) explain(ctx context.Context, r suite.Request, kind, cause error) error {
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
