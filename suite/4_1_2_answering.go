package suite

import (
	"regexp"

	"github.com/countersign-dev/countersign/reference"
)

var sdkForm = regexp.MustCompile(`^[^:]+:v\d+\.\d+\.\d+[^:]*$`)

// answering is SPEC 4.1.2: the headers of responses.
func answering() []Case {
	return []Case{
		{
			ID: "answering.sdk-header", Clause: cite("4.1.2", 1), Source: "KEYS 1", Level: Must, Risk: Interoperability,
			Title: "the response to a call carries the SDK's name and version",
			When:  Call{}, Then: responseHas("X-Inngest-Sdk as name:vN.N.N", reference.HeaderSDK, sdkForm.MatchString),
		},
		{
			ID: "answering.signed", Clause: cite("4.1.1", 2), Source: "KEYS 1", Level: Must, Risk: Interoperability,
			Title: "the response to a verified call is signed, over the bytes sent", Needs: []Capability{ResponseSignature},
			When: Call{}, Then: signedResponse(Primary),
		},
		{
			ID: "answering.signed-with-fallback", Clause: cite("4.1.1", 2), Source: "KEYS 5", Level: Should, Risk: Lockout,
			Rests: []string{"answering.signed"},
			Title: "the response is signed with the key that verified the call", Needs: []Capability{ResponseSignature},
			Given: Setup{Fallback: Present}, When: Call{Key: Fallback}, Then: signedResponse(Fallback),
		},
		{
			ID: "answering.refusal-unsigned", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "the response to a refused call is not signed",
			When:  Call{Key: UnknownKey},
			Then:  and(refused(), responseHas("no signature", reference.HeaderSignature, func(value string) bool { return value == "" })),
		},
	}
}
