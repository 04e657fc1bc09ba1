package zoo_test

// broadOnly are the cases that only broad mutants fail, with the reason.
var broadOnly = map[string]string{
	"receiving.signed":              "an endpoint that does not accept an honest call fails most of the catalogue",
	"receiving.unsigned":            "an endpoint that lets a plain unsigned call in fails every unsigned case",
	"receiving.wrong-key":           "a verifier cannot tell another key's MAC from any other wrong MAC",
	"receiving.mac-of-another-body": "a verifier cannot tell another body's MAC from any other wrong MAC",
	"keys.fallback-not-configured":  "to the target this is any other key's MAC",
	"keys.primary-beside-fallback":  "an endpoint that forgets the primary key fails every control beside a fallback",
	"sending.bearer":                "every sync shows the bearer",
	"sync.registers":                "every sync registers",
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
}
