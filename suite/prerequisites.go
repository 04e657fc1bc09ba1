package suite

import (
	"slices"
	"strings"
)

// The cases that others rest on: each owns one ability, so that a target without
// it is accused once.
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
)

// Prerequisites are the ids of the cases that must hold for this one to be
// judged, those that it names itself first. What is not applicable to a target
// is no prerequisite there.
func (c Case) Prerequisites() []string {
	ids := slices.Clone(c.Rests)
	for _, id := range c.derivedPrerequisites() {
		if id != "" && id != c.ID && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// derivedPrerequisites follow from what a case sends.
func (c Case) derivedPrerequisites() []string {
	in, kind := c.When.Fields(), c.When.Kind()
	if c.Given.Dev() || c.StandsAlone() {
		return nil
	}
	ids := []string{map[Kind]string{
		KindCall: ownsCalls, KindProbe: ownsProbes, KindIntrospect: ownsIntrospection, KindInBandSync: ownsInBand, KindSync: ownsSync,
	}[kind]}
	contact := c.contact()
	ids = append(ids, contact)
	if in.Scripts() && contact != "" {
		ids = append(ids, map[string]string{ownsSync: ownsBearer, ownsReads: ownsReads, ownsCheckpoints: ownsCheckpointKey}[contact])
	}
	if in.APIRefuses != "" && c.Given.hasFallback() && c.ID != ownsSwitch {
		ids = append(ids, ownsSwitch)
	}
	if in.Key == Fallback && c.Given.hasFallback() || in.APIRefuses != "" && c.Given.hasFallback() {
		ids = append(ids, ownsFallback)
	}
	return append(ids, c.family())
}

// family is the core case whose failure a negative repeats: where no call needs a
// signature, no header changes that, and where nothing is too old, no kind of
// request is. The core cases themselves are always judged.
func (c Case) family() string {
	in := c.When.Fields()
	switch {
	case !c.Then.Negative || c.Level == May || slices.Contains(Core, c.ID) || c.ID == ownsFuture:
		return ""
	case in.Unsigned:
		return Core[0]
	case in.Age > 0, in.Split != "", strings.Contains(in.Header, "{s:old}"):
		return "receiving.expired"
	case in.Age < 0:
		return ownsFuture
	case len(c.Faults()) > 0 && in.Key != Fallback || in.Key == Fallback && !c.Given.hasFallback():
		return "receiving.wrong-key"
	}
	return ""
}

// contact is the case that owns what makes the target contact the API.
func (c Case) contact() string {
	in := c.When.Fields()
	switch {
	case c.When.Kind() == KindSync:
		return ownsSync
	case in.UseAPI:
		return ownsReads
	case in.Function == StepID:
		return ownsCheckpoints
	case in.Function == SendID:
		return ownsEvents
	}
	return ""
}

// StandsAlone reports whether a case rests on nothing: the first of all, and
// those that report which kind of sync a PUT is taken for.
func (c Case) StandsAlone() bool {
	switch c.ID {
	case ownsCalls, ownsIntrospection, "sync.unsigned", "sync.without-kind", "sync.hyphenated-kind":
		return true
	}
	return false
}

// link completes cases by what follows from the others: who can send them, and
// which case owns the acceptance of their control.
func link(all []Case) {
	type accepted struct {
		given Setup
		when  Stimulus
	}
	owners := map[accepted]string{}
	for _, c := range all {
		if c.Then.Accepts && c.Level == Must && owners[accepted{c.Given, c.When}] == "" {
			owners[accepted{c.Given, c.When}] = c.ID
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
		if control, unfit := c.Given.Control(); unfit {
			given = control
		}
		if owner := owners[accepted{given, ControlOf(*c, given)}]; owner != "" && owner != c.ID && !slices.Contains(c.Rests, owner) {
			c.Rests = append(slices.Clone(c.Rests), owner)
		}
	}
}

// WithPrerequisites adds the cases that the given ones rest on, directly or not,
// behind them, as a profile scores them.
func (p Profile) WithPrerequisites(cases []Case) []Case {
	known := map[string]Case{}
	for _, c := range p.Catalogue() {
		known[c.ID] = c
	}
	there := map[string]bool{}
	for _, c := range cases {
		there[c.ID] = true
	}
	all := slices.Clone(cases)
	for i := 0; i < len(all); i++ {
		for _, id := range all[i].Prerequisites() {
			if c, is := known[id]; is && !there[id] {
				there[id] = true
				all = append(all, c)
			}
		}
	}
	return all
}
