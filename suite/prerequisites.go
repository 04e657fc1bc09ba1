package suite

import (
	"slices"
	"strings"
)

// The cases that others rest on. Each tests one ability, so that a target without
// it fails one case and the others are blocked.
const (
	ownsCalls         = "receiving.signed"
	ownsProbes        = "calls.probe"
	ownsIntrospection = "introspection.answered"
	ownsInBand        = "inband.signed"
	ownsSync          = "sync.registers"
	ownsBearer        = "sending.bearer"
	ownsReads         = "sending.use-api"
	ownsEvents        = "sending.event"
	ownsCheckpoints   = "checkpoint.sent"
	ownsCheckpointKey = "checkpoint.bearer"
	ownsFallback      = "keys.fallback-accepted"
	ownsSwitch        = "keys.fallback-after-refusal"
	ownsFuture        = "receiving.future"
	ownsWorker        = "connect.starts"
	ownsWorkerKey     = "connect.bearer"
	ownsWorkerSwitch  = "connect.fallback"
)

// owners are the cases that test whether a valid request of a kind is accepted.
var owners = map[Kind]string{
	KindCall: ownsCalls, KindProbe: ownsProbes, KindIntrospect: ownsIntrospection, KindInBandSync: ownsInBand, KindSync: ownsSync, KindConnect: ownsWorker,
}

// Prerequisites are the ids of the cases that must pass before this one can be
// judged, beginning with c.Rests. Those that are not applicable to a target do not
// count.
func (c Case) Prerequisites() []string {
	ids := slices.Clone(c.Rests)
	for _, id := range c.derivedPrerequisites() {
		if id != "" && id != c.ID && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// derivedPrerequisites follow from the request of the case.
func (c Case) derivedPrerequisites() []string {
	in, kind := c.When.Fields(), c.When.Kind()
	if c.Given.Dev() || c.StandsAlone() {
		return nil
	}
	ids := []string{owners[kind]}
	for _, earlier := range c.State.After {
		ids = append(ids, owners[earlier.Send.Kind()])
	}
	contact := c.contact()
	ids = append(ids, contact)
	if in.Scripts() && contact != "" {
		ids = append(ids, map[string]string{ownsSync: ownsBearer, ownsReads: ownsReads, ownsCheckpoints: ownsCheckpointKey, ownsWorker: ownsWorkerKey}[contact])
	}
	if kind == KindConnect { // which verifies nothing, and switches keys by itself
		if in.APIRefuses == Both {
			ids = append(ids, ownsWorkerSwitch)
		}
		if in.APIRefuses != "" && c.Given.hasFallback() {
			ids = append(ids, ownsFallback)
		}
		return ids
	}
	if in.APIRefuses != "" && c.Given.hasFallback() && c.ID != ownsSwitch {
		ids = append(ids, ownsSwitch)
	}
	if in.Key == Fallback && c.Given.hasFallback() || in.APIRefuses != "" && c.Given.hasFallback() {
		ids = append(ids, ownsFallback)
	}
	return append(ids, c.family()...)
}

// family is the core case whose failure implies the failure of this negative: if
// unsigned calls are accepted, so are those with another header, and if expired
// calls are accepted, so are other expired requests. It is empty for the core
// cases, which are always judged.
func (c Case) family() []string {
	in := c.When.Fields()
	switch {
	case !c.Then.Negative || c.Level == May || slices.Contains(Core, c.ID) || c.ID == ownsFuture:
		return nil
	case in.Unsigned:
		return []string{"receiving.unsigned"}
	case in.Header != "" && (!strings.Contains(in.Header, "{s") || strings.Contains(in.Header, "{s:umlauts}")):
		return []string{"receiving.unsigned", "receiving.wrong-key"} // a header that cannot be read may count as none
	case in.Age > 0, in.Split != "", strings.Contains(in.Header, "{s:old}"):
		return []string{"receiving.expired"}
	case in.Age < 0:
		return []string{ownsFuture}
	case len(c.Faults()) > 0 && in.Key != Fallback || in.Key == Fallback && !c.Given.hasFallback():
		return []string{"receiving.wrong-key"}
	}
	return nil
}

// contact is the case that tests whether the target contacts the API at all, for
// requests that should make it do so.
func (c Case) contact() string {
	in := c.When.Fields()
	switch {
	case c.When.Kind() == KindSync:
		return ownsSync
	case c.When.Kind() == KindConnect:
		return ownsWorker
	case in.UseAPI:
		return ownsReads
	case in.Function == StepID:
		return ownsCheckpoints
	case in.Function == SendID:
		return ownsEvents
	}
	return ""
}

// StandsAlone reports whether a case has no derived prerequisites: the basic ones,
// and those that report which kind of sync a PUT is taken for.
func (c Case) StandsAlone() bool {
	switch c.ID {
	case ownsCalls, ownsIntrospection, "sync.unsigned", "sync.without-kind", "sync.hyphenated-kind":
		return true
	}
	return false
}

// link sets what is derived from the whole catalogue: the attacker of each case,
// and the case that tests whether its control is accepted.
func link(all []Case) {
	type accepted struct {
		given Setup
		when  Stimulus
	}
	tested := map[accepted]string{}
	for _, c := range all {
		if c.Then.Accepts && c.Level == Must && c.State.IsZero() && tested[accepted{c.Given, c.When}] == "" {
			tested[accepted{c.Given, c.When}] = c.ID
		}
	}
	for i := range all {
		c := &all[i]
		if c.By == "" {
			c.By = c.Attacker()
		}
		if !c.Then.Negative {
			continue
		}
		given := c.Given
		if control, controlled := c.Given.Control(); controlled {
			given = control
		}
		if owner := tested[accepted{given, ControlOf(*c, given)}]; owner != "" && owner != c.ID && !slices.Contains(c.Rests, owner) {
			c.Rests = append(slices.Clone(c.Rests), owner)
		}
	}
}
