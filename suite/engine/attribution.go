package engine

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// begin records the counts before a request is sent.
func (s *Session) begin(m Message) *Exchange {
	x := &Exchange{
		shared:      m.amid,
		Observation: suite.Observation{Kind: m.Kind, Nonce: m.Nonce, Env: s.setup.Env, Beacon: s.visibility == suite.Full, ByGET: m.ByGET},
		request:     m.Request, redact: s.redact.forRequest(m.Made, cmp.Or(m.Signer, suite.Primary), s.keys, s.Now()).after(m.scene.Before),
	}
	if api := s.target.StandIn(); api != nil {
		api.Know(m.Nonce) // the nonce is the run id, too
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assign()
	x.runsBefore, x.namelessAt = s.target.Runs(m.Nonce), s.target.Runs(suite.NoNonce)
	if earlier := s.newest[m.Nonce]; earlier != nil && !slices.Contains(s.inFlight, earlier) {
		earlier.reused, earlier.runsUntil = true, x.runsBefore
		x.repeats = earlier
	}
	s.newest[m.Nonce] = x
	s.begun++
	s.inFlight = append(s.inFlight, x)
	if len(s.inFlight) > 1 {
		for _, other := range s.inFlight {
			other.shared = true
		}
	}
	return x
}

// finish records what a request caused up to the end of its response.
func (s *Session) finish(x *Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assign()
	s.inFlight = slices.DeleteFunc(s.inFlight, func(other *Exchange) bool { return other == x })
	if !x.shared {
		x.nameless = s.target.Runs(suite.NoNonce) - x.namelessAt
	}
	s.count(x)
	x.dropGuesses()
	x.Died = s.Died()
	x.Cut = cmp.Or(x.Cut, s.overflowed())
	s.kept = append(s.kept, x)
}

// count counts the runs that a request caused: those of its nonce until the nonce
// was sent again, and those without a nonce if nothing else was in flight.
func (s *Session) count(x *Exchange) {
	runs := s.target.Runs(x.Nonce)
	if x.reused {
		runs = x.runsUntil
	}
	x.Runs = runs - x.runsBefore + x.nameless
}

// assign assigns the requests that the stand-in API received since the last call
// to the exchanges that caused them.
func (s *Session) assign() {
	api := s.target.StandIn()
	if api == nil {
		return
	}
	received, mark := api.take(s.assigned)
	s.assigned = mark
	for _, request := range received {
		for _, x := range s.inFlight {
			s.hear(x, &x.Heard, request, &x.Cut)
		}
		s.assignOne(request)
	}
}

// hear adds a request to the API to one of the lists of an exchange, or notes why
// there is no room for it.
func (s *Session) hear(x *Exchange, list *[]suite.APIRequest, request suite.APIRequest, cut *string) bool {
	size := apiSize(request)
	switch {
	case len(*list) == limits.APIRequestsEach:
		*cut = fmt.Sprintf("the API received more than %d requests meanwhile", limits.APIRequestsEach)
		return false
	case !s.traits.kept.take(size):
		*cut = fmt.Sprintf("the API received more than the %d MiB that are kept", limits.Kept>>20)
		return false
	}
	x.room += size
	*list = append(*list, request)
	return true
}

// assignOne assigns a request to the API to the exchange whose nonce it contains;
// the nonce is the run id and the deployId, too. An exchange that has ended is not
// changed yet, because another goroutine may be reading it.
func (s *Session) assignOne(request suite.APIRequest) {
	if x := named(s.inFlight, request); x != nil && !x.repeats.mayBeLate(request) {
		if s.hear(x, &x.APIRequests, request, &x.Cut) {
			x.named = append(x.named, shapeOf(request))
		}
		return
	}
	if x := named(s.kept, request); x != nil {
		if x.repeats.mayBeLate(request) {
			x = x.repeats
		}
		s.hear(x, &x.late, request, &x.lateCut)
		return
	}
	x := s.likelyCause(request)
	if x == nil {
		s.keepUnattributed(request)
	} else if s.hear(x, &x.APIRequests, request, &x.Cut) {
		x.guessed = append(x.guessed, request)
	}
}

// mayBeLate reports whether a request to the API that names this exchange, and one after
// it with its nonce, may be this one's late effect: it ran, and sent none such so far.
func (x *Exchange) mayBeLate(request suite.APIRequest) bool {
	alike := func(a suite.APIRequest) bool { return shapeOf(a) == shapeOf(request) }
	return x != nil && x.Runs > 0 && !slices.ContainsFunc(x.APIRequests, alike) && !slices.ContainsFunc(x.late, alike)
}

// keepUnattributed keeps a request to the API that no exchange caused.
func (s *Session) keepUnattributed(request suite.APIRequest) {
	size := apiSize(request)
	if len(s.unattributed) == limits.APIRequestsEach || s.unattributedSize+size > limits.APIRequestsSize {
		s.unattributedCut = fmt.Sprintf("the API received more than %d requests, or %d MiB, that no exchange caused", limits.APIRequestsEach, limits.APIRequestsSize>>20)
		return
	}
	s.unattributed, s.unattributedSize = append(s.unattributed, request), s.unattributedSize+size
}

// isGuess reports whether a request to the API names no exchange.
func (x *Exchange) isGuess(a suite.APIRequest) bool {
	return slices.ContainsFunc(x.guessed, func(b suite.APIRequest) bool { return reflect.DeepEqual(a, b) })
}

// dropGuesses takes out requests to the API that name no exchange, where one of
// the same shape names this one: a target may send such requests by itself.
func (x *Exchange) dropGuesses() {
	explained := func(a suite.APIRequest) bool { return slices.Contains(x.named, shapeOf(a)) }
	if len(x.guessed) == 0 || len(x.named) == 0 {
		return
	}
	x.APIRequests = slices.DeleteFunc(x.APIRequests, func(a suite.APIRequest) bool { return explained(a) && x.isGuess(a) })
	x.guessed = slices.DeleteFunc(x.guessed, explained)
}

// dropAllGuesses takes out all requests to the API that name no exchange.
func (x *Exchange) dropAllGuesses() {
	x.APIRequests = slices.DeleteFunc(x.APIRequests, x.isGuess)
	x.guessed = nil
}

// listen waits while nothing is in flight. What the target then sends more than
// once, and names no exchange, it sends by itself. On a busy machine that takes longer.
func (s *Session) listen(ctx context.Context) {
	mark := s.target.StandIn().Mark()
	for range limits.Unprompted {
		sleep(ctx, limits.UnpromptedWait)
		if most := s.learnOwn(mark); most != 1 {
			return
		}
	}
}

// learnOwn returns how often the API has received requests of one shape, which name
// no exchange, since a mark. If more than once, the target sends them by itself.
func (s *Session) learnOwn(mark int) (most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	heard := map[shape]int{}
	for _, request := range s.target.StandIn().Since(mark) {
		if named(s.kept, request) == nil {
			heard[shapeOf(request)]++
		}
	}
	for shape, times := range heard {
		if most = max(most, times); times > 1 {
			s.traits.learnOwn(shape)
		}
	}
	return most
}

// named returns the newest exchange whose nonce a request to the API contains.
func named(among []*Exchange, request suite.APIRequest) *Exchange {
	text := request.Path + "?" + request.Query + " " + request.Body
	for _, x := range slices.Backward(among) {
		if x.Nonce != "" && strings.Contains(text, x.Nonce) {
			return x
		}
	}
	return nil
}

// likelyCause returns the exchange that caused a request without a nonce: the only
// one in flight or, for a registration while there are several, the first sync.
// Registrations of syncs that are in flight together cannot be distinguished, and a
// call causes none.
func (s *Session) likelyCause(request suite.APIRequest) *Exchange {
	if ofWorker := request.Starts() || request.ToGateway(); ofWorker && s.setup.Worker && !slices.ContainsFunc(s.inFlight, startsWorker) {
		return nil // a worker that is late
	}
	if len(s.inFlight) == 1 && !s.inFlight[0].shared {
		x := s.inFlight[0]
		if isCall := x.Kind == suite.KindCall && x.request.Method == http.MethodPost; isCall && request.Registers() {
			return nil // the target registers by itself
		}
		return x
	}
	for _, x := range s.inFlight {
		if x.Kind == suite.KindSync && request.Registers() {
			return x
		}
	}
	return nil
}

// Settle waits until late effects have arrived, and adds them to the exchanges that
// caused them. If the target exited in the meantime, the last exchange says so.
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

// Forget updates and returns all exchanges but the newest ones, and drops them:
// their later effects are not assigned. Nobody else may be reading them.
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
		s.traits.kept.give(x.room)
		if s.newest[x.Nonce] == x {
			delete(s.newest, x.Nonce)
		}
	}
	return old
}

// update adds late effects to exchanges that have ended.
func (s *Session) update(ended []*Exchange) {
	for _, x := range ended {
		x.APIRequests = append(x.APIRequests, x.late...)
		x.Cut = cmp.Or(x.Cut, x.lateCut, s.overflowed())
		x.late = nil
		s.count(x)
	}
}

// overflowed says why not everything that the target sent to the API is known.
func (s *Session) overflowed() string {
	if api := s.target.StandIn(); api != nil {
		return api.Overflowed()
	}
	return ""
}
