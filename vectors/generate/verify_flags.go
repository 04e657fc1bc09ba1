package main

import (
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

var verifyFlags = map[string]vectors.Flag{
	"Normal":         {About: "authentic, well-formed and on time"},
	"Control":        {About: "a negative without its fault, where no other vector is that"},
	"Rotation":       {About: "two keys are held", Bug: "the fallback key is not tried, or tried without the other checks"},
	"Keyless":        {About: "the verifier holds no primary key", Bug: "verification is skipped, or done with the empty key"},
	"EmptyKey":       {About: "signed with the empty key, as anyone can", Bug: "an unset or cut key becomes an HMAC key"},
	"KeyForm":        {About: "an unusual key in the environment", Bug: "the HMAC key is not exactly the text behind the prefix"},
	"WrongKey":       {About: "signed with a key that is not held", Bug: "the MAC is not compared, or with itself"},
	"Unsigned":       {About: "without the header", Bug: "what is not signed is not checked"},
	"RequestDecides": {About: "a request header that might be taken for a switch", Bug: "a request turns verification off"},
	"Window":         {About: "inside the window, with an age that is not zero", Bug: "a smaller window, or none for clocks that differ"},
	"Expired":        {About: "older than the window", Bug: "no window, a larger one, or one in milliseconds"},
	"Future":         {About: "ahead of the verifier's clock", Bug: "only the past is checked: a stolen signature stays good for years"},
	"Redated":        {About: "t changed after signing", Bug: "the MAC is made without t, or with the verifier's clock"},
	"HeaderForm":     {About: "a header that is spelled in another way", Bug: "a lenient parser and the MAC see two different headers"},
	"TForm":          {About: "t is not a plain decimal integer, or none of this time", Bug: "the number that is compared with the clock is not the text that the MAC covers"},
	"Repeated":       {About: "t, s or the header stands twice", Bug: "one occurrence is checked and another one used"},
	"WrongMAC":       {About: "s is not the MAC", Bug: "only a part is compared, or as something else than text"},
	"Tampered":       {About: "the body changed after it was signed", Bug: "the body is not, or not all of it, part of the message"},
	"WrongMessage":   {About: "the MAC covers something else", Bug: "the message is put together in another way"},
	"WrongKeyForm":   {About: "the key was decoded, or its prefix kept", Bug: "the HMAC key is not exactly the text behind the prefix"},
	"WrongAlgorithm": {About: "another algorithm", Bug: "the algorithm is chosen by the length of s, or by the request"},
	"CanonicalForm":  {About: "the body is not its own canonical form, or an unusual one that is"},
	"NoForm":         {About: "the body has no canonical form", Bug: "two readers take two different values for signed"},
	"Shape":          {About: "a method or shape of request that the server never signs"},
	"Unbound":        {About: "the MAC covers neither method nor path: that is so by design"},
}

// flagsOf names what is unusual about a case, by the fields of its stimulus.
func flagsOf(c suite.Case) (flags []string) {
	in, _ := parts(c.When)
	say := func(when bool, flag string) {
		if when {
			flags = append(flags, flag)
		}
	}
	faults := map[string]bool{}
	for _, fault := range c.Faults() {
		faults[fault] = true
	}
	keyless := parsed(keysOf(c.Given)).Primary.IsZero()
	say(keyless, "Keyless")
	say(!keyless && c.Given.Fallback != "", "Rotation")
	say(!keyless && c.Given.Key != "" && c.Given.Key != suite.Present, "KeyForm")
	say(in.Key == suite.EmptyKey, "EmptyKey")
	say(faults["key"] && in.Key != suite.EmptyKey, "WrongKey")
	say(in.Unsigned, "Unsigned")
	say(in.Headers != "" || in.Host != "", "RequestDecides")
	stance := c.Stance()
	say(in.Age != 0 && stance == suite.Accepts, "Window")
	say(in.Age > 0 && stance != suite.Accepts, "Expired")
	say(in.Age < 0 && stance != suite.Accepts, "Future")
	say(in.Redate != 0, "Redated")
	say(in.Header != "", headerFlag(in.Header))
	say(in.Tamper != "", "Tampered")
	say(in.Over == suite.DecodedAsKey || in.Over == suite.WholeKeyText, "WrongKeyForm")
	say(in.Over != "" && in.Over != suite.DecodedAsKey && in.Over != suite.WholeKeyText, "WrongMessage")
	say(in.Hash != "", "WrongAlgorithm")
	say(in.Body != "", "CanonicalForm")
	say(len(flags) == 0, "Normal")
	return flags
}
