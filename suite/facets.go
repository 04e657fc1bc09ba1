package suite

import (
	"reflect"
	"slices"
	"strings"
)

// mostTogether bounds the deviations in one request: servers limit the number of
// header fields, the strictest to 100.
const mostTogether = 70

// Deviations are those of the dictionary that are tried.
func (f Facets) Deviations() []Fields {
	all := f.Of.Deviations()[f.After:]
	if f.First > 0 {
		return all[:f.First]
	}
	return all
}

// Groups divides the deviations into groups whose members can be in one request, in
// their order: the values of one header field, or two paths, are in different
// groups.
func (f Facets) Groups() [][]Fields {
	var groups [][]Fields
	var taken []map[string]bool // what the members of a group set
	for _, deviation := range f.Deviations() {
		sets := deviation.sets()
		at := slices.IndexFunc(taken, func(taken map[string]bool) bool {
			return len(taken)+len(sets) <= mostTogether && !slices.ContainsFunc(sets, func(what string) bool { return taken[what] })
		})
		if at < 0 {
			at, groups, taken = len(groups), append(groups, nil), append(taken, map[string]bool{})
		}
		groups[at] = append(groups[at], deviation)
		for _, what := range sets {
			taken[at][what] = true
		}
	}
	return groups
}

// sets names what a deviation sets: two that set the same cannot be in one request.
func (in Fields) sets() []string {
	var all []string
	value := reflect.ValueOf(in)
	for i := range value.NumField() {
		if value.Field(i).IsZero() {
			continue
		}
		switch name := value.Type().Field(i).Name; name {
		case "Headers":
			all = append(all, named(name, in.Headers, "\n", ":")...)
		case "Query":
			all = append(all, named(name, in.Query, "&", "=")...)
		case "Members":
			all = append(all, named(name, in.Members, "\n", "=")...)
		case "Body", "Size":
			all = append(all, "Body")
		default:
			all = append(all, name)
		}
	}
	return all
}

// named lists the names in a list of named values.
func named(kind, list, separator, end string) []string {
	var all []string
	for item := range strings.SplitSeq(list, separator) {
		name, _, _ := strings.Cut(item, end)
		all = append(all, kind+" "+strings.ToLower(name))
	}
	return all
}

// With is a stimulus with deviations.
func With(s Stimulus, deviations []Fields) Stimulus {
	in := s.Fields()
	for _, deviation := range deviations {
		in = in.with(deviation)
	}
	return s.Kind().stimulus(in)
}

// with sets the fields that deviate. Header fields and query parameters are added
// to those that are there.
func (in Fields) with(deviation Fields) Fields {
	to, from := reflect.ValueOf(&in).Elem(), reflect.ValueOf(deviation)
	headers, query, members := in.Headers, in.Query, in.Members
	for i := range to.NumField() {
		if !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
	in.Headers = joined(headers, deviation.Headers, "\n")
	in.Query = joined(query, deviation.Query, "&")
	in.Members = joined(members, deviation.Members, "\n")
	return in
}

func joined(a, b, separator string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + separator + b
}

// Valid is a stimulus without its faults: a request that a target in this set-up
// accepts, unless its deviations prevent that.
func Valid(s Stimulus, given Setup) Stimulus { return s.Kind().stimulus(s.Fields().valid(given)) }

// stimulus is the stimulus of a kind with these fields.
func (k Kind) stimulus(in Fields) Stimulus {
	switch k {
	case KindProbe:
		return Probe(in)
	case KindIntrospect:
		return Introspect(in)
	case KindSync:
		return Sync(in)
	case KindInBandSync:
		return InBandSync(in)
	case KindOtherMethod:
		return OtherMethod(in)
	case KindConnect:
		return Work(in)
	}
	return Call(in)
}

// Phrase describes a deviation: "with the header `X-Debug: 1`".
func (in Fields) Phrase() string { return strings.Join(in.phrases(), ", ") }

// Deviations describes deviations that are in one request.
func Deviations(all []Fields) string {
	var words []string
	for _, deviation := range all {
		words = append(words, deviation.Phrase())
	}
	return strings.Join(words, " and ")
}

// letsNobodyIn expects that a request that is not authentic has no effect, whatever
// the response is: what is in front of an endpoint may respond to odd requests. A
// response may repeat the secrets that the request itself carried.
func letsNobodyIn(carriesSecrets bool) Expectation {
	return Expectation{
		Requirement: "none of the deviations decides whether a request is verified: nothing runs and nothing privileged is disclosed",
		Negative:    true,
		Checks: slices.Concat(
			harm("run nothing", func(o Observation) bool { return o.Runs == 0 && !o.Echoed() }),
			harm("disclose no privileged field", func(o Observation) bool { return len(o.Disclosed()) == 0 }),
			harm("not report that authentication succeeded", func(o Observation) bool { return o.Kind != KindIntrospect || !o.ShowsTrust() }),
			harm("leak nothing", func(o Observation) bool { return carriesSecrets || len(o.Leaked()) == 0 }),
		),
	}
}
