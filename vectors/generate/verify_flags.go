package main

import (
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

var verifyFlags = map[string]vectors.Flag{
	"Normal":         {About: "valid"},
	"Control":        {About: "the control of a negative, where no other vector is equal to it"},
	"Rotation":       {About: "two keys are configured", Bug: "the fallback key is not tried, or is tried without the other checks"},
	"Keyless":        {About: "no primary key is configured", Bug: "verification is skipped, or done with the empty key"},
	"EmptyKey":       {About: "signed with the empty key, which anyone can do", Bug: "an unset or truncated key becomes an HMAC key"},
	"KeyForm":        {About: "an unusual key in the environment", Bug: "the HMAC key is not exactly the text after the prefix"},
	"WrongKey":       {About: "signed with a key that is not configured", Bug: "the MAC is not compared, or is compared with itself"},
	"Unsigned":       {About: "without the header", Bug: "unsigned requests are not refused"},
	"RequestDecides": {About: "a request header that might be used as a switch", Bug: "a request can turn verification off"},
	"Window":         {About: "inside the window, with an age that is not zero", Bug: "the window is smaller, or does not allow for clock skew"},
	"Expired":        {About: "older than the window", Bug: "there is no window, or it is larger, or it is in milliseconds"},
	"Future":         {About: "ahead of the verifier's clock", Bug: "only the past is checked, so that a signature can be used for years"},
	"Redated":        {About: "t changed after signing", Bug: "the MAC is computed without t, or with the verifier's clock"},
	"HeaderForm":     {About: "a header in another format", Bug: "a lenient parser and the MAC see different headers"},
	"TForm":          {About: "t is not a plain decimal integer, or is out of range", Bug: "the number that is compared with the clock is not the text that the MAC covers"},
	"Repeated":       {About: "t, s or the header appears twice", Bug: "one occurrence is checked and another is used"},
	"WrongMAC":       {About: "s is not the MAC", Bug: "only a part is compared, or not as text"},
	"Tampered":       {About: "the body changed after it was signed", Bug: "the body, or part of it, is not covered"},
	"WrongMessage":   {About: "the MAC covers something else", Bug: "the message is assembled differently"},
	"WrongKeyForm":   {About: "the key was decoded, or its prefix was kept", Bug: "the HMAC key is not exactly the text after the prefix"},
	"WrongAlgorithm": {About: "another algorithm", Bug: "the algorithm is chosen by the length of s, or by the request"},
	"CanonicalForm":  {About: "the body is not canonical, or is canonical and unusual"},
	"NoForm":         {About: "the body has no canonical form", Bug: "a canonicaliser that fails leaves an empty message, or two parsers disagree on which value was signed"},
	"Shape":          {About: "a method or kind of request that the server never signs"},
	"Unbound":        {About: "the MAC covers neither method nor path, by design"},
}

// flagsOf derives the flags of a case from the fields of its stimulus.
func flagsOf(c suite.Case) (flags []string) {
	in, _ := parts(c.When)
	add := func(when bool, flag string) {
		if when {
			flags = append(flags, flag)
		}
	}
	faults := map[string]bool{}
	for _, fault := range c.Faults() {
		faults[fault] = true
	}
	keyless := parseKeys(keysOf(c.Given)).Primary.IsZero()
	add(keyless, "Keyless")
	add(!keyless && c.Given.Fallback != "", "Rotation")
	add(!keyless && c.Given.Key != "" && c.Given.Key != suite.Present, "KeyForm")
	add(in.Key == suite.EmptyKey, "EmptyKey")
	add(faults["key"] && in.Key != suite.EmptyKey, "WrongKey")
	add(in.Unsigned, "Unsigned")
	add(in.Headers != "" || in.Host != "", "RequestDecides")
	stance := c.Stance()
	add(in.Age != 0 && stance == suite.Accepts, "Window")
	add(in.Age > 0 && stance != suite.Accepts, "Expired")
	add(in.Age < 0 && stance != suite.Accepts, "Future")
	add(in.Redate != 0, "Redated")
	add(in.Header != "", headerFlag(in.Header))
	add(in.Tamper != "", "Tampered")
	add(in.Over == suite.DecodedAsKey || in.Over == suite.WholeKeyText, "WrongKeyForm")
	add(in.Over != "" && in.Over != suite.DecodedAsKey && in.Over != suite.WholeKeyText, "WrongMessage")
	add(in.Hash != "", "WrongAlgorithm")
	add(in.Body != "", "CanonicalForm")
	add(len(flags) == 0, "Normal")
	return flags
}
