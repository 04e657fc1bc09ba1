package wire

import (
	"context"

	"github.com/countersign-dev/countersign/suite/engine"
)

// Trace has functions that are called during an exchange.
type Trace struct {
	// BeforeLastByte is called when all of the request but its last byte is written.
	// The last byte is written when it returns. Its context ends with the exchange.
	BeforeLastByte func(context.Context)
}

type traceKey struct{}

// WithTrace returns a context whose exchanges call the functions of a trace.
func WithTrace(ctx context.Context, trace Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, &trace)
}

// traceOf returns the trace of a context, or nil.
func traceOf(ctx context.Context) *Trace {
	if hold := engine.HoldOf(ctx); hold != nil {
		return &Trace{BeforeLastByte: hold}
	}
	trace, _ := ctx.Value(traceKey{}).(*Trace)
	return trace
}

func (t *Trace) holds() bool { return t != nil && t.BeforeLastByte != nil }
