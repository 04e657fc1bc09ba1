package zoo_test

// broadOnly are the cases that only broad mutants fail, with the reason.
var broadOnly = map[string]string{
	"receiving.signed":              "an endpoint that does not accept an honest call fails most of the catalogue",
	"receiving.unsigned":            "an endpoint that lets a plain unsigned call in fails every unsigned case",
	"receiving.wrong-key":           "a verifier cannot tell another key's MAC from any other wrong MAC",
	"receiving.mac-of-another-body": "a verifier cannot tell another body's MAC from any other wrong MAC",
	"keys.fallback-not-configured":  "to the target this is any other key's MAC",
}

// alike are cases that catch the same mutants and are kept apart for a reason.
var alike = []struct {
	cases  []string
	reason string
}{
	{[]string{"keys.fallback-empty", "receiving.empty-key"}, "a variable that is unset and one that is empty are the same to our endpoint, but not in every language"},
	{[]string{"keys.absent-empty-key", "keys.empty"}, "unset and empty are not the same in every language"},
	{[]string{"modes.empty", "modes.unstated"}, "unset and empty are not the same in every language"},
	{[]string{"keys.fallback-not-configured", "receiving.wrong-key", "receiving.mac-of-another-body"}, "three wrong MACs that a verifier could hold for right in three ways: the key of a rotation not begun, any key, another message"},
	{[]string{"calls.delete-signed", "calls.delete-wrong-key", "calls.delete"}, "our endpoint looks at no signature there; one that does may tell its holder more"},
	{[]string{"calls.patch-signed", "calls.patch"}, "our endpoint looks at no signature there; one that does may tell its holder more"},
	{[]string{"calls.options-wrong-key", "calls.options"}, "our endpoint looks at no signature there; one that does may tell its holder more"},
	{[]string{"calls.no-body", "calls.with-signature-of-introspection"}, "a body that was lost, and a signature that was carried over from a GET, are two attacks with one outcome"},
}
