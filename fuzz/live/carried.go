package live

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/countersign-dev/countersign/suite"
)

// carriedOperators draw from the dictionaries of the suite. A request carries many
// deviations at once where they can be in one request; shrinking leaves those that
// matter.
var carriedOperators = map[string]operator{
	carry: {
		forms: keysOf(dictionaries), carries: drawCarried, bases: carrying, destructive: func(form string) bool { return dictionaries[form].destroys },
		apply: func(d *draft, _ Step) { d.valid = false }, // nobody says that a valid request with them is accepted
	},
}

// carry is the operator whose steps take effect when the draft is made.
const carry = "carry"

// carrying are the bases of requests with deviations.
var carrying = []Base{Call, Call, Call, Probe, Introspect, InBandSync}

// dictionary is what is known of one of the suite's dictionaries.
type dictionary struct {
	of       []suite.Dictionary
	often    int  // how often it leads in an epoch: their deviations are in as many requests; zero is once
	puts     bool // only the deviations that make a request a PUT; otherwise only the others
	body     bool // they are about the body, which may be left out of what is verified
	signs    bool // they are about the signature, so that nothing in front of the endpoint reads them
	bySigner bool // only the holder of the key can make them
	secrets  bool // they are secrets of the account, which a response may repeat
	destroys bool // they may end an endpoint that the lab cannot start again
}

// dictionaries are those that the operator draws from.
var dictionaries = map[string]dictionary{
	"request headers":     {of: []suite.Dictionary{suite.RequestHeaders}, often: 14},
	"query parameters":    {of: []suite.Dictionary{suite.QueryParameters}, often: 4},
	"methods":             {of: []suite.Dictionary{suite.Methods}, often: 3},
	"to make it a PUT":    {of: []suite.Dictionary{suite.RequestHeaders, suite.QueryParameters, suite.Methods}, puts: true},
	"paths":               {of: []suite.Dictionary{suite.Paths}, often: 5},
	"content types":       {of: []suite.Dictionary{suite.ContentTypes}, often: 8, body: true},
	"reserved names":      {of: []suite.Dictionary{suite.ReservedNames}, often: 4, destroys: true},
	"function ids":        {of: []suite.Dictionary{suite.FunctionIDs}, often: 2},
	"sizes":               {of: []suite.Dictionary{suite.Sizes}, often: 4, body: true, destroys: true},
	"large sizes":         {of: []suite.Dictionary{suite.LargeSizes}, body: true, destroys: true},
	"versions of HTTP":    {of: []suite.Dictionary{suite.Versions}},
	"payload members":     {of: []suite.Dictionary{suite.PayloadMembers}, often: 4},
	"credentials":         {of: []suite.Dictionary{suite.Credentials}, often: 6, secrets: true},
	"guessable keys":      {of: []suite.Dictionary{suite.GuessableKeys, suite.RareKeys}, often: 8, signs: true},
	"neighbours' secrets": {of: []suite.Dictionary{suite.NeighbourKeys}, often: 2, signs: true},
	"forms of the key":    {of: []suite.Dictionary{suite.AlteredKeys}, often: 4, signs: true, bySigner: true},
	"keyed hashes":        {of: []suite.Dictionary{suite.KeyedHashes}, often: 3, signs: true, bySigner: true},
	"keyless hashes":      {of: []suite.Dictionary{suite.KeylessHashes}, often: 3, signs: true},
	"named algorithms":    {of: []suite.Dictionary{suite.NamedAlgorithms}, often: 4, signs: true},
	"parts of the MAC":    {of: []suite.Dictionary{suite.PartialMACs, suite.EveryDigit, suite.EveryLength}, often: 8, signs: true},
	"guessed MACs":        {of: []suite.Dictionary{suite.GuessedMACs}, often: 4, signs: true},
}

// entries are the deviations of a dictionary: in groups that can be in one request,
// and by their names.
type entries struct {
	groups [][]string
	byName map[string]suite.Fields
}

// entriesOf reads a dictionary.
func entriesOf(name string) entries { return allEntries()[name] }

var allEntries = sync.OnceValue(func() map[string]entries {
	all := map[string]entries{}
	for name, d := range dictionaries {
		all[name] = d.entries()
	}
	return all
})

func (d dictionary) entries() entries {
	e := entries{byName: map[string]suite.Fields{}}
	for _, of := range d.of {
		for _, group := range (suite.Facets{Of: of}).Groups() {
			var names []string
			for _, deviation := range group {
				name := literalOf(deviation)
				if _, known := e.byName[name]; !known && strings.Contains(name, "PUT") == d.puts {
					names, e.byName[name] = append(names, name), deviation
				}
			}
			if len(names) > 0 {
				e.groups = append(e.groups, names)
			}
		}
	}
	return e
}

// literalOf names a deviation as it is written in Go: `Headers: "X-Debug: 1"`. That
// stays the same when its description changes.
func literalOf(in suite.Fields) string {
	var set []string
	value := reflect.ValueOf(in)
	for i := range value.NumField() {
		switch field := value.Field(i); {
		case field.IsZero():
		case field.Kind() == reflect.String:
			set = append(set, fmt.Sprintf("%s: %q", value.Type().Field(i).Name, field.String()))
		default:
			set = append(set, fmt.Sprintf("%s: %v", value.Type().Field(i).Name, field.Interface()))
		}
	}
	return strings.Join(set, ", ")
}

// drawCarried draws a group, or a part of one: what a target refuses for one
// deviation hides what it does because of another.
func drawCarried(random *rand.Rand, form string) string {
	group := pick(random, entriesOf(form).groups)
	switch from, size := random.IntN(len(group)), len(group); random.IntN(4) {
	case 0:
		group = group[from : from+1]
	case 1:
		group = group[min(from, size/2):min(from+size/2+1, size)]
	}
	return strings.Join(group, "\n")
}

// carried are the names of a step's deviations.
func (s Step) carried() []string {
	if s.Carried == "" {
		return nil
	}
	return strings.Split(s.Carried, "\n")
}

// unknownDeviation is one that the dictionary of a step does not have.
func (s Step) unknownDeviation() (name string, is bool) {
	at := slices.IndexFunc(s.carried(), func(name string) bool { _, known := entriesOf(s.Form).byName[name]; return !known })
	if at < 0 {
		return "", false
	}
	return s.carried()[at], true
}

// deviations are those that the steps of an input carry. Times in them are the one at
// which the request is signed.
func (in Input) deviations() []suite.Fields {
	var all []suite.Fields
	signed := suite.Fields{}
	for _, s := range in.Steps {
		for _, name := range s.carried() {
			all = append(all, entriesOf(s.Form).byName[name])
		}
		if s.Op == "time" {
			signed.Age += age(s)
		}
	}
	if len(all) > 0 && signed.Age != 0 {
		all = append(all, signed)
	}
	return all
}

// carried are the names of all deviations of an input.
func (in Input) carried() (all []string) {
	for _, s := range in.Steps {
		all = append(all, s.carried()...)
	}
	return all
}

// carries reports whether a step carries deviations of such a dictionary.
func (in Input) carries(such func(dictionary) bool) bool {
	return slices.ContainsFunc(in.Steps, func(s Step) bool { return s.Op == carry && such(dictionaries[s.Form]) })
}

// fewer lists the same step with fewer deviations: the halves, then all but some.
func (s Step) fewer() (all []Step) {
	names := s.carried()
	with := func(some []string) {
		other := s
		other.Carried = strings.Join(some, "\n")
		all = append(all, other)
	}
	if len(names) < 2 {
		return nil
	}
	with(names[:len(names)/2])
	with(names[len(names)/2:])
	for _, size := range []int{max(1, len(names)/4), 1} {
		for at := 0; at < len(names); at += size {
			with(slices.Concat(names[:at], names[min(at+size, len(names)):]))
		}
	}
	return all
}
