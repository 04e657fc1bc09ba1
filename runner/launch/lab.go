package launch

import (
	"cmp"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Options say how a lab is made. The zero value is ready to use.
type Options struct {
	Seed  uint64 // the keys are drawn from it
	Cache string // the cache folder; empty: COUNTERSIGN_CACHE, else the user's
	// Break replaces a part of the embedded endpoint; nil leaves it as it is.
	Break func(*reference.Endpoint)
	// KeepAlive uses connections to a target again, for requests whose framing is
	// plain. Without it each request has a connection of its own.
	KeepAlive bool

	SetupLimit time.Duration // for the set-up; 0: the target's, or limits.SetUp
	StartLimit time.Duration // from starting a process to its first response; 0: the target's, or limits.Start
	StopLimit  time.Duration // from SIGTERM to SIGKILL; 0: limits.Stop
}

// Lab starts one version of a target in the set-ups that cases need.
type Lab struct {
	target  Description     // of the chosen variant
	version *semver.Version // nil where the target has no versions
	options Options
	keys    suite.Keyring
	store   string // the target's part of the cache

	preparing sync.Mutex
	prepared  bool
	tools     []Requirement // once they were looked for
	app       string        // the folder of the app, once it was found
	cache     string        // what the set-up fills, once it was found

	traits engine.Traits

	mu     sync.Mutex
	alive  []*launched
	held   []func() // release locks of folders in the cache
	closed bool

	identity   identity
	choosePort func() (port string, release func(), err error)
}

// New makes a lab for a version of a target; the empty version is the default one.
func New(d Description, version string, o Options) (*Lab, error) {
	chosen, err := d.version(version)
	if err != nil {
		return nil, err
	}
	if d, err = d.resolve(chosen); err != nil {
		return nil, err
	}
	root, err := cacheRoot(o.Cache)
	if err != nil {
		return nil, err
	}
	cleanUp(root)
	o.SetupLimit = cmp.Or(o.SetupLimit, d.Limits.Setup, limits.SetUp)
	o.StartLimit = cmp.Or(o.StartLimit, d.Limits.Start, limits.Start)
	o.StopLimit = cmp.Or(o.StopLimit, limits.Stop)
	return &Lab{
		target: d, version: chosen, options: o, keys: drawKeys(o.Seed),
		store: filepath.Join(root, d.Name), choosePort: leasePort,
	}, nil
}

func drawKeys(seed uint64) suite.Keyring {
	return suite.NewKeyring(rand.New(rand.NewPCG(seed, 0)))
}

// Name is the target, its variant and its version: "inngest-js/express@4.24.0".
func (l *Lab) Name() string {
	if l.version == nil {
		return l.Target()
	}
	return l.Target() + "@" + l.version.String()
}

// Target is the target and its variant: "inngest-js/express".
func (l *Lab) Target() string { return l.target.FullName() }

// Version is the chosen version; empty where the target has none.
func (l *Lab) Version() string {
	if l.version == nil {
		return ""
	}
	return l.version.String()
}

// Traits are what was found out about the endpoint so far.
func (l *Lab) Traits() *engine.Traits { return &l.traits }

// Keys are generated for this lab and configured nowhere else.
func (l *Lab) Keys() suite.Keyring { return l.keys }

// Lacks names an optional capability that this version does not claim.
func (l *Lab) Lacks(c suite.Case) string { return suite.Unclaimed(c, l.target.claims(l.version)) }

// Visibility is Full: there are a beacon and a stand-in API.
func (l *Lab) Visibility() suite.Visibility { return suite.Full }

// lockLimit is how long another run that installs the same is waited for.
func (l *Lab) lockLimit() time.Duration { return l.options.SetupLimit + limits.SetUpLock }

func (l *Lab) forget(t *launched) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alive = slices.DeleteFunc(l.alive, func(other *launched) bool { return other == t })
}
