package wire

import (
	"context"
	"net"
)

// Trace is called while an exchange goes on. Each function may be nil.
type Trace struct {
	// Connected gets the local address of the connection that carries the request.
	Connected func(local net.Addr)
	// BeforeLastByte is called when all of the request but its last byte is
	// written, and that byte is written when it returns. Its context ends with the
	// exchange.
	BeforeLastByte func(context.Context)
}

type traceKey struct{}

// WithTrace gives a context whose exchanges call the functions of a trace.
func WithTrace(ctx context.Context, trace Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, &trace)
}

// traceOf gives the trace of a context; nil where there is none.
func traceOf(ctx context.Context) *Trace {
	trace, _ := ctx.Value(traceKey{}).(*Trace)
	return trace
}

func (t *Trace) connected(local net.Addr) {
	if t != nil && t.Connected != nil {
		t.Connected(local)
	}
}

func (t *Trace) holds() bool { return t != nil && t.BeforeLastByte != nil }
