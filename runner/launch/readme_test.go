package launch

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

// The README of the targets describes every member of target.yaml, and its
// complete example has them all.
func TestTheREADMEDescribesEveryMember(t *testing.T) {
	text, err := os.ReadFile("../targets/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	example, _, _ := strings.Cut(rest, "```")
	d, err := read([]byte(example), "the example")
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	members(reflect.ValueOf(d), set)
	if len(set) < 20 {
		t.Fatalf("only the members %v were found", set)
	}
	for name, isSet := range set {
		if !strings.Contains(string(text), "`"+name+"`") && !strings.Contains(string(text), "`"+name+": true`") {
			t.Errorf("the README does not describe %s", name)
		}
		if !isSet {
			t.Errorf("the complete example lacks %s", name)
		}
	}
	for _, c := range suite.Capabilities {
		if !strings.Contains(string(text), "`"+string(c)+"`") {
			t.Errorf("the README does not describe the capability %s", c)
		}
	}
	for _, d := range Builtin() {
		if !strings.Contains(string(text), "[`"+d.Name+"`]("+d.Name+")") {
			t.Errorf("the README does not list %s", d.Name)
		}
		for _, variant := range d.VariantNames() {
			if !strings.Contains(string(text), "`"+variant+"`") {
				t.Errorf("the README does not list %s/%s", d.Name, variant)
			}
		}
	}
}

// members finds the members of a description, by their names in YAML, and whether
// any of them has a value.
func members(v reflect.Value, set map[string]bool) {
	for i := range v.NumField() {
		name, is := v.Type().Field(i).Tag.Lookup("yaml")
		if !is {
			continue
		}
		field := v.Field(i)
		set[name] = set[name] || !field.IsZero()
		switch field.Kind() {
		case reflect.Struct:
			members(field, set)
		case reflect.Slice:
			for j := range field.Len() {
				if field.Index(j).Kind() == reflect.Struct {
					members(field.Index(j), set)
				}
			}
		}
	}
}
