package live

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"reflect"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// Literal is the case that the candidate would be, as Go. What is still missing
// is an empty value with a comment.
func (c Candidate) Literal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// From %s: %s\n{\n", c.From.Finding, c.From.Input)
	cited, _ := suite.ParseCitation(c.Clause) // the zero value where it is not filled in
	fmt.Fprintf(&b, "\tID: %q, Clause: cite(%q, %d), Source: %q,\n", c.ID, cited.Section, cited.Item, c.Case.Source)
	fmt.Fprintf(&b, "\tLevel: %s, Risk: %s,", named(c.Level), named(c.Risk))
	if c.Ambiguity != "" {
		fmt.Fprintf(&b, " Ambiguity: %q,", c.Ambiguity)
	}
	if c.Case.endsTargets() {
		b.WriteString(" Destructive: true,")
	}
	fmt.Fprintf(&b, "\n\tTitle: %q,\n", c.Comment)
	if c.From.Input.Rotating {
		b.WriteString("\tGiven: Setup{Fallback: Present},\n")
	}
	if state := c.From.Input.stateLiteral(); state != "" {
		fmt.Fprintf(&b, "\tState: %s,\n", state)
	}
	_, noField := c.From.when()
	_, noneFits := c.From.then()
	fmt.Fprintf(&b, "\tWhen: %s\n\tThen: %s\n},\n", line(c.Case.When, "nil", noField), line(c.Case.Then, "Expectation{}", noneFits))
	return b.Bytes()
}

// named is the Go name of a level or a risk: Must for MUST, Replay for replay.
func named(word string) string {
	if word == "" {
		return `""`
	}
	return strings.ToUpper(word[:1]) + strings.ToLower(word[1:])
}

// line is a value of the literal, or an empty one and what is to be written.
func line(written, empty, toDo string) string {
	if written == "" {
		return empty + ", // to be written: " + toDo
	}
	return written + ","
}

// endsTargets: like the cases of survival, it runs last, on a target of its own.
func (c candidateCase) endsTargets() bool { return strings.Contains(c.Then, "keepsServing()") }

// problems: both halves must be Go of the kind that a case takes.
func (c candidateCase) problems() (lines []string) {
	when, err := parser.ParseExpr(c.When)
	literal, isLiteral := when.(*ast.CompositeLit)
	if err != nil || !isLiteral || !slices.Contains(suiteStimuli, nameOf(literal.Type)) {
		lines = append(lines, "case.when: what is sent, as a literal of the suite, like Call{Unsigned: true}; a missing field must be added to the suite first")
	}
	then, err := parser.ParseExpr(c.Then)
	if call, isCall := then.(*ast.CallExpr); err != nil || !isCall || nameOf(call.Fun) == "" {
		lines = append(lines, "case.then: what is required, as an expectation of the suite, like refused(); a missing one must be added to the suite first")
	}
	return lines
}

var suiteStimuli = []string{"Call", "Probe", "Introspect", "Sync", "InBandSync", "OtherMethod"}

func nameOf(e ast.Expr) string {
	if name, is := e.(*ast.Ident); is {
		return name.Name
	}
	return ""
}

// then is the expectation that a target which shows the finding does not meet;
// empty, with the reason, where the suite has none that fits.
func (f candidateFrom) then() (expectation, toDo string) {
	required := f.requirement()
	ofOutcome := map[outcome]string{mustAccept: "accepted()", mustReject: "refused()"}[required.outcome]
	if required.outcome == mustReject && required.purpose == forSync { // which may contact the API, and succeed (ambiguity R11)
		ofOutcome = "disclosesNothing()"
	}
	switch f.Class {
	case FalseReject:
		return "accepted()", ""
	case FalseAccept:
		if required.why == unknownFunction {
			return "respondsWithError()", "" // to an authentic call
		}
		return ofOutcome, "nothing is required of this request"
	case Disclosure:
		return f.withholds(required)
	case OutboundMisuse:
		return f.contacts()
	case Crash, Hang:
		died, mayRun := strings.HasPrefix(f.Observed, targetDied), required.outcome != mustReject && required.purpose == forRun
		if died && !mayRun { // a target that lives on meets keepsServing()
			return "keepsServing()", ""
		}
		return ofOutcome, "no expectation says that a request gets a response, one way or the other, and that the target keeps running"
	case Slow:
		return "", "no expectation says how long a response may take"
	}
	return "", "non-determinism: an expectation is met or it is not"
}

// withholds is what is required where a response reveals too much.
func (f candidateFrom) withholds(required requirement) (expectation, toDo string) {
	showsHashes := required.purpose == forIntrospection || required.purpose == forInBandSync // to authentic requests (ambiguity R13)
	switch {
	case f.Level == suite.Should:
		return "and(disclosesNothing(), noStack())", ""
	case required.forged:
		return "disclosesNothing()", ""
	case required.outcome == mustAccept && showsHashes:
		return "and(accepted(), withoutSecret())", ""
	case showsHashes:
		return "", "withoutSecret() is met by a target that does nothing, and nothing else is required of this request"
	case required.outcome == mustAccept:
		return "and(accepted(), responseWithoutKeys())", ""
	}
	return "responseWithoutKeys()", ""
}

// contacts is what is required where the API is sent too much or too little.
func (f candidateFrom) contacts() (expectation, toDo string) {
	switch {
	case strings.Contains(f.Observed, otherOrigin):
		return "contactsOnlyAPI()", ""
	case strings.Contains(f.Observed, noHashedKey):
		return "contactsAPIWith(Primary)", ""
	}
	return "sendsNoKey()", ""
}

// when is the request as a stimulus of the suite; empty, with the reason, where
// the suite has no field for one of its steps.
func (f candidateFrom) when() (stimulus, toDo string) {
	fields, rest := f.Input.fields()
	stimulus = reflect.TypeOf(bases[f.Input.Base].stimulus).Name() + "{" + strings.Join(fields, ", ") + "}"
	if len(rest) > 0 {
		return "", stimulus + " with a field for: " + strings.Join(rest, "; ")
	}
	return stimulus, ""
}

// fields are the steps that the suite's stimuli have fields for, and the rest.
func (in Input) fields() (fields, rest []string) {
	switch in.Base {
	case RichCall:
		fields = append(fields, "Body: Rich")
	case Fetched:
		fields = append(fields, "UseAPI: true")
	case Stepping:
		fields = append(fields, "Function: StepID")
	case Sending:
		fields = append(fields, "Function: SendID")
	}
	for _, s := range in.Steps {
		field := s.field(in.Base)
		if deviations := (Input{Steps: []Step{s}}).deviations(); len(deviations) == 1 {
			field = literalOf(deviations[0])
		}
		name, _, _ := strings.Cut(field, ":")
		taken := slices.ContainsFunc(fields, func(other string) bool { return strings.HasPrefix(other, name+":") })
		if field == "" || taken {
			rest = append(rest, s.String())
			continue
		}
		fields = append(fields, field)
	}
	return fields, rest
}

// stateLiteral is the state of the case, as Go; empty where it has none. Steps that the
// suite has no field for are in a comment.
func (in Input) stateLiteral() string {
	var parts, after []string
	before := in.Before
	if in.takesOver() && len(before) == 0 {
		before = []Earlier{{Base: Call}}
	}
	for _, e := range before {
		sent, noField := candidateFrom{Input: e.input(in)}.when()
		if sent == "" {
			sent = "nil /* to be written: " + strings.ReplaceAll(noField, "*/", "") + " */"
		}
		if e.times() > 1 {
			sent += fmt.Sprintf(", Times: %d", e.Times)
		}
		after = append(after, "{Send: "+sent+"}")
	}
	if in.Cold {
		parts = append(parts, "Cold: true")
	}
	if len(after) > 0 {
		parts = append(parts, "After: []Earlier{"+strings.Join(after, ", ")+"}")
	}
	if name, is := companies[in.Beside]; is {
		parts = append(parts, "Beside: "+name)
	}
	if len(parts) == 0 {
		return ""
	}
	return "State{" + strings.Join(parts, ", ") + "}"
}

// companies are the names of the suite's constants.
var companies = map[suite.Company]string{suite.Together: "Together", suite.WhileRead: "WhileRead", suite.WhileServed: "WhileServed"}

// field is the step as a field of a stimulus; empty where there is none.
func (s Step) field(base Base) string {
	switch {
	case s.Op == "time":
		return fmt.Sprintf("Age: %d * time.Second", int64(age(s).Seconds()))
	case s.Op == "redate":
		return fmt.Sprintf("Redate: %d * time.Second", -int64(age(s).Seconds()))
	case s.Op == "tamper" && (s.Signed || base != Call && base != Probe), s.Op == "t" && !s.Signed, s.Op == "over" && base == Introspect:
		return "" // the suite tampers with calls after they were signed, and signs the t that it shows
	}
	return suiteFields[s.Op+"/"+s.Form]
}

var suiteFields = map[string]string{
	"header/absent": "Unsigned: true", "key/unknown": "Key: UnknownKey", "key/fallback": "Key: Fallback", "key/empty": "Key: EmptyKey",
	"hash/sha1": "Hash: SHA1", "hash/sha512": "Hash: SHA512", "hash/plain": "Hash: Plain", "over/nothing": "Over: NoMessage", "over/first half": "Over: FirstHalf",
	"over/no time": "Over: BodyOnly", "over/time first": "Over: TimeFirst", "framing/chunked": "Chunked: true", "key/decoded": "Over: DecodedAsKey", "key/prefix kept": "Over: WholeKeyText",
	again + "/" + sameConnection: "SameConnection: true", again + "/" + sameSignature: "Borrowed: true", again + "/" + sameBody: "SameBody: true", again + "/" + sameRun: "SameRun: true",
	"tamper/pad": "Tamper: InMiddle", "tamper/attempt": "Tamper: AtStart", "tamper/version": "Tamper: AtEnd",
	"t/text following": `Header: "t={t}abc&s={s}"`, "t/fraction": `Header: "t={t}.5&s={s}"`, "t/exponent": `Header: "t={t}e1&s={s}"`, "t/NaN": `Header: "t=NaN&s={s}"`,
}
