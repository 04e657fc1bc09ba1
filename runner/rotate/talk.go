package rotate

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/countersign-dev/countersign/suite/wire"
)

// connect makes a connection to the proxy, for one request.
func (d *drill) connect(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	return (&net.Dialer{}).DialContext(ctx, "tcp", d.proxy.address())
}

// talk sends what is left of a request and notes how it was answered.
func (d *drill) talk(ctx context.Context, conn net.Conn, text []byte, x *exchange) {
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(exchangeLimit))
	_, _ = conn.Write(text) // what goes wrong shows in the answer
	status, err := readStatus(conn)
	x.TookMS, x.Status = ms(d.since())-x.AtMS, status
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		x.NoAnswer = wire.ErrTimeLimit.Error()
	case err != nil:
		x.NoAnswer = wire.ErrBrokeOff.Error()
	}
}

// readStatus reads a whole answer and keeps its status.
func readStatus(conn net.Conn) (int, error) {
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, wire.MaxResponse)); err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// straddlers is how many requests are sure to be on their way at a hand-over.
const straddlers = 2

// straddler is an authentic call of which the last byte is still to be sent.
type straddler struct {
	x    *exchange
	conn net.Conn
	last []byte
}

// straddle begins a call. When it returns, the proxy has led the call to the
// process that is current now.
func (d *drill) straddle() *straddler {
	x, made := d.make(Call)
	text := wire.Bytes(made)
	s := &straddler{x: x, conn: d.proxy.pipe(), last: text[len(text)-1:]}
	_ = s.conn.SetDeadline(time.Now().Add(exchangeLimit))
	_, _ = s.conn.Write(text[:len(text)-1]) // what goes wrong shows in the answer
	return s
}

// finish sends the rest of a call and reads its answer.
func (d *drill) finish(ctx context.Context, s *straddler) {
	d.talk(ctx, s.conn, s.last, s.x)
	if ctx.Err() == nil {
		d.note(s.x)
	}
}
