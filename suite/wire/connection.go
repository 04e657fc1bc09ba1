package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

const (
	// MaxResponse is the maximum size of a response, head and body together.
	MaxResponse = 8 << 20
	// maxInterim is the maximum number of 1xx responses before the final one.
	maxInterim = 10
	// unblocked is the size up to which a request fits into a socket's buffer.
	unblocked = 16 << 10
)

// connection carries one exchange at a time.
type connection struct {
	net.Conn
	left     int64 // how much more is read of the response
	ended    bool  // the peer closed its side
	received bool  // something of the response was read
	reader   *bufio.Reader
}

func newConnection(conn net.Conn) *connection {
	c := &connection{Conn: conn}
	c.reader = bufio.NewReader(incoming{c})
	return c
}

// incoming reads a response up to its limit, and records its end.
type incoming struct{ c *connection }

func (in incoming) Read(p []byte) (int, error) {
	if in.c.left <= 0 {
		return 0, ErrTooLong
	}
	read, err := in.c.Conn.Read(p[:min(int64(len(p)), in.c.left)])
	in.c.left -= int64(read)
	in.c.received = in.c.received || read > 0
	in.c.ended = in.c.ended || errors.Is(err, io.EOF)
	return read, err
}

var longAgo = time.Unix(1, 0)

// exchange sends a request and reads the response, and reports whether the
// connection can be reused.
func (c *connection) exchange(ctx context.Context, r suite.Request, keep bool) (response suite.Response, reusable bool, err error) {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(longAgo) })
	defer stop()
	c.left, c.received = MaxResponse, false
	sending, cancel := context.WithCancel(ctx)
	defer cancel()
	written := c.write(sending, toBytes(r, keep), traceOf(ctx))
	response, reusable, err = c.read(r.Method)
	select {
	case <-written:
	default: // the target responded, or closed the connection, before it had read everything
		reusable = false
		cancel()
		_ = c.Close() // ends the write
		<-written
	}
	return response, reusable && stop(), err
}

// write writes a request and then closes the channel. A write that may block runs
// while the response is read. If it fails, reading the response fails, too.
func (c *connection) write(ctx context.Context, text []byte, trace *Trace) (written chan struct{}) {
	written = make(chan struct{})
	if len(text) <= unblocked && !trace.holds() {
		_, _ = c.Write(text)
		close(written)
		return written
	}
	go func() {
		defer close(written)
		if !trace.holds() {
			_, _ = c.Write(text)
			return
		}
		last := len(text) - 1
		_, _ = c.Write(text[:last])
		trace.BeforeLastByte(ctx)
		_, _ = c.Write(text[last:])
	}()
	return written
}

// read reads the first response that is not an interim one.
func (c *connection) read(method string) (r suite.Response, reusable bool, err error) {
	for range maxInterim {
		response, err := http.ReadResponse(c.reader, &http.Request{Method: method})
		switch {
		case c.left <= 0 && err != nil:
			return r, false, ErrTooLong
		case c.ended && err != nil:
			return r, false, io.ErrUnexpectedEOF // otherwise part of a head looks like a malformed one
		case err != nil:
			return r, false, err
		case response.StatusCode/100 == 1 && response.StatusCode != http.StatusSwitchingProtocols:
			continue
		}
		body, err := readBody(response)
		if err != nil {
			return r, false, err
		}
		if c.left <= 0 {
			return r, false, ErrTooLong
		}
		_, reason, _ := strings.Cut(response.Status, " ")
		r = suite.Response{Status: response.StatusCode, Reason: reason, Header: response.Header, Body: body}
		return r, !response.Close && response.StatusCode >= http.StatusOK && c.reader.Buffered() == 0, nil
	}
	return r, false, fmt.Errorf("more than %d interim responses", maxInterim)
}

// readBody reads a body, at once if its length is known.
func readBody(response *http.Response) ([]byte, error) {
	if response.Body == http.NoBody { // of a HEAD, although its head has a length
		return nil, nil
	}
	if length := response.ContentLength; length >= 0 && length < MaxResponse {
		body := make([]byte, length)
		_, err := io.ReadFull(response.Body, body)
		return body, err
	}
	return io.ReadAll(response.Body)
}
