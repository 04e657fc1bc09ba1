package zoo_test

// broadOnly are the cases that detect no narrow mutant, with the reason.
var broadOnly = map[string]string{
	"receiving.signed":              "an endpoint that does not accept a valid call fails most of the catalogue",
	"receiving.unsigned":            "an endpoint that accepts a plain unsigned call fails every unsigned case",
	"receiving.wrong-key":           "a verifier cannot distinguish another key's MAC from any other wrong MAC",
	"receiving.mac-of-another-body": "a verifier cannot distinguish another body's MAC from any other wrong MAC",
	"keys.fallback-not-configured":  "to the target this is the MAC of an unknown key",
}

// alike are cases that detect the same mutants, with the reason to keep them.
var alike = []struct {
	cases  []string
	reason string
}{
	{
		[]string{"calls.huge-number-mac-of-nothing", "calls.invalid-utf8-mac-of-nothing", "calls.deep-mac-of-nothing"},
		"a canonicaliser may fail on one of these bodies and not on another",
	},
	{
		[]string{"replay.probe-fresh-in-event", "replay.probe-fresh-in-text", "replay.probe-fresh-in-array"},
		"our probe reads no body; an endpoint that does may refuse some of these bodies and not others",
	},
	{[]string{"keys.fallback-empty", "receiving.empty-key"}, "a variable that is unset and one that is empty are the same to our endpoint, but not in every language"},
	{[]string{"keys.absent-empty-key", "keys.empty"}, "unset and empty are not the same in every language"},
	{[]string{"modes.empty", "modes.unstated"}, "unset and empty are not the same in every language"},
	{[]string{"keys.fallback-not-configured", "receiving.mac-of-another-body"}, "two wrong MACs that a verifier could accept for two reasons: the key of a rotation not begun, and another message"},
	{[]string{"keys.primary-beside-fallback", "keys.primary-after-fallback"}, "the first finds what the second is about only if a call with the fallback key happens to come before it"},
	{[]string{"calls.delete-signed", "calls.delete-wrong-key", "calls.delete"}, "our endpoint ignores the signature there; one that verifies it may respond differently"},
	{[]string{"calls.patch-signed", "calls.patch"}, "our endpoint ignores the signature there; one that verifies it may respond differently"},
	{[]string{"calls.options-wrong-key", "calls.options"}, "our endpoint ignores the signature there; one that verifies it may respond differently"},
	{[]string{"answering.refusal-unsigned", "answering.no-signature-for-calls"}, "the first is about one refusal, the second about each kind of it"},
	{[]string{"calls.no-body", "calls.with-signature-of-introspection"}, "a body that was lost, and a signature that was carried over from a GET, are two attacks with the same result"},
}
