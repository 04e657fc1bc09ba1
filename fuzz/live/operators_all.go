package live

import (
	"maps"
	"slices"
)

// operators are all operators, by name.
var operators = map[string]operator{}

// plain is every form of every operator, without parameters.
var plain []Step

// often are operators of which more than one draw in an epoch pays off: their
// forms have many parameters, or show only together with another step.
var often = map[string]int{"time": 4, "redate": 2, "field": 2, "tamper": 2, again: 2}

func init() {
	for _, group := range []map[string]operator{signingOperators, headerOperators, bodyOperators, requestOperators, growingOperators, carriedOperators, againOperators} {
		maps.Copy(operators, group)
	}
	for _, name := range slices.Sorted(maps.Keys(operators)) {
		for _, form := range operators[name].forms {
			times := often[name]
			if name == carry {
				times = dictionaries[form].often
			}
			for range max(1, times) {
				plain = append(plain, Step{Op: name, Form: form})
			}
		}
	}
}
