package live

import (
	"bytes"
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
	"github.com/countersign-dev/countersign/suite/longtest"
)

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
	longtest.Skip(t)
	t.Parallel()
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
