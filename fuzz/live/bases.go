package live

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Base is the valid request that an input starts from.
type Base string

// The bases.
const (
	Call       Base = "call"
	RichCall   Base = "rich call" // with every kind of character and number
	Probe      Base = "probe"
	Introspect Base = "introspection"
	Sync       Base = "sync"
	InBandSync Base = "in-band sync"
	Fetched    Base = "call with use_api" // its payload is fetched from the API
	Stepping   Base = "call with a step"  // it makes one checkpoint
	Sending    Base = "call that sends"   // it sends one event
)

// allBases is every base, in the order in which they are tried.
var allBases = []Base{Call, RichCall, Probe, Introspect, Sync, InBandSync, Fetched, Stepping, Sending}

// baseInfo is what a base is made of and needs.
type baseInfo struct {
	stimulus suite.Stimulus
	needs    []suite.Capability
	purpose  purpose
	// alike: within one second, each request is the same as the one before.
	alike bool
}

var bases = map[Base]baseInfo{
	Call:       {stimulus: suite.Call{}, purpose: forRun},
	RichCall:   {stimulus: suite.Call{Body: suite.Rich}, purpose: forRun},
	Probe:      {stimulus: suite.Probe{}, purpose: forProbe, needs: []suite.Capability{suite.TrustProbe}, alike: true},
	Introspect: {stimulus: suite.Introspect{}, purpose: forIntrospection, alike: true},
	Sync:       {stimulus: suite.Sync{}, purpose: forSync, alike: true},
	InBandSync: {stimulus: suite.InBandSync{}, purpose: forInBandSync, needs: []suite.Capability{suite.InBand}, alike: true},
	Fetched:    {stimulus: suite.Call{UseAPI: true}, purpose: forRun},
	Stepping:   {stimulus: suite.Call{Function: suite.StepID}, purpose: forRun, needs: []suite.Capability{suite.Checkpoint}},
	Sending:    {stimulus: suite.Call{Function: suite.SendID}, purpose: forRun, needs: []suite.Capability{suite.Events}},
}

// basesOf are the bases that a lab's target supports, by what it claims.
func basesOf(lab engine.Lab, s suite.Setup) []Base {
	return slices.DeleteFunc(slices.Clone(allBases), func(b Base) bool {
		c := suite.Case{Given: s, When: bases[b].stimulus, Needs: bases[b].needs}
		return lab.Lacks(c) != "" || (b == Call || b == RichCall) && lab.Visibility() != suite.Full
	})
}

// isSpecialCall reports whether there is a plainer base for the same purpose.
func (b Base) isSpecialCall() bool { return b != Call && bases[b].purpose == forRun }

// accepted reports whether a base was accepted and had its effect.
func (b Base) accepted(x *engine.Exchange) bool { return b.missing(x) == "" }

// missing describes what was observed instead, or is "" if the base was accepted.
func (b Base) missing(x *engine.Exchange) string {
	if !x.Responded() || x.Response.Status != http.StatusOK && x.Response.Status != http.StatusPartialContent {
		return brief(x)
	}
	effect := ""
	switch p := bases[b].purpose; {
	case p == forRun && x.Runs == 0:
		effect = "nothing ran"
	case p == forRun && x.Runs > 1 && b != Stepping:
		effect = fmt.Sprintf("the function ran %d times", x.Runs)
	case p != forRun && x.Runs > 0:
		effect = "the function ran"
	case b == Fetched && !(contacted(x, suite.APIRequest.ReadsEvents) && contacted(x, suite.APIRequest.ReadsSteps)):
		effect = "the function ran without its events and steps being read from the API"
	case b == Stepping && !contacted(x, suite.APIRequest.Checkpoints):
		effect = "no checkpoint was sent"
	case b == Introspect && !(x.ShowsTrust() && len(x.Disclosed()) > 0):
		effect = "the response is not that to an authenticated request"
	case b == InBandSync && !(len(functionsOf(x)) > 0 && x.Response.Header.Get(reference.HeaderSyncKind) == "in_band"):
		effect = "the response is not that of an in-band sync"
	case b == Sync && !contacted(x, suite.APIRequest.Registers):
		effect = "nothing was registered"
	}
	if effect == "" {
		return ""
	}
	return fmt.Sprintf("status %d; %s", x.Response.Status, effect)
}

func keysOf[V any](table map[string]V) []string { return slices.Sorted(maps.Keys(table)) }

// purpose is what a request is for, whatever base it was drawn from.
type purpose int

const (
	forOther purpose = iota // a method that no clause speaks of
	forRun
	forProbe
	forIntrospection
	forSync
	forInBandSync
)
