package run

import (
	"context"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
)

// TargetSpec is what is judged. The zero TargetSpec is the embedded reference.
type TargetSpec struct {
	// Name is a target to install and start: "inngest-js", "inngest-js@4.24.0",
	// "inngest-js/express@4.24.0" for a variant, or the path of a folder with a
	// target.yaml.
	Name   string
	Limits launch.Limits // of its set-up and start; zero: those of its target.yaml
	// Offline uses only what is installed already: a target that is not is an error.
	Offline bool
	// URL is an endpoint that is already running; Name is empty then. The members
	// below belong to it.
	URL         string
	Keys        launch.AttachKeys // the endpoint's own
	AllowSync   bool              // send syncs, which may make the endpoint register itself
	AllowRemote bool              // the URL may be an address other than loopback
	Rate        int               // requests per second at most; 0: no limit
	Function    string            // the id of a function that may run; empty: none may
	// AcceptProbe accepts that calls are judged by other requests in their place.
	AcceptProbe bool
}

// OpenOptions say how a target is opened.
type OpenOptions struct {
	Seed      uint64 // keys are drawn from it
	KeepAlive bool   // use connections again, which is faster
	Say       func(format string, args ...any)
	// Before is called before the first request is sent to an endpoint at a URL; it
	// may be nil.
	Before func() error
}

// Lab is an opened target: it starts it in the set-ups that cases need.
type Lab struct {
	engine.Lab
	Target report.Target
	Flags  string // of the command line, that choose this target and version: " --target NAME@VERSION"
	close  func()

	refuses  bool       // an endpoint at a URL that accepted no valid request so far
	requests func() int // sent so far to an endpoint at a URL; nil for other targets
}

// Traits are what was found out about the target so far.
func (l *Lab) Traits() *engine.Traits { return engine.TraitsOf(l.Lab) }

// judged describes the target after it was judged.
func (l *Lab) judged() report.Target {
	t := l.Target
	if l.requests != nil {
		t.Requests = l.requests()
	}
	return t
}

// Close stops everything that the lab has started.
func (l *Lab) Close() { l.close() }

// Open prepares a target: it installs it where that is needed, or finds the
// endpoint at its URL.
func Open(ctx context.Context, t TargetSpec, o OpenOptions) (*Lab, error) {
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	switch {
	case t.Name != "" && t.URL != "":
		return nil, page.Usage("leave one of them empty", "a target has a name or a URL, not both")
	case t.URL != "":
		return attach(ctx, t, o)
	case t.Name != "":
		return install(ctx, t, o)
	}
	lab := launch.Embedded(launch.Options{Seed: o.Seed, KeepAlive: o.KeepAlive})
	_, release, _ := strings.Cut(reference.SDK, ":v")
	return &Lab{Lab: lab, close: lab.Close, Target: report.Target{Name: "reference", Version: release, Kind: report.Embedded}}, nil
}

func install(ctx context.Context, t TargetSpec, o OpenOptions) (*Lab, error) {
	name, version := SplitVersion(t.Name)
	if version == "" && strings.HasSuffix(t.Name, "@") {
		return nil, page.Usage("leave out the @ for the default version", "--target %s has no version after its @", t.Name)
	}
	described, err := launch.Find(name)
	if err != nil {
		return nil, err
	}
	lab, err := launch.New(described, version, launch.Options{
		Seed: o.Seed, KeepAlive: o.KeepAlive, SetupLimit: t.Limits.Setup, StartLimit: t.Limits.Start,
	})
	if err != nil {
		return nil, err
	}
	if t.Offline && !lab.Installed(ctx) {
		defer lab.Close()
		return nil, page.CouldNotJudge("run it once without --offline", "%s is not installed, and --offline forbids to install it", lab.Name())
	}
	o.Say("preparing %s (installed on first use)", lab.Name())
	if err := lab.Prepare(ctx); err != nil {
		lab.Close()
		return nil, err
	}
	if lab.Version() != "" {
		name += "@" + lab.Version()
	}
	identity := report.ByBeacon
	if launch.KnowsWhoResponds() {
		identity = report.BySocket
	}
	return &Lab{
		Lab: lab, close: lab.Close,
		Target: report.Target{Name: lab.Target(), Version: lab.Version(), Kind: report.Launched, Identity: identity},
		Flags:  " --target " + page.Quote(name) + limitFlags(t.Limits),
	}, nil
}

// limitFlags are the flags that set limits.
func limitFlags(l launch.Limits) string {
	var flags string
	if l.Setup > 0 {
		flags += " --setup-limit " + l.Setup.String()
	}
	if l.Start > 0 {
		flags += " --start-limit " + l.Start.String()
	}
	return flags
}

// SplitVersion separates a name, or a path, from the version after its @.
func SplitVersion(text string) (name, version string) {
	at := strings.LastIndexByte(text, '@')
	if at <= strings.LastIndexByte(text, '/') {
		return text, ""
	}
	return text[:at], text[at+1:]
}

func (t TargetSpec) attachOptions(seed uint64) launch.AttachOptions {
	return launch.AttachOptions{AllowSync: t.AllowSync, AllowRemote: t.AllowRemote, Rate: t.Rate, Function: t.Function, Seed: seed}
}

func attach(ctx context.Context, t TargetSpec, o OpenOptions) (*Lab, error) {
	o.Say("connecting to %s", t.URL)
	how := t.attachOptions(o.Seed)
	how.Before = o.Before
	lab, err := launch.Attach(ctx, t.URL, t.Keys, how)
	if err != nil {
		return nil, err
	}
	flags := " --url " + page.Quote(t.URL)
	if t.AllowSync {
		flags += " --allow-sync"
	}
	if t.AllowRemote {
		flags += " --allow-remote"
	}
	if t.Function != "" {
		flags += " --function " + page.Quote(t.Function)
	}
	described := report.Target{
		Name: "your endpoint", Kind: report.Attached, URL: t.URL,
		Function: t.Function, AcceptProbe: t.AcceptProbe, ProbeRefused: lab.ProbeRefused(),
	}
	return &Lab{
		Lab: lab, close: lab.Close, Target: described, Flags: flags, refuses: !lab.Accepts(),
		requests: func() int { return lab.Traffic().Requests() },
	}, nil
}
