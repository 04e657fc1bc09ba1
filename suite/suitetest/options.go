package suitetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Option is an option of [Run].
type Option func(*config)

// config holds the options.
type config struct {
	lab         inprocess.Options
	tier        suite.Tier
	profile     suite.Profile
	destructive bool
	seed        uint64
	jobs        int
	baseline    []engine.Excuse
	processEnv  bool
}

// Claims names the optional capabilities that the SDK has. Cases that need
// another one are skipped. Without this option all of them are.
func Claims(capabilities ...suite.Capability) Option {
	return func(c *config) { c.lab.Claims = append(c.lab.Claims, capabilities...) }
}

// Baseline excuses known violations: their subtests are skipped. It is strict:
// an excused case that passes, or does not exist, fails the test. Every excuse
// needs a reason and a link.
func Baseline(excuses ...engine.Excuse) Option {
	return func(c *config) { c.baseline = append(c.baseline, excuses...) }
}

// Tier sets how many cases are judged; the default is [suite.Default].
func Tier(t suite.Tier) Option { return func(c *config) { c.tier = t } }

// Profile sets how ambiguities are scored; the default is [suite.ProfileDefault].
func Profile(p suite.Profile) Option { return func(c *config) { c.profile = p } }

// Destructive adds the cases that may crash an endpoint.
func Destructive() Option { return func(c *config) { c.destructive = true } }

// Seed sets the seed of keys and nonces; by default every run has a new one.
// Failures name the seed of their run.
func Seed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// Jobs sets how many endpoints are judged at the same time; the default is one.
// More are faster, and need a handler that shares no state between endpoints,
// such as the environment of the process.
func Jobs(n int) Option { return func(c *config) { c.jobs = n } }

// Path sets the path of the endpoint; the default is /api/inngest.
func Path(path string) Option { return func(c *config) { c.lab.Path = path } }

// Names sets the names of a variable in an SDK that does not use the specification's
// name: each of them is set to its value.
func Names(variable string, names ...string) Option {
	return func(c *config) {
		if c.lab.Names == nil {
			c.lab.Names = map[string][]string{}
		}
		c.lab.Names[variable] = names
	}
}

// Cloud sets a variable that selects cloud mode, for an SDK that needs one.
func Cloud(name, value string) Option {
	return func(c *config) {
		if c.lab.Cloud == nil {
			c.lab.Cloud = map[string]string{}
		}
		c.lab.Cloud[name] = value
	}
}

// ProcessEnv also sets the variables in the environment of this process before
// each call of the handler function, for an SDK that reads them there, and
// restores them when the test ends. It excludes [Jobs] and t.Parallel.
func ProcessEnv() Option { return func(c *config) { c.processEnv = true } }

// configure applies the options and checks them.
func configure(handler func(env map[string]string) http.Handler, options []Option) (config, error) {
	c := config{profile: suite.ProfileDefault, seed: uint64(rand.Uint32()), jobs: 1}
	for _, option := range options {
		option(&c)
	}
	c.lab.Handler, c.lab.Quiet = handler, limits.QuietHandler
	c.lab.Keys = suite.NewKeyring(rand.New(rand.NewPCG(c.seed, 0)))
	return c, c.check()
}

func (c config) check() error {
	switch {
	case c.lab.Handler == nil:
		return errors.New("the handler function is nil")
	case c.jobs < 1:
		return fmt.Errorf("Jobs(%d): at least one endpoint is judged at a time", c.jobs)
	case c.jobs > 1 && c.processEnv:
		return errors.New("Jobs and ProcessEnv are mutually exclusive: a process has one environment")
	case c.lab.Path != "" && !strings.HasPrefix(c.lab.Path, "/"):
		return fmt.Errorf("Path(%q): a path starts with a slash, like /api/inngest", c.lab.Path)
	case c.tier != suite.Smoke && c.tier != suite.Default && c.tier != suite.Deep:
		return fmt.Errorf("Tier(%d): the tiers are suite.Smoke, suite.Default and suite.Deep", c.tier)
	case c.profile != suite.ProfileDefault && c.profile != suite.ProfileSpec:
		return fmt.Errorf("Profile(%q): the profiles are suite.ProfileDefault and suite.ProfileSpec", c.profile)
	}
	for _, claim := range c.lab.Claims {
		if !slices.Contains(suite.Capabilities, claim) {
			return fmt.Errorf("Claims(%q): there is no such capability; they are in suite.Capabilities", claim)
		}
	}
	if err := engine.CheckExcuses(c.baseline); err != nil {
		return fmt.Errorf("Baseline: %w", err)
	}
	return nil
}

// cases are the cases that the options select.
func (c config) cases() []suite.Case {
	return slices.DeleteFunc(c.profile.Catalogue(), func(one suite.Case) bool {
		return !c.tier.Includes(one.Tier) || one.Destructive && !c.destructive
	})
}

func (c config) excuse(id string) (engine.Excuse, bool) {
	i := slices.IndexFunc(c.baseline, func(e engine.Excuse) bool { return e.Case == id })
	if i < 0 {
		return engine.Excuse{}, false
	}
	return c.baseline[i], true
}
