// Package wire is an HTTP/1.1 client that writes requests exactly as given, so that
// a header can be repeated, have any case, or announce a wrong length. It parses
// responses strictly.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Reasons for the lack of a complete response. Every error of [Client.Do] wraps one
// of these, or the context's error.
var (
	ErrConnect   = engine.ErrUnreachable
	ErrBrokeOff  = engine.ErrClosed
	ErrMalformed = errors.New("the response is not well-formed HTTP")
	ErrTimeLimit = errors.New("the response was not complete within the time limit")
	ErrTooLong   = engine.ErrTooLong
)

// Client sends requests to one address. It may be used by several goroutines.
type Client struct {
	Address string      // "127.0.0.1:4711"
	TLS     *tls.Config // nil speaks plain HTTP
	// KeepAlive reuses connections for requests with unambiguous framing. After
	// another request it is not known where the next response begins.
	KeepAlive bool

	mu    sync.Mutex
	idle  []*connection
	named map[string]*connection // by [suite.Request.Connection]
}

// mostIdle is how many idle connections are kept.
const mostIdle = 64

// Do sends a request and reads the response, within ctx and [limits.Exchange].
// If a kept connection turns out to be closed, it sends the request again over a new
// one.
func (c *Client) Do(ctx context.Context, r suite.Request) (suite.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, limits.Exchange)
	defer cancel()
	keep := (c.KeepAlive || r.Connection != "") && plainlyFramed(r)
	if keep {
		if conn := c.take(r.Connection); conn != nil {
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

// exchange sends a request over a connection, which is kept or closed afterwards.
func (c *Client) exchange(ctx context.Context, conn *connection, r suite.Request, keep bool) (suite.Response, error) {
	response, reusable, err := conn.exchange(ctx, r, keep)
	if err != nil {
		_ = conn.Close()
		return suite.Response{}, c.explain(ctx, r, kindOf(err), err)
	}
	if !keep || !reusable || !c.put(r.Connection, conn) {
		_ = conn.Close()
	}
	return response, nil
}

func (c *Client) connect(ctx context.Context) (net.Conn, error) {
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

// take returns a kept connection, or nil.
func (c *Client) take(name string) *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	if name != "" {
		conn := c.named[name]
		delete(c.named, name)
		return conn
	}
	last := len(c.idle) - 1
	if last < 0 {
		return nil
	}
	conn := c.idle[last]
	c.idle = c.idle[:last]
	return conn
}

// put keeps a connection, unless there are mostIdle already.
func (c *Client) put(name string, conn *connection) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if name != "" {
		if c.named == nil {
			c.named = map[string]*connection{}
		}
		if old := c.named[name]; old != nil {
			_ = old.Close()
		}
		c.named[name] = conn
		return true
	}
	if len(c.idle) == mostIdle {
		return false
	}
	c.idle = append(c.idle, conn)
	return true
}

// Close closes the kept connections. The client can still be used.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.idle {
		_ = conn.Close()
	}
	for _, conn := range c.named {
		_ = conn.Close()
	}
	c.idle, c.named = nil, nil
}

// kindOf classifies an error of reading a response.
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
	return &failure{fmt.Sprintf("%s: %v: %s", doing, kind, brief(cause.Error())), kind, cause}
}

// failure is of a kind and has a cause, whose text it may cut.
type failure struct {
	text        string
	kind, cause error
}

func (f *failure) Error() string   { return f.text }
func (f *failure) Unwrap() []error { return []error{f.kind, f.cause} }

// brief cuts a text that may quote what a target has sent.
func brief(text string) string {
	if len(text) <= limits.Quote {
		return text
	}
	return strings.ToValidUTF8(text[:limits.Quote], "") + " […]"
}
