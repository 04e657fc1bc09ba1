package live

import "github.com/countersign-dev/countersign/suite/engine"

// attempt is one input that was sent, with what is required and what was observed.
type attempt struct {
	input      Input
	scene      scene
	sent       request
	required   requirement
	observed   *engine.Exchange
	violations []violation
	accepted   string // what an accepted request of its base got; empty where that is not known
	// history is what was sent to the target before: it may die a moment after its
	// response, and what it does may depend on what it received before.
	history []Input
	// sequence is what was sent as a part of the input.
	sequence []companion
}

// companion is a request that was sent as a part of an input, before or beside the
// last one.
type companion struct {
	attempt
	times int
	role  string // asOpening, rightAhead or alongside
}
