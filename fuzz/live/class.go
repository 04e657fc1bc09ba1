package live

import "github.com/countersign-dev/countersign/suite"

// Class is a class of finding.
type Class string

// The classes.
const (
	FalseAccept    Class = "false accept"
	FalseReject    Class = "false reject"
	Disclosure     Class = "disclosure"
	Crash          Class = "crash"
	Hang           Class = "hang"
	Slow           Class = "slow"
	OutboundMisuse Class = "outbound misuse"
	Undetermined   Class = "non-determinism"
)

// classes is every class.
var classes = []Class{FalseAccept, FalseReject, Disclosure, Crash, Hang, Slow, OutboundMisuse, Undetermined}

// violation is what an attempt showed to be wrong.
type violation struct {
	class    Class
	level    suite.Level
	required string // with the clause or the ambiguity
	observed string // instead
}
