package live

import (
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Options say how a campaign is run. The zero value is fit for use.
type Options struct {
	Seed          uint64
	Shard, Shards uint64        // this campaign has the indexes i with i mod Shards = Shard-1; zero is 1 of 1
	Requests      uint64        // indexes in all shards together; zero is without end
	For           time.Duration // no more inputs are drawn after this long; zero is without end
	Workers       int
	ShrinkFor     time.Duration // for one finding; zero is ten seconds
	NoPut         bool          // send no PUT
	Destructive   bool          // send what may end an endpoint that the lab cannot start again
	Corpus        []Input       // inputs that showed distinct behaviours before

	Watch func(Progress) // is called now and then; may be nil
	Keep  func(Input)    // gets each input that shows a new behaviour; may be nil
	Found func(Finding)  // gets each finding as soon as it is confirmed; may be nil

	stopAtFirst bool             // end with the first violation, unconfirmed
	maxFindings int              // stop looking for more; zero is [limits.Findings]
	clock       func() time.Time // of the campaign and its exchanges; nil is time.Now
}

// Progress is how far a campaign has come.
type Progress struct {
	Requests, Behaviours, Findings int
}

// Campaign is the result of fuzzing one target.
type Campaign struct {
	Requests    int    // all that were sent
	Indexes     uint64 // how many of this shard were drawn
	Behaviours  int    // distinct ones of the target
	Bases       []Base // that the target accepts
	Findings    []Finding
	Unconfirmed []Unconfirmed
	Void        string // why it proves nothing; empty where it does
	Incomplete  string // why not everything could be judged; empty where it could
}

// Unconfirmed is a violation that was observed and could not be confirmed.
type Unconfirmed struct {
	Input    Input
	Class    Class
	Observed string
	Reason   string // why it is not confirmed
}

// Serious reports whether the violation must not be observed even once. The others
// may be transient failures of a busy machine or of a network, as a response that did
// not arrive is.
func (u Unconfirmed) Serious() bool {
	return u.Class == FalseAccept || u.Class == Disclosure || u.Class == OutboundMisuse ||
		u.Class == Crash && u.Observed != noResponse && !strings.HasPrefix(u.Observed, notArrived)
}

// campaign is the state that the workers share.
type campaign struct {
	lab       engine.Lab
	options   Options
	scope     scope
	announced bool // findings are announced as soon as they are confirmed

	mu           sync.Mutex
	next         uint64 // how many indexes were handed out
	requests     int
	fingerprints map[string]bool
	tried        map[string]bool // violations that were investigated
	fatal        []Input         // inputs that ended a target, or got no response in time
	findings     []Finding
	unconfirmed  []Unconfirmed
	ends         time.Time // when no more is drawn; zero is never
	void         string
	incomplete   string
	stopped      bool
	startedAnew  int    // findings for which a target was started again and again
	cut          int    // responses of which not everything was looked at
	cutWhy       string // of the last of them
	gaveUp       int    // inputs to which the endpoint itself never responded
}

func newCampaign(lab engine.Lab, o Options) *campaign {
	o.Shards, o.Shard, o.Workers = max(o.Shards, 1), max(o.Shard, 1), max(o.Workers, 1)
	if o.ShrinkFor == 0 {
		o.ShrinkFor = limits.Shrink
	}
	if o.maxFindings == 0 {
		o.maxFindings = limits.Findings
	}
	if o.clock == nil {
		o.clock = time.Now
	}
	c := &campaign{lab: lab, options: o, fingerprints: map[string]bool{}, tried: map[string]bool{}}
	if o.For > 0 {
		c.ends = o.clock().Add(o.For)
	}
	return c
}

func (c *campaign) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	if c.options.Watch != nil && c.requests%64 == 0 {
		c.options.Watch(Progress{c.requests, len(c.fingerprints), len(c.findings)})
	}
}
