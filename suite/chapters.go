package suite

import (
	"fmt"
	"slices"
	"sync"
)

// chapters are the chapters of the catalogue, in the order of the specification.
// Each is a function, because cases refer to other tables.
var chapters = []func() []Case{
	signingKeys,
	codeConfig,
	headers,
	answering,
	receiving,
	facets,
	replaying,
	parsing,
	inState,
	besideOthers,
	disclosing,
	sending,
	devServer,
	syncing,
	oracles,
	inBandSync,
	calls,
	contained,
	introspection,
	modes,
	onPlatforms,
	connecting,
	checkpointing,
	surviving,
	parsingIllFormed,
}

// Catalogue returns all cases, chapter by chapter. The slice is the caller's; what
// its cases refer to is shared.
func Catalogue() []Case { return slices.Clone(catalogue()) }

// catalogue is made once, when it is first asked for: a report asks for each of its
// results.
var catalogue = sync.OnceValue(func() []Case {
	var all []Case
	for _, chapter := range chapters {
		all = append(all, chapter()...)
	}
	link(all)
	return all
})

// Find returns the case with an id.
func Find(id string) (Case, error) {
	for _, c := range catalogue() {
		if c.ID == id {
			return c, nil
		}
	}
	return Case{}, fmt.Errorf("there is no case %q", id)
}
