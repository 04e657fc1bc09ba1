package suite

import (
	"regexp"

	"github.com/countersign-dev/countersign/reference"
)

var sdkForm = regexp.MustCompile(`^[^:]+:v\d+\.\d+\.\d+[^:]*$`)

// answering: SPEC 4.1.2 — what an SDK puts on its answers.
func answering() []Case {
	return []Case{
		{
			ID: "answering.sdk-header", Clause: cite("4.1.2", 1), Seed: "KEYS 1", Level: Must, Risk: Interoperability,
			Title: "the answer to a call names the SDK and its version",
			When:  Call{}, Then: answerHas("X-Inngest-Sdk as name:vN.N.N", reference.HeaderSDK, sdkForm.MatchString),
		},
		{
			ID: "answering.signed", Clause: cite("4.1.1", 2), Seed: "KEYS 1", Level: Must, Risk: Interoperability,
			Title: "the answer to a verified call is signed over its bytes", Needs: []Capability{ResponseSignature},
			When: Call{}, Then: signedAnswer(Primary),
		},
		{
			ID: "answering.signed-with-fallback", Clause: cite("4.1.1", 2), Seed: "KEYS 5", Level: Should, Risk: Lockout,
			Title: "the answer is signed with the key that verified the call", Needs: []Capability{ResponseSignature},
			Given: Setup{Fallback: Present}, When: Call{Key: Fallback}, Then: signedAnswer(Fallback),
		},
		{
			ID: "answering.refusal-unsigned", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a refusal is not signed: no one gets signatures without having one",
			When:  Call{Key: Stranger},
			Then:  and(refused(), answerHas("no signature", reference.HeaderSignature, func(value string) bool { return value == "" })),
		},
	}
}
