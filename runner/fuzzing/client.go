package fuzzing

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/wire"
)

// Client sends requests byte by byte, as package wire does, and keeps its
// connections. It is for requests whose framing is honest: after a lie nobody
// knows where the next answer begins.
type Client struct {
	Address string

	mu   sync.Mutex
	idle []*connection
}

type connection struct {
	net.Conn
	answers *bufio.Reader
}

// mostIdle is how many connections are kept.
const mostIdle = 64

// errStale: a kept connection had ended before the request was sent over it.
var errStale = errors.New("the kept connection had ended")

// Do makes one exchange.
func (c *Client) Do(ctx context.Context, r suite.Request) (suite.Response, error) {
	text := wire.Bytes(kept(r))
	for {
		conn, used, err := c.take(ctx)
		if err != nil {
			return suite.Response{}, err
		}
		answer, again, err := exchange(ctx, conn, r.Method, text)
		if err == nil && again {
			c.keep(conn)
			return answer, nil
		}
		_ = conn.Close() // nothing more comes over it
		if err == nil || !used || !errors.Is(err, errStale) {
			return answer, err
		}
	}
}

// kept asks for the connection to be kept.
func kept(r suite.Request) suite.Request {
	fields := append([]suite.Field(nil), r.Header...)
	r.Header = append(fields, suite.Field{Name: "Connection", Value: "keep-alive"})
	return r
}

func (c *Client) take(ctx context.Context) (conn *connection, used bool, err error) {
	c.mu.Lock()
	if last := len(c.idle) - 1; last >= 0 {
		conn, c.idle = c.idle[last], c.idle[:last]
	}
	c.mu.Unlock()
	if conn != nil {
		return conn, true, nil
	}
	opened, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.Address)
	if err != nil {
		return nil, false, err
	}
	return &connection{opened, bufio.NewReader(opened)}, false, nil
}

func (c *Client) keep(conn *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.idle) == mostIdle {
		_ = conn.Close()
		return
	}
	c.idle = append(c.idle, conn)
}

// Close ends the connections that are kept.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.idle {
		_ = conn.Close()
	}
	c.idle = nil
}

// exchange sends and reads; again says that the connection can be used again.
func exchange(ctx context.Context, conn *connection, method string, text []byte) (answer suite.Response, again bool, err error) {
	deadline, limited := ctx.Deadline()
	if !limited {
		deadline = time.Now().Add(wire.Limit)
	}
	if err := conn.SetDeadline(deadline); err != nil {
		return answer, false, err
	}
	if _, err := conn.Write(text); err != nil {
		return answer, false, errStale
	}
	if _, err := conn.answers.Peek(1); errors.Is(err, io.EOF) || isReset(err) {
		return answer, false, errStale
	} else if err != nil {
		return answer, false, err
	}
	response, err := http.ReadResponse(conn.answers, &http.Request{Method: method})
	if err != nil {
		return answer, false, err
	}
	body, err := whole(response)
	if err != nil {
		return answer, false, err
	}
	again = !response.Close && response.StatusCode >= http.StatusOK && conn.answers.Buffered() == 0 && len(body) < wire.MaxAnswer
	_, reason, _ := strings.Cut(response.Status, " ")
	return suite.Response{Status: response.StatusCode, Reason: reason, Header: response.Header, Body: body}, again, nil
}

// whole reads a body in one piece where its length is told.
func whole(response *http.Response) ([]byte, error) {
	if response.Body == http.NoBody { // of a HEAD, whatever length it tells
		return nil, nil
	}
	if length := response.ContentLength; length >= 0 && length < wire.MaxAnswer {
		body := make([]byte, length)
		_, err := io.ReadFull(response.Body, body)
		return body, err
	}
	return io.ReadAll(io.LimitReader(response.Body, wire.MaxAnswer))
}

func isReset(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) && !network.Timeout()
}
