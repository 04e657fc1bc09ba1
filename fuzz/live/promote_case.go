package live

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// Literal is the case that the candidate would be, as Go. What is still to be
// said stands in it as an empty value, with a comment.
func (c Candidate) Literal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// From %s: %s\n{\n", c.From.Finding, c.From.Exchange)
	cited, _ := suite.ParseCitation(c.Clause) // the zero value where it is not filled in
	fmt.Fprintf(&b, "\tID: %q, Clause: cite(%q, %d), Seed: %q,\n", c.ID, cited.Section, cited.Item, c.Case.Seed)
	fmt.Fprintf(&b, "\tLevel: %s, Risk: %s,", named(c.Level), named(c.Risk))
	if c.Ambiguity != "" {
		fmt.Fprintf(&b, " Ambiguity: %q,", c.Ambiguity)
	}
	if c.Case.endsTargets() {
		b.WriteString(" Destructive: true,")
	}
	fmt.Fprintf(&b, "\n\tTitle: %q,\n", c.Comment)
	if c.From.Exchange.Rotating {
		b.WriteString("\tGiven: Setup{Fallback: Present},\n")
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

// endsTargets: as the cases of survival, it runs last, on a target of its own.
func (c CandidateCase) endsTargets() bool { return strings.Contains(c.Then, "keepsServing()") }

// lacks: both halves are Go of the kind that a case takes.
func (c CandidateCase) lacks() (lines []string) {
	when, err := parser.ParseExpr(c.When)
	literal, isLiteral := when.(*ast.CompositeLit)
	if err != nil || !isLiteral || !slices.Contains(stimuliOfSuite, nameOf(literal.Type)) {
		lines = append(lines, "case.when: what is sent, as a literal of the suite, like Call{Unsigned: true}; a field that is lacking comes first")
	}
	then, err := parser.ParseExpr(c.Then)
	if call, isCall := then.(*ast.CallExpr); err != nil || !isCall || nameOf(call.Fun) == "" {
		lines = append(lines, "case.then: what is owed, as an expectation of the suite, like refused(); one that is lacking comes first")
	}
	return lines
}

var stimuliOfSuite = []string{"Call", "Probe", "Introspect", "Sync", "InBandSync", "Ask"}

func nameOf(e ast.Expr) string {
	if name, is := e.(*ast.Ident); is {
		return name.Name
	}
	return ""
}

// then is the expectation that a target which shows the finding does not meet;
// empty, with the reason, where the suite has none that fits.
func (f CandidateFrom) then() (expectation, toDo string) {
	owed := f.owed()
	isOwed := map[Answer]string{MustAccept: "accepted()", MustRefuse: "refused()"}[owed.Answer]
	if owed.Answer == MustRefuse && owed.shape == asksSync { // which may ask the API, and succeed (reading R11)
		isOwed = "disclosesNothing()"
	}
	switch f.Class {
	case FalseRefuse:
		return "accepted()", ""
	case FalseAccept:
		if strings.HasPrefix(owed.Why, "R12") {
			return "respondsWithError()", "" // to an authentic call
		}
		return isOwed, "nothing is owed to this request"
	case Disclosure:
		return f.keeps(owed)
	case OutboundMisuse:
		return f.sends()
	case Crash, Hang:
		died, mayRun := strings.HasPrefix(f.What, "the target died"), owed.Answer != MustRefuse && owed.shape == asksRun
		if died && !mayRun { // a target that lives on meets keepsServing()
			return "keepsServing()", ""
		}
		return isOwed, "no expectation says that a request is answered, one way or the other, and the target lives on"
	case Slow:
		return "", "no expectation says how long an answer may take"
	}
	return "", "it comes and goes, and an expectation is met or not"
}

// keeps is what is owed where an answer tells too much.
func (f CandidateFrom) keeps(owed Owed) (expectation, toDo string) {
	hashesAreTold := owed.shape == asksIntrospection || owed.shape == asksInBand // to authentic requests (reading R13)
	switch {
	case f.Level == suite.Should:
		return "and(disclosesNothing(), noStack())", ""
	case owed.forged:
		return "disclosesNothing()", ""
	case owed.Answer == MustAccept && hashesAreTold:
		return "and(accepted(), withoutSecret())", ""
	case hashesAreTold:
		return "", "withoutSecret() is met by a target that does nothing, and nothing else is owed to this request"
	case owed.Answer == MustAccept:
		return "and(accepted(), responseWithoutKeys())", ""
	}
	return "responseWithoutKeys()", ""
}

// sends is what is owed where too much goes out.
func (f CandidateFrom) sends() (expectation, toDo string) {
	switch {
	case strings.Contains(f.What, "another origin"):
		return "asksHomeOnly()", ""
	case strings.Contains(f.What, "does not carry the hashed key"):
		return "asksAPI(Primary)", ""
	}
	return "asksWithoutSecret()", ""
}

// when is the request as a stimulus of the suite; empty, with the reason, where
// the suite has no field for one of its steps.
func (f CandidateFrom) when() (stimulus, toDo string) {
	fields, rest := f.Exchange.fields()
	stimulus = stimulusNames[f.Exchange.Kind] + "{" + strings.Join(fields, ", ") + "}"
	if len(rest) > 0 {
		return "", stimulus + " with a field for: " + strings.Join(rest, "; ")
	}
	return stimulus, ""
}

var stimulusNames = map[Kind]string{
	Call: "Call", RichCall: "Call", Fetched: "Call", Stepping: "Call", Sending: "Call", Probe: "Probe", Introspect: "Introspect", Sync: "Sync", InBandSync: "InBandSync",
}

// fields are the steps that the suite's stimuli have fields for, and the rest.
func (e Exchange) fields() (fields, rest []string) {
	switch e.Kind {
	case RichCall:
		fields = append(fields, "Body: Rich")
	case Fetched:
		fields = append(fields, "UseAPI: true")
	case Stepping:
		fields = append(fields, "Function: StepID")
	case Sending:
		fields = append(fields, "Function: sendID")
	}
	for _, s := range e.Steps {
		field := s.field(e.Kind)
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

// field is the step as a field of a stimulus; empty where there is none.
func (s Step) field(kind Kind) string {
	switch {
	case s.Op == "time":
		return fmt.Sprintf("Age: %d * time.Second", int64(age(s).Seconds()))
	case s.Op == "redate":
		return fmt.Sprintf("Redate: %d * time.Second", -int64(age(s).Seconds()))
	case s.Op == "tamper" && (s.Signed || kind != Call && kind != Probe), s.Op == "t" && !s.Signed, s.Op == "over" && kind == Introspect:
		return "" // the suite tampers with calls after they were signed, and signs the t that it shows
	}
	return fieldsOfSuite[s.Op+"/"+s.Form]
}

var fieldsOfSuite = map[string]string{
	"header/absent": "Unsigned: true", "key/stranger": "Key: UnknownKey", "key/fallback": "Key: Fallback", "key/empty": "Key: EmptyKey",
	"hash/sha1": "Hash: SHA1", "hash/sha512": "Hash: SHA512", "hash/plain": "Hash: Plain", "over/nothing": "Over: NoMessage", "over/first half": "Over: FirstHalf",
	"over/no time": "Over: BodyOnly", "over/time first": "Over: TimeFirst", "framing/chunked": "Chunked: true", "key/decoded": "Over: DecodedAsKey", "key/prefix kept": "Over: WholeKeyText",
	"tamper/pad": "Tamper: InMiddle", "tamper/attempt": "Tamper: AtStart", "tamper/version": "Tamper: AtEnd",
	"t/text behind": `Header: "t={t}abc&s={s}"`, "t/fraction": `Header: "t={t}.5&s={s}"`, "t/exponent": `Header: "t={t}e1&s={s}"`, "t/NaN": `Header: "t=NaN&s={s}"`,
}
