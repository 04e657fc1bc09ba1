package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/vectors"
)

// A candidate that is filled in is a vector of verify.json, whatever was drawn.
func TestCandidatesAreVectors(t *testing.T) {
	t.Parallel()
	longtest.Skip(t)
	g := newGenerator(1, scope{bases: allBases, rotating: true})
	published, err := vectors.Load[vectors.Verify]()
	if err != nil {
		t.Fatal(err)
	}
	var made []any
	known, own, without := map[string]int{}, 0, map[string]int{}
	for index := range uint64(1200) {
		c := filledIn(Promote(Finding{Class: Crash, Input: g.at(index)}))
		if c.Vector == nil {
			without[c.NoVector]++
			continue
		}
		checkMACs(t, c)
		c.ID = fmt.Sprintf("drawn.n%d", index)
		switch {
		case c.ControlVector != nil:
			own++
			c.Control = c.ID + ".twin"
			made = append(made, members(t, Candidate{
				head: head{ID: c.Control, Clause: c.Clause, Level: c.Level, Risk: c.Risk, Comment: c.Comment, Flags: c.Flags}, Vector: c.ControlVector,
			}))
			if c.ControlVector.Result != "accept" {
				t.Errorf("%s: its control is not valid", c.From.Input)
			}
		case c.Control != "":
			known[c.Control]++
			checkControl(t, published, c)
		}
		made = append(made, members(t, c))
	}
	if len(made) < 600 || len(known) != 8 || own == 0 {
		t.Errorf("%d vectors, controls: %v and %d of their own; without a vector: %v", len(made), known, own, without)
	}
	meetsSchema(t, made)
}

// members are a candidate as a vector: without what verify.json has no place for.
func members(t *testing.T, c Candidate) map[string]any {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{"schema", "case", "from", "controlVector", "noVector"} {
		delete(all, own)
	}
	return all
}

func meetsSchema(t *testing.T, made []any) {
	t.Helper()
	file, err := json.Marshal(map[string]any{"$schema": "../schema.json", "file": "verify", "about": "candidates", "count": len(made), "flags": map[string]any{}, "vectors": made})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vectors.Parse[vectors.Verify](file); err != nil {
		t.Error(err)
	}
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(vectors.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", text); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(read); err != nil {
		t.Error(err)
	}
}

// checkControl: the control is in verify.json and differs in what is named.
func checkControl(t *testing.T, published vectors.File[vectors.Verify], c Candidate) {
	t.Helper()
	at := slices.IndexFunc(published.Vectors, func(v vectors.Verify) bool { return v.ID == c.Control })
	if at < 0 {
		t.Fatalf("%s: there is no vector %s", c.From.Input, c.Control)
	}
	control := published.Vectors[at]
	var differs []string
	note := func(differ bool, what string) {
		if differ {
			differs = append(differs, what)
		}
	}
	fields := func(all []vectors.Field, signature bool) (chosen []vectors.Field) {
		for _, f := range all {
			if strings.EqualFold(f.Name, reference.HeaderSignature) != signature || f.Name == "Content-Type" {
				continue
			}
			if signature {
				f.Name = reference.HeaderSignature // in whichever case it is written
			}
			chosen = append(chosen, f)
		}
		return chosen
	}
	var own []vectors.Field
	for _, f := range c.Headers {
		own = append(own, vectors.Field(f))
	}
	note(!slices.Equal(fields(own, true), fields(control.Headers, true)), "signature")
	note(!reflect.DeepEqual(c.Body, control.Body), "body")
	note(c.Method != control.Method, "method")
	if !slices.Equal(differs, c.Differs) {
		t.Errorf("%s: it differs from %s in %v, not in %v", c.From.Input, c.Control, differs, c.Differs)
	}
	if c.Now != control.Now || c.Target != control.Target || !reflect.DeepEqual(c.Keys, control.Keys) || !slices.Equal(fields(own, false), fields(control.Headers, false)) {
		t.Errorf("%s: it differs from %s in what no verifier looks at", c.From.Input, c.Control)
	}
}

func TestACandidateWithoutAVectorSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		class  Class
		input  Input
		reason string
	}{
		"chunks":              {FalseReject, input(Call, step("framing", "chunked", 0, false)), "transferred"},
		"an out-of-band sync": {OutboundMisuse, input(Sync), "not verified as a call is"},
		"a long text":         {Slow, input(Call, step("grow", "text", 1<<20, true)), "too long"},
		"two minutes ahead":   {Crash, input(Call, step("time", "future", 120, true)), "more than one way"},
		"an unknown function": {FalseAccept, input(Call, step("query", "unknown function", 0, false)), "signature is valid"},
	} {
		c := filledIn(Promote(Finding{Class: test.class, Level: suite.Must, Input: test.input}))
		if c.Vector != nil || !strings.Contains(c.NoVector, test.reason) {
			t.Errorf("%s: %q", name, c.NoVector)
		}
		if lines := problems(t, c); slices.ContainsFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "case.") }) {
			t.Errorf("%s: %q", name, lines)
		}
	}
}
