package suite

import (
	"fmt"
	"strings"
	"time"
)

// State is what a process went through before the request of a case, and what else
// it is doing meanwhile. The zero State is whatever the other cases left.
type State struct {
	Cold   bool          // no valid request was sent to the process yet
	After  []Earlier     // sent right before it, one after the other
	Idle   time.Duration // nothing is sent to the process for so long before it
	Beside Company       // valid calls that are in flight at the same time
	Last   bool          // it is among the last requests of every process, in any set-up
}

// Earlier is a request that is sent before the one of a case.
type Earlier struct {
	Send  Stimulus
	Times int // 0 is once
}

// Company is how valid calls are in flight together with the request of a case,
// of which there are several then.
type Company string

// The companies.
const (
	Nobody Company = ""
	// Together: all are sent at once.
	Together Company = "sent together with valid calls"
	// WhileRead: the valid calls have arrived except for their last byte.
	WhileRead Company = "while valid calls have arrived except for their last byte"
	// WhileServed: the request has arrived except for its last byte, and the valid
	// calls are served before that arrives.
	WhileServed Company = "while valid calls are served before its last byte arrives"
)

// IsZero reports whether the state is whatever other cases left.
func (s State) IsZero() bool {
	return !s.Cold && len(s.After) == 0 && s.Idle == 0 && s.Beside == Nobody && !s.Last
}

// String describes the state: "after 25 times a call signed with an unknown key".
func (s State) String() string {
	var words []string
	for _, e := range s.After {
		times := ""
		if e.Times > 1 {
			times = fmt.Sprintf("%d times ", e.Times)
		}
		words = append(words, "after "+times+Describe(e.Send))
	}
	if s.Cold {
		words = append(words, "to a process that has received no valid request yet")
	}
	if s.Idle > 0 {
		words = append(words, "after "+word(s.Idle)+" without a request")
	}
	if s.Beside != Nobody {
		words = append(words, string(s.Beside))
	}
	if s.Last {
		words = append(words, "among the last requests to the process")
	}
	return strings.Join(words, "; ")
}
