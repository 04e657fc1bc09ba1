package live

import (
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// again takes over something of the request before.
const again = "again"

// The forms of again.
const (
	sameConnection = "the connection"
	sameSignature  = "the signature"
	sameBody       = "the body"
	sameRun        = "the run id"
)

// againOperators take something over from the request that was sent right before,
// which is a valid call unless the input has others.
var againOperators = map[string]operator{
	again: {forms: []string{sameConnection, sameSignature, sameBody, sameRun}, bases: []Base{Call}, apply: func(d *draft, s Step) {
		before := d.scene.before
		switch d.valid = d.valid && s.Form == sameConnection; {
		case s.Form == sameConnection:
			d.connection = suite.Connection
		case s.Form == sameSignature && before != nil:
			value := strings.Join(valuesOf(before.sent.Request, reference.HeaderSignature), "\n")
			d.header.whole = &value
		}
	}},
}

// has reports whether an input takes this over from the request before.
func (in Input) has(form string) bool {
	return slices.ContainsFunc(in.Steps, func(s Step) bool { return s.Op == again && s.Form == form })
}

func (in Input) takesOver() bool {
	return slices.ContainsFunc(in.Steps, func(s Step) bool { return s.Op == again })
}

// follow changes the scene of an input to have something of the request before it.
func (s *scene) follow(in Input, before *attempt) {
	s.before = before
	switch {
	case before == nil:
	case in.has(sameBody):
		s.Nonce, s.Now, s.Run = before.scene.Nonce, before.scene.Now, before.scene.Run
	case in.has(sameRun):
		s.Run = before.scene.Nonce
	}
}
