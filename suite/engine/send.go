package engine

import (
	"cmp"
	"context"
	"errors"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Send sends one request and collects what is observed of it.
func (s *Session) Send(ctx context.Context, m Message) *Exchange {
	x := s.begin(m)
	limited, cancel := context.WithTimeout(ctx, cmp.Or(m.Limit, limits.Exchange))
	defer cancel()
	started := s.clock()
	x.began = started
	response, err := s.send(limited, m.Request)
	x.Took = s.clock().Sub(started)
	s.traits.hear(response.Header, s.target.Now().Add(-x.Took/2))
	x.failure, x.timed = err, m.Timed
	x.TimedOut = err != nil && errors.Is(limited.Err(), context.DeadlineExceeded)
	if err != nil {
		x.NoResponse = x.redact.text(err.Error())
	}
	if errors.Is(err, ErrForeign) || errors.Is(err, ErrWrongTarget) {
		x.Foreign = x.NoResponse
	}
	s.receive(x, response, err)
	s.finish(x)
	return x
}

// receive keeps a response, as far as there is room for it.
func (s *Session) receive(x *Exchange, response suite.Response, err error) {
	x.SignedBy = signerOf(response, s.keys)
	if errors.Is(err, ErrTooLong) {
		x.Cut = err.Error()
	}
	if size := sizeOf(response); s.traits.kept.take(size) {
		s.mu.Lock()
		x.room += size
		s.mu.Unlock()
	} else {
		response = shortened(response)
	}
	x.Response = x.redact.response(response, s.keys)
	x.Cut = cmp.Or(x.Cut, x.Response.Cut)
	x.response = suite.Response{Status: response.Status, Header: response.Header}
	if response.Header.Get(reference.HeaderSignature) != "" {
		x.response.Body = response.Body
	}
}

// Close settles and stops the target.
func (s *Session) Close(ctx context.Context) {
	s.Settle(ctx)
	s.target.Stop()
	printed, hasOutput := s.printed()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assign()
	s.update(s.kept)           // with what it did while it was being stopped
	for _, x := range s.kept { // it does not say because of which of them it printed something
		x.Printed, x.HasOutput = printed, hasOutput
	}
}

// printed are the secrets in the target's output, where that can be read.
func (s *Session) printed() (secrets []string, readable bool) {
	printer, is := s.target.(Printer)
	if !is {
		return nil, false
	}
	return printer.Printed(), true
}
