package launch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
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

	StartLimit time.Duration // from starting a process to its first response; 0: 20 s
	StopLimit  time.Duration // from SIGTERM to SIGKILL; 0: 2 s
}

// Lab starts one version of a target in the set-ups that cases need.
type Lab struct {
	target  Description
	version *semver.Version // nil where the target has no versions
	options Options
	keys    suite.Keyring
	cache   string // of this version
	app     string // the folder of the app, once prepared

	preparing sync.Mutex
	prepared  bool

	mu     sync.Mutex
	alive  []*launched
	closed bool

	choosePort func() (string, error)
}

// New makes a lab for a version of a target; the empty version is the default one.
func New(d Description, version string, o Options) (*Lab, error) {
	chosen, err := d.version(version)
	if err != nil {
		return nil, err
	}
	root, err := cacheRoot(o.Cache)
	if err != nil {
		return nil, err
	}
	folder := "unversioned"
	if chosen != nil {
		folder = chosen.String()
	}
	if o.StartLimit == 0 {
		o.StartLimit = startLimit
	}
	if o.StopLimit == 0 {
		o.StopLimit = stopLimit
	}
	return &Lab{
		target: d, version: chosen, options: o, keys: drawKeys(o.Seed),
		cache: filepath.Join(root, d.Name, folder), choosePort: freePort,
	}, nil
}

func drawKeys(seed uint64) suite.Keyring {
	return suite.NewKeyring(rand.New(rand.NewPCG(seed, 0)))
}

// Name is the target and its version: "inngest-js@4.24.0".
func (l *Lab) Name() string {
	if l.version == nil {
		return l.target.Name
	}
	return l.target.Name + "@" + l.version.String()
}

// Version is the chosen version; empty where the target has none.
func (l *Lab) Version() string {
	if l.version == nil {
		return ""
	}
	return l.version.String()
}

// Keys are generated for this lab and configured nowhere else.
func (l *Lab) Keys() suite.Keyring { return l.keys }

// Lacks names an optional capability that this version does not claim.
func (l *Lab) Lacks(c suite.Case) string { return suite.Unclaimed(c, l.target.claims(l.version)) }

// Visibility is Full: there are a beacon and a stand-in API.
func (l *Lab) Visibility() suite.Visibility { return suite.Full }

// Start starts a process in a set-up, after [Lab.Prepare].
func (l *Lab) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	if err := l.Prepare(ctx); err != nil {
		return nil, err
	}
	t, err := l.start(ctx, s)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	closed := l.closed
	l.alive = append(l.alive, t)
	l.mu.Unlock()
	if closed {
		t.Stop()
		return nil, fmt.Errorf("starting %s: the lab is closed", l.Name())
	}
	return t, nil
}

// Close stops every process that is still running.
func (l *Lab) Close() {
	l.mu.Lock()
	l.closed = true
	alive := slices.Clone(l.alive)
	l.mu.Unlock()
	var stopping sync.WaitGroup
	for _, t := range alive {
		stopping.Go(t.Stop)
	}
	stopping.Wait()
}

func (l *Lab) forget(t *launched) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alive = slices.DeleteFunc(l.alive, func(other *launched) bool { return other == t })
}
