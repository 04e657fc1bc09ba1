package rotate

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/countersign-dev/countersign/runner/wire"
)

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
	s := &straddler{x: x, conn: d.proxy.connect(), last: text[len(text)-1:]}
	_ = s.conn.SetDeadline(time.Now().Add(exchangeLimit))
	_, _ = s.conn.Write(text[:len(text)-1]) // what goes wrong shows in the answer
	return s
}

// finish sends the rest of a call and reads its answer.
func (d *drill) finish(ctx context.Context, s *straddler) {
	defer func() { _ = s.conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	defer stop()
	_, _ = s.conn.Write(s.last)
	status, err := readStatus(s.conn)
	if ctx.Err() != nil {
		return
	}
	s.x.TookMS, s.x.Status = ms(d.since())-s.x.AtMS, status
	if err != nil {
		s.x.NoAnswer = wire.ErrBrokeOff.Error() + ", while another process took over"
	}
	d.note(s.x)
}

// readStatus reads a whole answer and keeps its status.
func readStatus(conn net.Conn) (int, error) {
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, wire.MaxAnswer))
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}
