package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// verifyFile generates verify.json.
func verifyFile() (output, error) {
	b := verifyBuilder{
		newFileBuilder[vectors.Verify]("received requests, and whether Inngest signed them: the requests of the catalogue, and tables", verifyFlags),
		map[string]int{}, map[string]suite.Case{},
	}
	catalogue := suite.Catalogue()
	slices.SortStableFunc(catalogue, func(x, y suite.Case) int { return rank(x) - rank(y) })
	for _, c := range catalogue {
		b.addCase(c)
	}
	for _, table := range []func(*verifyBuilder){windowTable, keyTable, headerTable, macTable, bodyTable, formlessTable, shapeTable} {
		table(&b)
	}
	b.addControls()
	return b.done()
}

// rank sorts the basic chapter first: the first of several cases with equal
// requests gives the vector its id.
func rank(c suite.Case) int {
	if strings.HasPrefix(c.ID, "receiving.") {
		return 0
	}
	return 1
}

// addCase adds the vector of a case, if it has one.
func (b *verifyBuilder) addCase(c suite.Case) {
	if excluded(c) != "" {
		return
	}
	b.addRequest(vectors.Common{
		ID: c.ID, Clause: c.Clause.String(), Level: string(c.Level), Risk: string(c.Risk), Ambiguity: c.Ambiguity, Comment: c.Title, Flags: flagsOf(c),
	}, c, c.Stance())
}

// maxBody is the largest body of a case in verify.json.
const maxBody = 16 << 10

// excluded returns why a case has no vector, or "" where it has one.
func excluded(c suite.Case) string {
	if _, isSigned := parts(c.When); !isSigned {
		return "its kind of request is not verified like a call"
	}
	if !c.State.IsZero() {
		return "it depends on what an endpoint received before, or receives at the same time"
	}
	if c.Destructive {
		return "it tests the availability of an endpoint, not a verifier"
	}
	if slices.Contains(c.Faults(), "body") || c.When.Fields().Tamper == suite.CallOnlyInQuery {
		return "it has no body; the table of shapes has such requests"
	}
	if c.Stance() == suite.NoStance {
		return "it does not depend on the signature of its request"
	}
	env := c.Given.Environment(keyring, "http://api.invalid")
	if reference.ResolveMode(func(name string) string { return env[name] }).Dev {
		return "it is in dev mode, which mode.json covers"
	}
	if c.Given.Platform != "" {
		return "what a platform sets makes no difference to a verifier"
	}
	for name := range env {
		if strings.Contains(name, "_CODE_") {
			return "its keys are configured in code, which makes no difference to a verifier"
		}
	}
	request := suite.Make(c.When, scene).Request
	for _, field := range request.Header {
		if field.Name == "Transfer-Encoding" || field.Name == "Content-Encoding" {
			return "it tests the transfer encoding, which a verifier does not see"
		}
	}
	if len(request.Body) > maxBody {
		return "its body is too large"
	}
	if _, err := reference.Canonicalise(request.Body); err != nil && len(request.Body) > 0 && c.Stance() == suite.Refuses {
		return "its body has no canonical form; the table of such bodies has it"
	}
	return ""
}

// addControls links every negative to its control, and adds the controls that are
// not the request of a case.
func (b *verifyBuilder) addControls() {
	for at := 0; at < len(b.file.Vectors); at++ {
		v := b.file.Vectors[at]
		from, known := b.origins[v.ID]
		if !known || v.Result != vectors.Refuse {
			continue
		}
		stimulus, setup := from.Control()
		control := suite.Case{Given: setup, When: stimulus}
		common := v.Common
		common.ID, common.Ambiguity, common.By, common.Risk = v.ID+".twin", "", "", lockout
		common.Comment, common.Flags = "the control of "+v.ID, []string{"Control"}
		b.addRequest(common, control, suite.Accepts)
		request := newVerify(common, keysOf(setup), suite.Make(stimulus, scene).Request)
		other := b.file.Vectors[b.byInput[fingerprint(request)]]
		if other.Result != vectors.Accept {
			b.fail("%s has the control %s, which is not accepted", v.ID, other.ID)
		}
		b.file.Vectors[at].Control, b.file.Vectors[at].Differs = other.ID, b.differs(v, other)
	}
}

// differs returns the inputs in which a vector differs from its control. It is one
// input, except without a primary key, where no request is valid.
func (b *verifyBuilder) differs(v, control vectors.Verify) (what []string) {
	add := func(differ bool, name string) {
		if differ {
			what = append(what, name)
		}
	}
	otherFields := func(v vectors.Verify) (others []vectors.Field) {
		for _, field := range v.Headers {
			if !strings.EqualFold(field.Name, reference.HeaderSignature) && field.Name != "Content-Type" {
				others = append(others, field)
			}
		}
		return others
	}
	add(textOf(v.Keys) != textOf(control.Keys), "keys")
	add(!slices.Equal(signatures(v.Headers), signatures(control.Headers)), "signature")
	add(textOf(v.Body) != textOf(control.Body), "body")
	if v.Method != control.Method || v.Target != control.Target || !slices.Equal(otherFields(v), otherFields(control)) {
		b.fail("%s and its control %s differ in inputs that a verifier does not use", v.ID, control.ID)
	}
	resplit := strings.HasPrefix(v.ID, "replay.") // moves bytes from one input to the other
	if keyless := parseKeys(v.Keys).Primary.IsZero(); len(what) == 0 || len(what) > 1 && !keyless && !resplit {
		b.fail("%s and its control %s differ in %v, not in one input", v.ID, control.ID, what)
	}
	return what
}

func textOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic("a vector can be encoded: " + err.Error())
	}
	return string(text)
}

func fingerprint(v vectors.Verify) string {
	return textOf([]any{v.Keys, v.Method, v.Target, v.Headers, v.Body})
}
