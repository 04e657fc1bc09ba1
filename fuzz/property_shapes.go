package fuzz

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// shape is a text that grows in one direction.
type shape struct {
	name string
	text func(size int) string
}

func repeated(unit string) shape {
	return shape{fmt.Sprintf("%q repeated", unit), func(n int) string { return strings.Repeat(unit, n) }}
}

func between(open, unit, close, name string) shape {
	return shape{name, func(n int) string { return open + strings.Repeat(unit, n) + close }}
}

var headerShapes = []shape{repeated("&"), repeated("0"), repeated("="), repeated("t=1&"), repeated("&s="), repeated("%26"), repeated("\x00")}

// bodyShapes are JSON documents first, then texts that are none.
var bodyShapes = []shape{
	between("[", "0,", "0]", "a long array"),
	between(`"`, `\u0000`, `"`, "a long text"),
	between("1.", "7", "7", "a long number"),
	between("[", "[],", "{}]", "many arrays"),
	{"deep arrays", func(n int) string { return nested(n, "[", "]") }},
	{"deep objects", func(n int) string { return nested(n, `{"a":`, "}") }},
	{"many names", func(n int) string { return "{" + strings.Join(members(n), ",") + "}" }},
	repeated("["), repeated("{"), repeated(" "), repeated(`"`), repeated("\\"), repeated(`{"a":`), repeated("1e9"), repeated("\xff"),
}

func nested(n int, open, close string) string {
	n = min(n, reference.MaxDepth)
	return strings.Repeat(open, n) + "0" + strings.Repeat(close, n)
}

// members are those of an object, in the order that is hardest to sort.
func members(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%q:0", fmt.Sprint(n-i)))
	}
	return all
}

// long draws a text of one of the shapes.
func long(t *rapid.T, what string, shapes []shape) string {
	names := make([]string, len(shapes))
	for i, s := range shapes {
		names[i] = s.name
	}
	name := rapid.SampledFrom(names).Draw(t, what)
	size := rapid.IntRange(0, 4<<10).Draw(t, what+"'s size")
	for _, s := range shapes {
		if s.name == name {
			return s.text(size)
		}
	}
	panic("the name was drawn from the shapes")
}
