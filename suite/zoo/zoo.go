// Package zoo has broken serve endpoints that test the suite. Each has one defect
// and names the case that must detect it.
//
// A [Mutant] is the correct endpoint with exactly one function field replaced.
// It describes the kind of its defect and names the case that must detect it.
package zoo

import (
	"errors"
	"iter"
	"net/http"

	"github.com/countersign-dev/countersign/reference"
)

// Mutant is one broken endpoint.
type Mutant struct {
	Name   string // words, dashed, permanent
	Part   Part
	Defect string // what is wrong, as a sentence
	Kills  string // the id of the case that must detect it
	Break  func(*reference.Endpoint)
}

// Part is the part of an endpoint that a mutant breaks.
type Part string

// The parts.
const (
	Parsing      Part = "parsing"
	Window       Part = "window"
	Comparison   Part = "comparison"
	Bodies       Part = "bodies"
	KeyForms     Part = "keys"
	InFallback   Part = "fallback inbound"
	OutFallback  Part = "fallback outbound"
	Outbound     Part = "outbound"
	ModesPart    Part = "modes"
	SyncPart     Part = "sync"
	Inspection   Part = "introspection"
	Disclosing   Part = "disclosure"
	Responding   Part = "response signing"
	Availability Part = "availability"
	Constant     Part = "constant responses"
	Memory       Part = "memory"      // of earlier requests
	Sharing      Part = "concurrency" // requests that are in flight together
	Trusting     Part = "trusting what is not signed"
)

// Common ways to break an endpoint.

// letIn accepts requests that meet a condition without verifying them.
func letIn(when func(e *reference.Endpoint, r *http.Request, body []byte) bool) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		policy := e.Policy
		e.Policy = func(r *http.Request, body []byte, mode reference.Mode) reference.VerificationPolicy {
			if when(e, r, body) {
				return reference.Ignored
			}
			return policy(r, body, mode)
		}
	}
}

// forgive treats a failed verification as a success with the primary key if a
// condition holds.
func forgive(when func(c *reference.Context, why error) bool) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
			which, err := c.Check()
			if err != nil && when(c, err) {
				return reference.Primary, nil
			}
			return which, err
		}
	}
}

// forgiveWhich is forgive for one reason of failure.
func forgiveWhich(reason error, when func(c *reference.Context) bool) func(*reference.Endpoint) {
	return forgive(func(c *reference.Context, why error) bool { return errors.Is(why, reason) && when(c) })
}

// lockOut refuses valid requests if a condition holds.
func lockOut(when func(c *reference.Context, which reference.MatchedKey) bool) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
			which, err := c.Check()
			if err == nil && when(c, which) {
				return reference.NoKey, reference.ErrMismatch
			}
			return which, err
		}
	}
}

// alsoMatch also accepts a second kind of MAC.
func alsoMatch(mac func(k reference.Key, message []byte, t string) []byte) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		match := e.Match
		e.Match = func(k reference.Key, message []byte, t string, got [32]byte) bool {
			return match(k, message, t, got) || !k.IsZero() && string(mac(k, message, t)) == string(got[:])
		}
	}
}

// covers reports whether a condition holds for a message that the MAC may cover.
func covers(c *reference.Context, holds func(message []byte) bool) bool {
	for message := range c.Messages(c.Body) {
		if holds(message) {
			return true
		}
	}
	return false
}

// onlyMessage verifies only the MAC of one message, which is derived from the
// canonical form of the body.
func onlyMessage(of func(canonical []byte) []byte) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		e.Messages = func(body []byte) iter.Seq[[]byte] {
			return func(yield func([]byte) bool) {
				if len(body) == 0 {
					yield(nil)
				} else if canonical, err := reference.Canonicalise(body); err == nil {
					yield(of(canonical))
				}
			}
		}
	}
}

func isCall(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Query().Get("probe") == ""
}

func isProbe(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Query().Get("probe") != ""
}

func isInBand(r *http.Request) bool {
	return r.Method == http.MethodPut && r.Header.Get(reference.HeaderSyncKind) == "in_band"
}
