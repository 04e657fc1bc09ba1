package zoo

import (
	"slices"
)

// Mutants returns all mutants, part by part.
func Mutants() []Mutant {
	return slices.Concat(
		common(), commonOutbound(), commonFailures(), parsing(), libraries(), splitting(), window(), comparison(), bodies(), parsers(), contents(), keyForms(), inCode(), inboundFallback(), outboundFallback(),
		outbound(), connecting(), modes(), onPlatforms(), syncing(), inspecting(), disclosing(), oracles(), responding(), failing(), hiding(), constant(), remembering(), rarely(), sharing(), trusting(), guessing(),
	)
}

// Find returns the mutant with a name.
func Find(name string) (Mutant, bool) {
	for _, m := range Mutants() {
		if m.Name == name {
			return m, true
		}
	}
	return Mutant{}, false
}
