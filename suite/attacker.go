package suite

import "strings"

// can describes what an attacker can do if a target has this risk.
func (r Risk) can() string {
	return map[Risk]string{
		Forgery:          "can run the app's functions with data of their choice",
		Replay:           "can run a function again later than five minutes after it was signed",
		Disclosure:       "learns what only holders of the key may know",
		Lockout:          "can cause valid requests to be refused",
		Availability:     "can stop the endpoint for everybody",
		Interoperability: "gets a response that Inngest does not expect",
	}[r]
}

// Why explains the effect of a violation: what an attacker can do or, where no
// attacker is involved, what breaks.
func (c Case) Why() string {
	if c.By == "" {
		return c.Risk.Why()
	}
	return c.By.Means() + " " + c.Risk.can()
}

// Attacker derives who can send the request of a case from its fault. A case whose
// attacker cannot be derived sets By itself.
func (c Case) Attacker() Attacker {
	if !c.Then.Negative || len(c.Faults()) == 0 && c.AcceptsValid() {
		return ""
	}
	if !c.AcceptsValid() {
		return Operator
	}
	return c.When.Fields().attacker()
}

func (in Fields) attacker() Attacker {
	switch {
	case in.Unsigned, in.Key == UnknownKey, in.Key == EmptyKey, in.Hash.isKeyless():
		return Anyone
	case in.Hash != "", in.Over == TimeFirst, in.Over == BodyOnly, in.Over == DecodedAsKey, in.Over == WholeKeyText:
		return Signer
	case in.Header != "":
		return spellingAttacker(in.Header)
	case in.Key == Fallback && in.Age == 0 && in.Redate == 0 && in.Tamper == "":
		return Neighbour
	}
	return Observer
}

// spellingAttacker is who can write a signature header: the signer if it has a
// correct MAC over an unusual t, an observer if the MAC is a recorded one, and
// otherwise anyone.
func spellingAttacker(spelling string) Attacker {
	switch {
	case strings.Contains(spelling, "{s:old}"):
		return Observer
	case strings.Contains(spelling, "{s}"), strings.Contains(spelling, "{s:long}"):
		return Signer
	}
	return Anyone
}
