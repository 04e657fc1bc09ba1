package engine

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// hiccup is a response, or none, that may come from something between the suite
// and the endpoint: a limiter, a gateway, a network. It is named by what was seen.
// The empty hiccup is none.
type hiccup string

const (
	closedHiccup       hiccup = "the connection was closed without a response"
	refusedHiccup      hiccup = "the connection was refused"
	lateHiccup         hiccup = "no response within the time limit"
	slowHiccup         hiccup = "a response too slow to judge a time by"
	unattributedHiccup hiccup = "a request to the API that may not be an effect of this one"
	foreignHiccup      hiccup = "a response that is not the target's"
	shortHiccup        hiccup = "a worker that had no time for a second start"
)

// hiccup names what of an exchange may not be the endpoint's doing.
func (x *Exchange) hiccup() hiccup {
	switch {
	case x.Foreign != "":
		return foreignHiccup
	case x.Died != "":
		return ""
	case x.TimedOut:
		return lateHiccup
	case errors.Is(x.failure, ErrClosed):
		return closedHiccup
	case errors.Is(x.failure, ErrUnreachable):
		return refusedHiccup
	case x.NoResponse == "" && isPassing(x.Response.Status) && !x.relays():
		return hiccup(fmt.Sprintf("status %d", x.Response.Status))
	case x.NoResponse == "" && x.timed && x.Took > suite.Guard-time.Second:
		return slowHiccup
	case startsWorker(x) && x.NoResponse == "" && x.Object()["pending"] == true && !x.startedTwice():
		return shortHiccup
	}
	return ""
}

// startedTwice reports whether a worker sent a second start, which shows what it does
// after the first.
func (x *Exchange) startedTwice() bool {
	starts := 0
	for _, r := range x.APIRequests {
		if r.Starts() {
			starts++
		}
	}
	return starts > 1
}

// passes reports whether an intermediary may have caused it, so that the next attempt
// may get the endpoint's response.
func (h hiccup) passes() bool {
	return h != "" && h != lateHiccup && h != slowHiccup && h != shortHiccup
}

// isPassing: limiters, gateways and edges respond so, and may not the next time.
func isPassing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, 529, 530:
		return true
	}
	return status >= 520 && status <= 527 // of edges, where they do not reach the endpoint
}

// relays reports whether the API gave the status of the response to a request that names
// this one: the endpoint hands it on.
func (x *Exchange) relays() bool {
	return slices.ContainsFunc(x.APIRequests, func(a suite.APIRequest) bool { return a.Status == x.Response.Status && !x.isGuess(a) })
}

// isLimiter: sending more slowly may help.
func (x *Exchange) isLimiter() bool {
	s := x.Response.Status
	return x.NoResponse == "" && (s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable || s == 529)
}

// hasEffect: something ran, or leaked.
func (x *Exchange) hasEffect() bool {
	return x.Runs > 0 || x.Echoed() || len(x.Leaked()) > 0 || x.Kind == suite.KindIntrospect && len(x.Disclosed()) > 0
}

// worst is the attempt that had an effect, though its response was lost; else the
// last one.
func (x *Exchange) worst() *Exchange {
	for _, earlier := range x.Earlier {
		if earlier.hasEffect() {
			return earlier
		}
	}
	return x
}
