package live_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/suite"
)

// lint writes a candidate down and reads it again.
func lint(t *testing.T, c live.Candidate) []string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	back, err := live.ParseCandidate(text)
	if err != nil {
		t.Fatal(err)
	}
	return back.Lacks()
}

func filledIn(c live.Candidate) live.Candidate {
	c.ID, c.Clause, c.Level, c.Risk, c.Comment = "receiving.far-future", "SPEC 4.1.3(4)", "MUST", "replay", "a signature of the day after tomorrow is refused"
	c.Flags, c.Case.Seed = []string{"Future"}, "KEYS 3"
	if c.TwinVector != nil {
		c.Control = c.ID + ".twin"
	}
	return c
}

func TestCandidatesAreRefusedUntilTheyAreComplete(t *testing.T) {
	withoutRace(t)
	c := live.Promote(aFinding(t))
	if lacks := lint(t, c); len(lacks) != 7 {
		t.Errorf("it lacks %q", lacks)
	}
	if lacks := lint(t, filledIn(c)); len(lacks) > 0 {
		t.Errorf("it lacks %q", lacks)
	}
	for name, test := range map[string]struct {
		spoil func(*live.Candidate)
		says  string
	}{
		"a dot for an id":          {func(c *live.Candidate) { c.ID = "." }, "id:"},
		"an id without a family":   {func(c *live.Candidate) { c.ID = "future" }, "id:"},
		"an id in capitals":        {func(c *live.Candidate) { c.ID = "receiving.Future" }, "id:"},
		"an id that is taken":      {func(c *live.Candidate) { c.ID = "receiving.future" }, "the catalogue has a case"},
		"a clause of words":        {func(c *live.Candidate) { c.Clause = "SPEC nonsense" }, "clause:"},
		"a clause that is not":     {func(c *live.Candidate) { c.Clause = "SPEC 4.1.3(40)" }, "the suite knows no clause"},
		"a clause spelled oddly":   {func(c *live.Candidate) { c.Clause = "SPEC 4.1.3(04)" }, "clause:"},
		"a sentence of the seed":   {func(c *live.Candidate) { c.Clause = "KEYS 3" }, "clause:"},
		"what is only reported":    {func(c *live.Candidate) { c.Level = "MAY" }, "level:"},
		"a level in lower case":    {func(c *live.Candidate) { c.Level = "must" }, "level:"},
		"a risk of its own":        {func(c *live.Candidate) { c.Risk = "danger" }, "risk:"},
		"a reading that is not":    {func(c *live.Candidate) { c.Ambiguity = "R99" }, "ambiguity:"},
		"two words":                {func(c *live.Candidate) { c.Comment = "is refused" }, "comment:"},
		"blanks":                   {func(c *live.Candidate) { c.Comment = "   " }, "comment:"},
		"a full stop":              {func(c *live.Candidate) { c.Comment += "." }, "comment:"},
		"another case's sentence":  {func(c *live.Candidate) { c.Comment = "a signature older than five minutes is refused" }, "comment:"},
		"a seed that is not":       {func(c *live.Candidate) { c.Case.Seed = "KEYS 99" }, "case.seed:"},
		"no Go for what is sent":   {func(c *live.Candidate) { c.Case.When = "Call{" }, "case.when:"},
		"nothing sent":             {func(c *live.Candidate) { c.Case.When = "" }, "case.when:"},
		"something else sent":      {func(c *live.Candidate) { c.Case.When = "Visit{}" }, "case.when:"},
		"nothing owed":             {func(c *live.Candidate) { c.Case.Then = "" }, "case.then:"},
		"no expectation":           {func(c *live.Candidate) { c.Case.Then = "refused" }, "case.then:"},
		"half an expectation":      {func(c *live.Candidate) { c.Case.Then = "and(refused()" }, "case.then:"},
		"no flag":                  {func(c *live.Candidate) { c.Flags = nil }, "flags:"},
		"a flag of nothing":        {func(c *live.Candidate) { c.Flags = []string{"."} }, "flags:"},
		"another result":           {func(c *live.Candidate) { c.Result = "accept" }, "vector:"},
		"another MAC":              {func(c *live.Candidate) { c.Verifier.PrimaryMAC = strings.Repeat("0", 64) }, "vector:"},
		"another twin":             {func(c *live.Candidate) { c.Control = "receiving.expired" }, "vector:"},
		"no vector, without cause": {func(c *live.Candidate) { c.Vector = nil }, "vector:"},
	} {
		t.Run(name, func(t *testing.T) {
			spoiled := filledIn(live.Promote(aFinding(t)))
			test.spoil(&spoiled)
			if lacks := lint(t, spoiled); len(lacks) != 1 || !strings.Contains(lacks[0], test.says) {
				t.Errorf("it lacks %q", lacks)
			}
		})
	}
	for name, text := range map[string]string{
		"an unknown member": `{"schema":"urn:countersign:candidate:2","more":1}`, "the schema before": `{"schema":"urn:countersign:candidate:1"}`,
		"no exchange": `{"schema":"urn:countersign:candidate:2"}`,
	} {
		if _, err := live.ParseCandidate([]byte(text)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// The expectation is one that the finding's class breaks; where the suite has
// none, it is left to be written.
func TestCandidatesExpectWhatFits(t *testing.T) {
	unsigned := step("header", "absent", 0, false)
	functions := functionsOfSuite(t)
	for name, test := range map[string]struct {
		finding live.Finding
		then    string
	}{
		"a forgery":               {live.Finding{Class: live.FalseAccept, Level: suite.Must, Exchange: exchange(live.Call, unsigned)}, "refused()"},
		"a forged sync":           {live.Finding{Class: live.FalseAccept, Level: suite.Must, Exchange: exchange(live.Sync, unsigned)}, "disclosesNothing()"},
		"an unknown function":     {live.Finding{Class: live.FalseAccept, Level: suite.Must, Exchange: exchange(live.Call, step("query", "unknown function", 0, false))}, "respondsWithError()"},
		"a lockout":               {live.Finding{Class: live.FalseRefuse, Level: suite.Must, Exchange: exchange(live.Call)}, "accepted()"},
		"a field that is told":    {live.Finding{Class: live.Disclosure, Level: suite.Must, Exchange: exchange(live.Introspect, unsigned)}, "disclosesNothing()"},
		"a stack":                 {live.Finding{Class: live.Disclosure, Level: suite.Should, Exchange: exchange(live.Call, unsigned)}, "and(disclosesNothing(), noStack())"},
		"a key, told to a caller": {live.Finding{Class: live.Disclosure, Level: suite.Must, Exchange: exchange(live.Call)}, "and(accepted(), responseWithoutKeys())"},
		"a key in an inspection":  {live.Finding{Class: live.Disclosure, Level: suite.Must, Exchange: exchange(live.Introspect)}, "and(accepted(), withoutSecret())"},
		"a key, told of an error": {live.Finding{Class: live.Disclosure, Level: suite.Must, Exchange: exchange(live.Call, step("replace", "null", 0, true))}, "responseWithoutKeys()"},
		"a key, owed to no one":   {live.Finding{Class: live.Disclosure, Level: suite.Must, Exchange: exchange(live.Introspect, step("time", "future", 120, true))}, ""},
		"a death":                 {live.Finding{Class: live.Crash, Level: suite.Must, What: "the target died: exit status 1", Exchange: exchange(live.Call, unsigned)}, "keepsServing()"},
		"a death by a call":       {live.Finding{Class: live.Crash, Level: suite.Must, What: "the target died: exit status 1", Exchange: exchange(live.Call)}, "accepted()"},
		"a death that may run":    {live.Finding{Class: live.Crash, Level: suite.Must, What: "the target died: exit status 1", Exchange: exchange(live.Call, step("time", "future", 120, true))}, ""},
		"a connection that ends":  {live.Finding{Class: live.Crash, Level: suite.Must, What: "the connection ended without an answer", Exchange: exchange(live.Call, unsigned)}, "refused()"},
		"an exception":            {live.Finding{Class: live.Crash, Level: suite.Should, Exchange: exchange(live.Call, unsigned)}, "refused()"},
		"silence":                 {live.Finding{Class: live.Hang, Level: suite.Must, Exchange: exchange(live.Call, unsigned)}, "refused()"},
		"slowness":                {live.Finding{Class: live.Slow, Level: suite.Must, Exchange: exchange(live.Call, unsigned)}, ""},
		"a raw key":               {live.Finding{Class: live.OutboundMisuse, Level: suite.Must, What: "POST /fn/register carries {{primary.secret}}", Exchange: exchange(live.Sync)}, "asksWithoutSecret()"},
		"no key":                  {live.Finding{Class: live.OutboundMisuse, Level: suite.Must, What: "POST /fn/register does not carry the hashed key", Exchange: exchange(live.Sync)}, "asksAPI(Primary)"},
		"another origin":          {live.Finding{Class: live.OutboundMisuse, Level: suite.Must, What: "POST /fn/register went to another origin than the API's", Exchange: exchange(live.Sync)}, "asksHomeOnly()"},
		"now so and now so":       {live.Finding{Class: live.Undetermined, Level: suite.Must, What: "odd", Exchange: exchange(live.Call)}, ""},
		"now a forgery":           {live.Finding{Class: live.Undetermined, Level: suite.Must, What: "false accept: 2 of 9", Exchange: exchange(live.Call, unsigned)}, "refused()"},
	} {
		c := live.Promote(test.finding)
		if c.Case.Then != test.then {
			t.Errorf("%s: %q", name, c.Case.Then)
		}
		refusedFor := slices.ContainsFunc(lint(t, c), func(line string) bool { return strings.HasPrefix(line, "case.then:") })
		if refusedFor != (test.then == "") {
			t.Errorf("%s: lint says %q", name, lint(t, c))
		}
		for _, called := range parsesAsCase(t, c) {
			if !functions[called] {
				t.Errorf("%s: the suite has no %s", name, called)
			}
		}
	}
}

// parsesAsCase gives the functions that a candidate's literal calls.
func parsesAsCase(t *testing.T, c live.Candidate) (called []string) {
	t.Helper()
	source := "package suite\nvar _ = []Case{\n" + string(c.Literal()) + "}\n"
	file, err := parser.ParseFile(token.NewFileSet(), "", source, 0)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if call, is := n.(*ast.CallExpr); is {
			called = append(called, call.Fun.(*ast.Ident).Name)
		}
		return true
	})
	if empty := c.Case.Then == ""; strings.Contains(source, "to be written: ") != (empty || c.Case.When == "") {
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
	scene := suite.VectorScene()
	for literal, test := range map[string]struct {
		step     live.Step
		stimulus suite.Stimulus
	}{
		`Call{Age: -306 * time.Second}`:    {step("time", "future", 306, true), suite.Call{Age: -306 * time.Second}},
		`Call{Age: 306 * time.Second}`:     {step("time", "past", 306, true), suite.Call{Age: 306 * time.Second}},
		`Call{Redate: 30 * time.Second}`:   {step("redate", "future", 30, false), suite.Call{Redate: 30 * time.Second}},
		`Call{Unsigned: true}`:             {step("header", "absent", 0, false), suite.Call{Unsigned: true}},
		`Call{Key: UnknownKey}`:            {step("key", "stranger", 0, false), suite.Call{Key: suite.UnknownKey}},
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
		"Call{Header: \"t={t}abc&s={s}\"}": {step("t", "text behind", 0, true), suite.Call{Header: "t={t}abc&s={s}"}},
		"Call{Header: \"t={t}.5&s={s}\"}":  {step("t", "fraction", 0, true), suite.Call{Header: "t={t}.5&s={s}"}},
		"Call{Header: \"t={t}e1&s={s}\"}":  {step("t", "exponent", 0, true), suite.Call{Header: "t={t}e1&s={s}"}},
		"Call{Header: \"t=NaN&s={s}\"}":    {step("t", "NaN", 0, true), suite.Call{Header: "t=NaN&s={s}"}},
		`Call{Chunked: true}`:              {step("framing", "chunked", 0, false), suite.Call{Chunked: true}},
	} {
		e := exchange(live.Call, test.step)
		if c := live.Promote(live.Finding{Class: live.FalseAccept, Exchange: e}); c.Case.When != literal {
			t.Errorf("%s: %q, not %s", e, c.Case.When, literal)
		}
		sent := e.Make(live.World{Keys: scene.Keys, Now: scene.Now, Nonce: scene.Nonce, Path: scene.Path, Host: scene.Host, Sight: scene.Visibility})
		made := suite.Make(test.stimulus, scene).Request
		inOrder := func(fields []suite.Field) []string {
			var lines []string
			for _, f := range fields {
				lines = append(lines, f.Name+": "+f.Value)
			}
			return slices.Sorted(slices.Values(lines))
		}
		if !bytes.Equal(sent.Body, made.Body) || sent.Target != made.Target || !slices.Equal(inOrder(sent.Header), inOrder(made.Header)) {
			t.Errorf("%s and %s send different things:\n%v\n%v", e, literal, sent.Header, made.Header)
		}
	}
	for _, s := range []live.Step{step("tamper", "pad", 0, true), step("t", "fraction", 0, false), step("query", "none", 0, false)} {
		c := live.Promote(live.Finding{Class: live.FalseAccept, Exchange: exchange(live.Call, s)})
		if c.Case.When != "" || !strings.Contains(string(c.Literal()), "When: nil, // to be written: Call{} with a field for: "+s.String()) {
			t.Errorf("%s\n%s", s, c.Literal())
		}
	}
}
