package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// unblocked is the size up to which a request fits into a socket's buffer.
const unblocked = 16 << 10

// connection carries one exchange at a time.
type connection struct {
	net.Conn
	left     int64 // how much more is read of the head, or of the body
	ended    bool  // the peer closed its side
	received bool  // something of the response was read
	reader   *bufio.Reader
}

func newConnection(conn net.Conn) *connection {
	c := &connection{Conn: conn}
	c.reader = bufio.NewReader(incoming{c})
	return c
}

// incoming reads up to a limit, and records the end of the connection.
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
	c.left, c.received = limits.Head, false
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
	for range limits.Interim {
		response, err := http.ReadResponse(c.reader, &http.Request{Method: method})
		switch {
		case c.left <= 0 && err != nil, err == nil && fields(response.Header) > limits.Fields:
			return r, false, ErrTooLong
		case c.ended && err != nil:
			return r, false, io.ErrUnexpectedEOF // otherwise part of a head looks like a malformed one
		case err != nil:
			return r, false, err
		case response.StatusCode/100 == 1 && response.StatusCode != http.StatusSwitchingProtocols:
			continue
		}
		c.left = limits.Body + limits.Discarded
		body, cut, err := readBody(response)
		if err != nil {
			return r, false, err
		}
		_, reason, _ := strings.Cut(response.Status, " ")
		r = suite.Response{Status: response.StatusCode, Reason: brief(reason), Header: response.Header, Body: body, Cut: cut}
		return r, cut == "" && !response.Close && response.StatusCode >= http.StatusOK && c.reader.Buffered() == 0, nil
	}
	return r, false, fmt.Errorf("more than %d interim responses", limits.Interim)
}

func fields(h http.Header) (n int) {
	for _, values := range h {
		n += len(values)
	}
	return n
}

// readBody reads the beginning of a body, and receives the rest as far as that has a
// limit. cut says why there is more.
func readBody(response *http.Response) (body []byte, cut string, err error) {
	if response.Body == http.NoBody { // of a HEAD, although its head has a length
		return nil, "", nil
	}
	var read bytes.Buffer
	if _, err = io.CopyN(&read, response.Body, limits.Body); err != nil {
		if errors.Is(err, io.EOF) {
			return read.Bytes(), "", nil
		}
		return nil, "", err
	}
	rest, err := io.Copy(io.Discard, response.Body)
	switch {
	case rest == 0 && err == nil:
		return read.Bytes(), "", nil
	case rest == 0:
		return nil, "", err
	}
	return read.Bytes(), fmt.Sprintf("its body is longer than %d KiB", limits.Body>>10), nil
}
