package engine

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// begin notes what was heard before a request is sent.
func (s *Session) begin(m Message) *Exchange {
	x := &Exchange{
		Observation: suite.Observation{Kind: m.Kind, Nonce: m.Nonce, Env: s.setup.Env, Beacon: s.visibility == suite.Full, ByGET: m.ByGET},
		request:     m.Request, redact: s.redact.forRequest(m.Made, cmp.Or(m.Signer, suite.Primary), s.keys),
	}
	if api := s.target.StandIn(); api != nil {
		api.Know(m.Nonce) // its run id, too
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assign()
	x.runsBefore, x.namelessAt = s.target.Runs(m.Nonce), s.target.Runs(suite.NoNonce)
	if earlier := s.newest[m.Nonce]; earlier != nil && !slices.Contains(s.inFlight, earlier) {
		earlier.reused, earlier.runsUntil = true, x.runsBefore
	}
	s.newest[m.Nonce] = x
	s.inFlight = append(s.inFlight, x)
	if len(s.inFlight) > 1 {
		for _, other := range s.inFlight {
			other.shared = true
		}
	}
	return x
}

// finish notes what a request caused up to the end of its response.
func (s *Session) finish(x *Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assign()
	s.inFlight = slices.DeleteFunc(s.inFlight, func(other *Exchange) bool { return other == x })
	if !x.shared {
		x.nameless = s.target.Runs(suite.NoNonce) - x.namelessAt
	}
	s.count(x)
	x.Died = s.Died()
	s.kept = append(s.kept, x)
}

// count counts the runs that a request caused: those of its nonce until that was
// sent again, and those without a nonce where nothing else was in flight.
func (s *Session) count(x *Exchange) {
	heard := s.target.Runs(x.Nonce)
	if x.reused {
		heard = x.runsUntil
	}
	x.Runs = heard - x.runsBefore + x.nameless
}

// assign gives what the stand-in API has heard since the last call to the
// requests that caused it.
func (s *Session) assign() {
	api := s.target.StandIn()
	if api == nil {
		return
	}
	heard := api.Since(s.heard)
	s.heard += len(heard)
	for _, request := range heard {
		for _, x := range s.inFlight {
			x.Heard = append(x.Heard, request)
		}
		s.assignOne(request)
	}
}

// assignOne gives a request to the API to the exchange whose nonce, which is its
// run id and deployId, too, stands in it. An exchange that has ended is not
// changed yet: somebody may be reading it.
func (s *Session) assignOne(request suite.APIRequest) {
	if x := named(s.inFlight, request); x != nil {
		x.APIRequests = append(x.APIRequests, request)
		return
	}
	if x := named(s.kept, request); x != nil {
		x.late = append(x.late, request)
		return
	}
	if x := s.likelyCause(request); x != nil {
		x.APIRequests = append(x.APIRequests, request)
	}
}

// named is the newest exchange whose nonce stands in a request to the API.
func named(among []*Exchange, request suite.APIRequest) *Exchange {
	text := request.Path + "?" + request.Query + " " + request.Body
	for _, x := range slices.Backward(among) {
		if x.Nonce != "" && strings.Contains(text, x.Nonce) {
			return x
		}
	}
	return nil
}

// likelyCause is the exchange that caused what names none: the only one in
// flight or, where several are or were, a sync for a registration. Who sends
// several syncs at once cannot tell them apart.
func (s *Session) likelyCause(request suite.APIRequest) *Exchange {
	if len(s.inFlight) == 1 && !s.inFlight[0].shared {
		return s.inFlight[0]
	}
	for _, x := range s.inFlight {
		if x.Kind == suite.KindSync && request.Registers() {
			return x
		}
	}
	return nil
}

// Settle waits until nothing late can still be heard, and adds what was heard to
// the exchanges that caused it. A target that died in the meantime is noted with
// the last of them.
func (s *Session) Settle(ctx context.Context) {
	s.target.Settle(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assign()
	s.update(s.kept)
	if died := s.Died(); died != "" && len(s.kept) > 0 {
		if x := s.kept[len(s.kept)-1]; x.Died == "" {
			x.Died = died
		}
	}
}

// Forget drops all exchanges but the newest, brought up to date, and returns
// them: what is heard of them from now on has no cause.
func (s *Session) Forget(keep int) []*Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) <= keep {
		return nil
	}
	s.assign()
	old := slices.Clone(s.kept[:len(s.kept)-keep])
	s.update(old)
	s.kept = slices.Delete(s.kept, 0, len(old))
	for _, x := range old {
		if s.newest[x.Nonce] == x {
			delete(s.newest, x.Nonce)
		}
	}
	return old
}

// update adds to exchanges that have ended what was heard of them since.
func (s *Session) update(ended []*Exchange) {
	for _, x := range ended {
		x.APIRequests = append(x.APIRequests, x.late...)
		x.late = nil
		s.count(x)
	}
}
