package live

import "github.com/countersign-dev/countersign/suite"

// drawnState is a state in which a request is drawn.
type drawnState struct {
	before []Earlier
	beside suite.Company
	times  []int    // of the first request before it, one of which is drawn; none leaves it as it is
	forged [][]Step // one of which the request has; none leaves it valid
	often  int      // how often it is drawn, compared with the others; zero is once
}

// inOneOf is one in so many inputs that are drawn in a state, and besideOneOf one in
// so many that are drawn while others are in flight, which takes longer.
const inOneOf, besideOneOf = 40, 200

var (
	isUnsigned = []Step{{Op: "header", Form: "absent"}}
	isUnknown  = []Step{{Op: "key", Form: "unknown"}}
	isTampered = []Step{{Op: "tamper", Form: "pad"}}
	isExpired  = []Step{{Op: "time", Form: "past", N: 5*minuteS + 6, Signed: true}}

	forgedIn = [][]Step{isUnsigned, isUnsigned, isUnknown, isTampered, isExpired}
)

// drawnStates are what a process may have been through before a request. What else
// it received is drawn, too: each input comes after others.
var drawnStates = []drawnState{
	{before: []Earlier{{Base: Introspect}}, forged: forgedIn},
	{before: []Earlier{{Base: Sync}}, forged: forgedIn},
	{before: []Earlier{{Base: InBandSync}}, forged: forgedIn},
	{before: []Earlier{{Base: Probe}}, forged: forgedIn},
	{before: []Earlier{{Base: Call, Steps: []Step{{Op: "query", Form: "unknown function"}}}}, forged: forgedIn},
	{before: []Earlier{unreadable("words"), unreadable("one letter"), unreadable("percent alone")}, forged: forgedIn},
	{before: []Earlier{odd("a number"), odd("an empty list"), odd("null"), odd("a text"), odd("true")}, forged: forgedIn},
	{before: []Earlier{{Base: Call, Steps: isUnknown}}, times: []int{1, 5, 25, 25, 25, 25, 25, 300}, forged: forgedIn, often: 2},
	{before: []Earlier{{Base: Call, Steps: isUnknown}}, times: []int{5, 25, 25, 100}},
	{before: []Earlier{{Base: Call, Steps: isUnsigned}}, times: []int{5, 25, 25, 100}, forged: forgedIn},
}

// besideOthers are the states with others in flight.
var besideOthers = []drawnState{
	{beside: suite.WhileServed, forged: [][]Step{isUnsigned, isUnknown}, often: 2},
	{beside: suite.WhileRead, forged: [][]Step{isUnsigned, isUnknown}, often: 2},
	{beside: suite.Together, forged: [][]Step{isUnsigned, isUnknown, isTampered}},
	{beside: suite.Together},
}

// coldForgeries are sent to a process that has received no valid request yet.
var coldForgeries = [][]Step{isUnsigned, isUnknown, isExpired, isTampered}

func unreadable(form string) Earlier {
	return Earlier{Base: Call, Steps: []Step{{Op: "header", Form: form}}}
}

// odd is an unsigned call with a body that is none.
func odd(form string) Earlier {
	return Earlier{Base: Call, Steps: []Step{{Op: "replace", Form: form}, {Op: "header", Form: "absent"}}}
}

// weighted lists each state as often as it is drawn.
func weighted(states []drawnState) (all []drawnState) {
	for _, s := range states {
		for range max(1, s.often) {
			all = append(all, s)
		}
	}
	return all
}
