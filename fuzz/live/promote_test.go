package live

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// problems writes a candidate down, reads it again and checks it.
func problems(t *testing.T, c Candidate) []string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseCandidate(text)
	if err != nil {
		t.Fatal(err)
	}
	return back.Problems()
}

func filledIn(c Candidate) Candidate {
	c.ID, c.Clause, c.Level, c.Risk, c.Comment = "receiving.far-future", "SPEC 4.1.3(4)", "MUST", "replay", "a signature of the day after tomorrow is refused"
	c.Flags, c.Case.Source = []string{"Future"}, "KEYS 3"
	if c.ControlVector != nil {
		c.Control = c.ID + ".twin"
	}
	return c
}

func TestCandidatesAreRejectedUntilComplete(t *testing.T) {
	withoutRace(t)
	c := Promote(aFinding(t))
	if lines := problems(t, c); len(lines) != 7 {
		t.Errorf("an empty candidate: %q", lines)
	}
	if lines := problems(t, filledIn(c)); len(lines) > 0 {
		t.Errorf("a complete candidate: %q", lines)
	}
	for name, test := range map[string]struct {
		spoil func(*Candidate)
		says  string
	}{
		"a dot for an id":             {func(c *Candidate) { c.ID = "." }, "id:"},
		"an id without a family":      {func(c *Candidate) { c.ID = "future" }, "id:"},
		"an id in capitals":           {func(c *Candidate) { c.ID = "receiving.Future" }, "id:"},
		"an id that is in use":        {func(c *Candidate) { c.ID = "receiving.future" }, "the catalogue already has a case"},
		"a clause of words":           {func(c *Candidate) { c.Clause = "SPEC nonsense" }, "clause:"},
		"an unknown clause":           {func(c *Candidate) { c.Clause = "SPEC 4.1.3(40)" }, "the suite knows no clause"},
		"a clause with a zero":        {func(c *Candidate) { c.Clause = "SPEC 4.1.3(04)" }, "clause:"},
		"a clause of another source":  {func(c *Candidate) { c.Clause = "KEYS 3" }, "clause:"},
		"a level that is not scored":  {func(c *Candidate) { c.Level = "MAY" }, "level:"},
		"a level in lower case":       {func(c *Candidate) { c.Level = "must" }, "level:"},
		"an unknown risk":             {func(c *Candidate) { c.Risk = "danger" }, "risk:"},
		"an unknown ambiguity":        {func(c *Candidate) { c.Ambiguity = "R99" }, "ambiguity:"},
		"two words":                   {func(c *Candidate) { c.Comment = "is refused" }, "comment:"},
		"blanks":                      {func(c *Candidate) { c.Comment = "   " }, "comment:"},
		"a full stop":                 {func(c *Candidate) { c.Comment += "." }, "comment:"},
		"another case's sentence":     {func(c *Candidate) { c.Comment = suite.Catalogue()[0].Title }, "comment:"},
		"an unknown source":           {func(c *Candidate) { c.Case.Source = "KEYS 99" }, "case.source:"},
		"a stimulus that is no Go":    {func(c *Candidate) { c.Case.When = "Call{" }, "case.when:"},
		"no stimulus":                 {func(c *Candidate) { c.Case.When = "" }, "case.when:"},
		"an unknown stimulus":         {func(c *Candidate) { c.Case.When = "Visit{}" }, "case.when:"},
		"no expectation":              {func(c *Candidate) { c.Case.Then = "" }, "case.then:"},
		"an expectation without call": {func(c *Candidate) { c.Case.Then = "refused" }, "case.then:"},
		"half an expectation":         {func(c *Candidate) { c.Case.Then = "and(refused()" }, "case.then:"},
		"no flag":                     {func(c *Candidate) { c.Flags = nil }, "flags:"},
		"a dot for a flag":            {func(c *Candidate) { c.Flags = []string{"."} }, "flags:"},
		"another result":              {func(c *Candidate) { c.Result = "accept" }, "vector:"},
		"another MAC":                 {func(c *Candidate) { c.Verifier.PrimaryMAC = strings.Repeat("0", 64) }, "vector:"},
		"another control":             {func(c *Candidate) { c.Control = "receiving.expired" }, "vector:"},
		"no vector and no reason":     {func(c *Candidate) { c.Vector = nil }, "vector:"},
	} {
		t.Run(name, func(t *testing.T) {
			spoiled := filledIn(Promote(aFinding(t)))
			test.spoil(&spoiled)
			if lines := problems(t, spoiled); len(lines) != 1 || !strings.Contains(lines[0], test.says) {
				t.Errorf("%q", lines)
			}
		})
	}
	for name, text := range map[string]string{
		"an unknown member": `{"schema":"urn:countersign:candidate:3","more":1}`, "the schema before": `{"schema":"urn:countersign:candidate:2"}`,
		"no input": `{"schema":"urn:countersign:candidate:3"}`,
	} {
		if _, err := ParseCandidate([]byte(text)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// The expectation is one that a finding of the class violates; where the suite has
// none, it is left to be written.
func TestExpectationsOfCandidates(t *testing.T) {
	unsigned := step("header", "absent", 0, false)
	functions := functionsOfSuite(t)
	for name, test := range map[string]struct {
		finding Finding
		then    string
	}{
		"a forgery":              {Finding{Class: FalseAccept, Level: suite.Must, Input: input(Call, unsigned)}, "refused()"},
		"a forged sync":          {Finding{Class: FalseAccept, Level: suite.Must, Input: input(Sync, unsigned)}, "disclosesNothing()"},
		"an unknown function":    {Finding{Class: FalseAccept, Level: suite.Must, Input: input(Call, step("query", "unknown function", 0, false))}, "respondsWithError()"},
		"a lockout":              {Finding{Class: FalseReject, Level: suite.Must, Input: input(Call)}, "accepted()"},
		"a field in a response":  {Finding{Class: Disclosure, Level: suite.Must, Input: input(Introspect, unsigned)}, "disclosesNothing()"},
		"a stack":                {Finding{Class: Disclosure, Level: suite.Should, Input: input(Call, unsigned)}, "and(disclosesNothing(), noStack())"},
		"a key for a caller":     {Finding{Class: Disclosure, Level: suite.Must, Input: input(Call)}, "and(accepted(), responseWithoutKeys())"},
		"a key in an inspection": {Finding{Class: Disclosure, Level: suite.Must, Input: input(Introspect)}, "and(accepted(), withoutSecret())"},
		"a key in an error":      {Finding{Class: Disclosure, Level: suite.Must, Input: input(Call, step("replace", "null", 0, true))}, "responseWithoutKeys()"},
		"a key, unspecified":     {Finding{Class: Disclosure, Level: suite.Must, Input: input(Introspect, step("time", "future", 120, true))}, ""},
		"a crash":                {Finding{Class: Crash, Level: suite.Must, Observed: targetDied + ": exit status 1", Input: input(Call, unsigned)}, "keepsServing()"},
		"a crash by a call":      {Finding{Class: Crash, Level: suite.Must, Observed: targetDied + ": exit status 1", Input: input(Call)}, "accepted()"},
		"a crash, unspecified":   {Finding{Class: Crash, Level: suite.Must, Observed: targetDied + ": exit status 1", Input: input(Call, step("time", "future", 120, true))}, ""},
		"a connection that ends": {Finding{Class: Crash, Level: suite.Must, Observed: noResponse, Input: input(Call, unsigned)}, "refused()"},
		"an exception":           {Finding{Class: Crash, Level: suite.Should, Input: input(Call, unsigned)}, "refused()"},
		"a hang":                 {Finding{Class: Hang, Level: suite.Must, Input: input(Call, unsigned)}, "refused()"},
		"slow":                   {Finding{Class: Slow, Level: suite.Must, Input: input(Call, unsigned)}, ""},
		"a raw key":              {Finding{Class: OutboundMisuse, Level: suite.Must, Observed: "POST /fn/register carries {{primary.secret}}", Input: input(Sync)}, "sendsNoKey()"},
		"no key":                 {Finding{Class: OutboundMisuse, Level: suite.Must, Observed: "POST /fn/register " + noHashedKey, Input: input(Sync)}, "contactsAPIWith(Primary)"},
		"another origin":         {Finding{Class: OutboundMisuse, Level: suite.Must, Observed: "POST /fn/register " + otherOrigin, Input: input(Sync)}, "contactsOnlyAPI()"},
		"non-determinism":        {Finding{Class: Undetermined, Level: suite.Must, Observed: "odd", Input: input(Call)}, ""},
		"a forgery now and then": {Finding{Class: Undetermined, Level: suite.Must, Observed: "false accept: 2 of 9", Input: input(Call, unsigned)}, "refused()"},
	} {
		c := Promote(test.finding)
		if c.Case.Then != test.then {
			t.Errorf("%s: %q", name, c.Case.Then)
		}
		isProblem := slices.ContainsFunc(problems(t, c), func(line string) bool { return strings.HasPrefix(line, "case.then:") })
		if isProblem != (test.then == "") {
			t.Errorf("%s: %q", name, problems(t, c))
		}
		for _, called := range parsesAsCase(t, c) {
			if !functions[called] {
				t.Errorf("%s: the suite has no %s", name, called)
			}
		}
	}
}

// parsesAsCase gives the functions that a candidate's literal calls, and checks
// that its fields are those of a case.
func parsesAsCase(t *testing.T, c Candidate) (called []string) {
	t.Helper()
	source := "package suite\nvar _ = []Case{\n" + string(c.Literal()) + "}\n"
	file, err := parser.ParseFile(token.NewFileSet(), "", source, 0)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	cases := file.Decls[0].(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Values[0].(*ast.CompositeLit)
	for _, field := range cases.Elts[0].(*ast.CompositeLit).Elts {
		name := field.(*ast.KeyValueExpr).Key.(*ast.Ident).Name
		if _, known := reflect.TypeFor[suite.Case]().FieldByName(name); !known {
			t.Errorf("a case has no field %s:\n%s", name, source)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if call, is := n.(*ast.CallExpr); is {
			called = append(called, call.Fun.(*ast.Ident).Name)
		}
		return true
	})
	if strings.Contains(source, "to be written: ") != (c.Case.Then == "" || c.Case.When == "") {
		t.Errorf("%s", source)
	}
	return called
}

func functionsOfSuite(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob("../../suite/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			if function, is := declared.(*ast.FuncDecl); is && function.Recv == nil {
				names[function.Name.Name] = true
			}
		}
	}
	return names
}

// The literal sends what was found: the suite's stimulus makes the same request.
func TestLiteralsSendTheSame(t *testing.T) {
	for literal, test := range map[string]struct {
		step     Step
		stimulus suite.Stimulus
	}{
		`Call{Age: -306 * time.Second}`:    {step("time", "future", 306, true), suite.Call{Age: -306 * time.Second}},
		`Call{Age: 306 * time.Second}`:     {step("time", "past", 306, true), suite.Call{Age: 306 * time.Second}},
		`Call{Redate: 30 * time.Second}`:   {step("redate", "future", 30, false), suite.Call{Redate: 30 * time.Second}},
		`Call{Unsigned: true}`:             {step("header", "absent", 0, false), suite.Call{Unsigned: true}},
		`Call{Key: UnknownKey}`:            {step("key", "unknown", 0, false), suite.Call{Key: suite.UnknownKey}},
		`Call{Key: Fallback}`:              {step("key", "fallback", 0, false), suite.Call{Key: suite.Fallback}},
		`Call{Key: EmptyKey}`:              {step("key", "empty", 0, false), suite.Call{Key: suite.EmptyKey}},
		`Call{Over: DecodedAsKey}`:         {step("key", "decoded", 0, false), suite.Call{Over: suite.DecodedAsKey}},
		`Call{Over: WholeKeyText}`:         {step("key", "prefix kept", 0, false), suite.Call{Over: suite.WholeKeyText}},
		`Call{Hash: SHA1}`:                 {step("hash", "sha1", 0, false), suite.Call{Hash: suite.SHA1}},
		`Call{Hash: SHA512}`:               {step("hash", "sha512", 0, false), suite.Call{Hash: suite.SHA512}},
		`Call{Hash: Plain}`:                {step("hash", "plain", 0, false), suite.Call{Hash: suite.Plain}},
		`Call{Over: NoMessage}`:            {step("over", "nothing", 0, false), suite.Call{Over: suite.NoMessage}},
		`Call{Over: FirstHalf}`:            {step("over", "first half", 0, false), suite.Call{Over: suite.FirstHalf}},
		`Call{Over: BodyOnly}`:             {step("over", "no time", 0, false), suite.Call{Over: suite.BodyOnly}},
		`Call{Over: TimeFirst}`:            {step("over", "time first", 0, false), suite.Call{Over: suite.TimeFirst}},
		`Call{Tamper: InMiddle}`:           {step("tamper", "pad", 0, false), suite.Call{Tamper: suite.InMiddle}},
		`Call{Tamper: AtStart}`:            {step("tamper", "attempt", 0, false), suite.Call{Tamper: suite.AtStart}},
		`Call{Tamper: AtEnd}`:              {step("tamper", "version", 0, false), suite.Call{Tamper: suite.AtEnd}},
		"Call{Header: \"t={t}abc&s={s}\"}": {step("t", "text following", 0, true), suite.Call{Header: "t={t}abc&s={s}"}},
		"Call{Header: \"t={t}.5&s={s}\"}":  {step("t", "fraction", 0, true), suite.Call{Header: "t={t}.5&s={s}"}},
		"Call{Header: \"t={t}e1&s={s}\"}":  {step("t", "exponent", 0, true), suite.Call{Header: "t={t}e1&s={s}"}},
		"Call{Header: \"t=NaN&s={s}\"}":    {step("t", "NaN", 0, true), suite.Call{Header: "t=NaN&s={s}"}},
		`Call{Chunked: true}`:              {step("framing", "chunked", 0, false), suite.Call{Chunked: true}},
	} {
		in := input(Call, test.step)
		if c := Promote(Finding{Class: FalseAccept, Input: in}); c.Case.When != literal {
			t.Errorf("%s: %q, not %s", in, c.Case.When, literal)
		}
		sent := in.build(vectorScene()).Request
		made := suite.Make(test.stimulus, suite.VectorScene()).Request
		sorted := func(fields []suite.Field) []string {
			var lines []string
			for _, f := range fields {
				lines = append(lines, f.Name+": "+f.Value)
			}
			return slices.Sorted(slices.Values(lines))
		}
		if !bytes.Equal(sent.Body, made.Body) || sent.Target != made.Target || !slices.Equal(sorted(sent.Header), sorted(made.Header)) {
			t.Errorf("%s and %s send different requests:\n%v\n%v", in, literal, sent.Header, made.Header)
		}
	}
	for _, s := range []Step{step("tamper", "pad", 0, true), step("t", "fraction", 0, false), step("query", "none", 0, false)} {
		c := Promote(Finding{Class: FalseAccept, Input: input(Call, s)})
		if c.Case.When != "" || !strings.Contains(string(c.Literal()), "When: nil, // to be written: Call{} with a field for: "+s.String()) {
			t.Errorf("%s\n%s", s, c.Literal())
		}
	}
}

// Every stimulus of a candidate is a literal that compiles in the suite.
func TestStimuliOfCandidatesHaveTheirFields(t *testing.T) {
	g := newGenerator(1, scope{bases: allBases, rotating: true})
	written := 0
	for index := range uint64(2000) {
		when := Promote(Finding{Class: FalseAccept, Input: g.at(index)}).Case.When
		if when == "" {
			continue
		}
		written++
		literal, err := parser.ParseExpr(when)
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		for _, field := range literal.(*ast.CompositeLit).Elts {
			name := field.(*ast.KeyValueExpr).Key.(*ast.Ident).Name
			if _, known := reflect.TypeFor[suite.Fields]().FieldByName(name); !known {
				t.Errorf("%s: a stimulus has no field %s", when, name)
			}
		}
	}
	if written < 100 {
		t.Errorf("only %d stimuli", written)
	}
}
