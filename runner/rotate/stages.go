package rotate

import (
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// The keys by their role in the rotation.
const (
	keyA = suite.Fallback // before
	keyB = suite.Primary  // after
)

// stage is one row of the table of a rotation.
type stage struct {
	name   string
	setup  suite.Setup
	holds  string        // what the target holds, in words
	server suite.KeyName // signs requests, and is the only one that the API accepts
}

var stages = [4]stage{
	{"before", suite.Setup{Key: suite.Former}, "key A", keyA},
	{"both deployed", suite.Setup{Fallback: suite.Present}, "key B, fallback A", keyA},
	{"rotated", suite.Setup{Fallback: suite.Present}, "key B, fallback A", keyB},
	{"after", suite.Setup{}, "key B", keyB},
}

// The stages that other code refers to.
const (
	deployed = 1
	rotated  = 2
	after    = 3
)

// letter is how a report calls a key.
func letter(key suite.KeyName) string {
	switch key {
	case keyA:
		return "A"
	case keyB:
		return "B"
	}
	return string(key)
}

// script is how the API responds while the server has one key: it refuses the other.
func (s stage) script() engine.Script {
	if s.server == keyA {
		return engine.Script{Refuses: keyB}
	}
	return engine.Script{Refuses: keyA}
}

// byFallback reports whether the server's key is the target's fallback.
func (s stage) byFallback() bool { return s.server == keyA && s.setup.Fallback == suite.Present }
