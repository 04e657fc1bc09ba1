package suite

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Modifications that put a second event, which nobody signed, beside the signed
// one. Each of two parsers may take another one of them: the one that verifies, and
// the one that reads the event.
const (
	SecondEventBehind   Tamper = "a second event behind the signed one"
	SecondEventBefore   Tamper = "a second event before the signed one"
	SecondDataBehind    Tamper = "second data in the event, behind the signed data"
	SecondDataBefore    Tamper = "second data in the event, before the signed data"
	SecondNonceBehind   Tamper = "a member of the data a second time, behind the signed one"
	SecondNonceBefore   Tamper = "a member of the data a second time, before the signed one"
	EscapedEventBehind  Tamper = "a second event behind the signed one, its name escaped"
	EscapedEventBefore  Tamper = "a second event before the signed one, its name escaped"
	OtherCaseBehind     Tamper = "a second event behind the signed one, its name in another case"
	OtherCaseBefore     Tamper = "a second event before the signed one, its name in another case"
	EventAfterNUL       Tamper = "a second event behind the signed one, with a NUL in its name"
	EventAfterSurrogate Tamper = "a second event behind the signed one, with half a surrogate pair in its name"
	EventInPrototype    Tamper = "a second event behind the signed one, in a member __proto__"
	CallInPayload       Tamper = "a second call in members that may wrap one, body and payload"
	CallInData          Tamper = "a second call in a member data of the signed one"
	CallBehind          Tamper = "a second call behind the signed one"
	CallBefore          Tamper = "a second call before the signed one"
	CallOnNextLine      Tamper = "a second call on the line after the signed one"
	CallBehindNUL       Tamper = "a second call behind the signed one and a NUL"
	CallInQuery         Tamper = "a second call in the query"
	EventInQuery        Tamper = "a second event in the query"
	CallOnlyInQuery     Tamper = "a call in the query, and no body, which is what was signed"
)

// injections add to a signed call what nobody signed: to its body or its query.
var injections = map[Tamper]func(signed, forged call) string{
	SecondEventBehind: func(signed, forged call) string { return behind(signed, forged.events(`"event"`, `"events"`)) },
	SecondEventBefore: func(signed, forged call) string { return ahead(signed, forged.events(`"event"`, `"events"`)) },
	SecondDataBehind: func(signed, forged call) string {
		return signed.replacing(dataOf(signed), dataOf(signed)+","+dataOf(forged))
	},
	SecondDataBefore: func(signed, forged call) string {
		return signed.replacing(dataOf(signed), dataOf(forged)+","+dataOf(signed))
	},
	SecondNonceBehind: func(signed, forged call) string {
		return signed.replacing(nonceOf(signed), nonceOf(signed)+","+nonceOf(forged))
	},
	SecondNonceBefore: func(signed, forged call) string {
		return signed.replacing(nonceOf(signed), nonceOf(forged)+","+nonceOf(signed))
	},
	EscapedEventBehind: func(signed, forged call) string {
		return behind(signed, forged.events(`"\u0065vent"`, `"\u0065vents"`))
	},
	EscapedEventBefore: func(signed, forged call) string { return ahead(signed, forged.events(`"\u0065vent"`, `"\u0065vents"`)) },
	OtherCaseBehind:    func(signed, forged call) string { return behind(signed, forged.events(`"Event"`, `"Events"`)) },
	OtherCaseBefore:    func(signed, forged call) string { return ahead(signed, forged.events(`"EVENT"`, `"EVENTS"`)) },
	EventAfterNUL: func(signed, forged call) string {
		return behind(signed, forged.events(`"event\u0000"`, `"events\u0000"`))
	},
	EventAfterSurrogate: func(signed, forged call) string {
		return behind(signed, forged.events(`"event\ud800"`, `"events\ud800"`))
	},
	EventInPrototype: func(signed, forged call) string {
		return behind(signed, `"__proto__":{`+forged.events(`"event"`, `"events"`)+`}`)
	},
	CallInPayload: func(signed, forged call) string {
		return behind(signed, `"body":`+forged.text+`,"payload":`+forged.text)
	},
	CallInData:      func(signed, forged call) string { return behind(signed, `"data":`+forged.text) },
	CallBehind:      func(signed, forged call) string { return signed.text + forged.text },
	CallBefore:      func(signed, forged call) string { return forged.text + signed.text },
	CallOnNextLine:  func(signed, forged call) string { return signed.text + "\n" + forged.text },
	CallBehindNUL:   func(signed, forged call) string { return signed.text + "\x00" + forged.text },
	CallInQuery:     func(signed, _ call) string { return signed.text },
	EventInQuery:    func(signed, _ call) string { return signed.text },
	CallOnlyInQuery: func(_, _ call) string { return "" },
}

// The modifications that add a second event, by where they put it.
var (
	secondEvents = []Tamper{
		SecondEventBehind, SecondEventBefore, EscapedEventBehind, EscapedEventBefore, OtherCaseBehind, OtherCaseBefore,
		EventAfterNUL, EventAfterSurrogate, EventInPrototype, CallInPayload, CallInData,
	}
	secondData   = []Tamper{SecondDataBehind, SecondDataBefore, SecondNonceBehind, SecondNonceBefore}
	secondCalls  = []Tamper{CallBehind, CallBefore, CallOnNextLine, CallBehindNUL}
	queriedCalls = []Tamper{CallInQuery, EventInQuery}
)

// differences change in a signed body what a careless canonicaliser leaves out or
// takes for equal: a text of the body, and what is put in its place. An SDK with types may
// refuse some of them, in ctx and in steps, only when it decodes the body.
var differences = map[Tamper][2]string{
	"a member whose name begins with an underscore, added to the data": {`"data":{"nonce"`, `"data":{"_x":1,"nonce"`},
	"a member that is null, added to the data":                         {plainPad, plainPad + `,"x":null`},
	"a member with an empty text, added to the data":                   {plainPad, plainPad + `,"x":""`},
	"a member that Inngest does not send, added to the event":          {`"event":{`, `"event":{"as":"admin",`},
	"a member that Inngest does not send, added to ctx":                {`{"ctx":{`, `{"ctx":{"as":"admin",`},
	"a blank at the end of a text":                                     {plainPad, `"pad":"a "`},
	"a character without a width in a text":                            {plainPad, "\"pad\":\"a\u200b\""},
	"a letter in the other case":                                       {plainPad, `"pad":"A"`},
	"a combining accent in a text":                                     {plainPad, "\"pad\":\"a\u0301\""},
	"a number in place of false":                                       {`"use_api":false`, `"use_api":0`},
	"a text in place of a number":                                      {`"max_attempts":4`, `"max_attempts":"4"`},
	"a fraction added to a number":                                     {`"max_attempts":4`, `"max_attempts":4.4`},
	"a number that is equal only in single precision":                  {`"max_attempts":4`, `"max_attempts":4.00000000001`},
	"an empty array in place of an empty object":                       {`"steps":{}`, `"steps":[]`},
	"the output of a step that did not run":                            {`"steps":{}`, `"steps":{"other":{"data":true,"type":"data"}}`},
	"a step on the stack that did not run":                             {`"stack":[]`, `"stack":["other"]`},
}

// careless are those modifications.
var careless = slices.Sorted(maps.Keys(differences))

// call is the body of a call in canonical form, and its nonce.
type call struct{ text, nonce string }

// injects reports whether a modification adds a second event.
func (t Tamper) injects() bool { return injections[t] != nil }

// inject adds to a signed call one with another nonce.
func (t Tamper) inject(signed, forged call) []byte { return []byte(injections[t](signed, forged)) }

// inQuery is what a modification adds to the query, by names that a target may read
// its payload from.
func (t Tamper) inQuery(nonce string) string {
	added := url.Values{}
	put := func(value string, names ...string) {
		for _, name := range names {
			added.Set(name, value)
		}
	}
	switch t {
	case CallInQuery, CallOnlyInQuery:
		put(string(shortCall(nonce)), "body", "payload", "input", "json")
	case EventInQuery:
		put(shortEvent(nonce), "event", "e")
		put("["+shortEvent(nonce)+"]", "events", "batch")
		put(`{"nonce":"`+nonce+`"}`, "data")
		put(nonce, "nonce", "event[data][nonce]", "event.data.nonce")
	default:
		return ""
	}
	return "&" + added.Encode()
}

func shortEvent(nonce string) string {
	return `{"data":{"nonce":"` + nonce + `"},"name":"` + EchoEvent + `"}`
}

// shortCall is a call with little in it, in canonical form.
func shortCall(nonce string) []byte {
	return CanonicalOf([]byte(`{"ctx":{},"event":` + shortEvent(nonce) + `,"events":[],"steps":{}}`))
}

// events are the event and the events of a call, by other names.
func (c call) events(event, events string) string {
	_, after, _ := strings.Cut(c.text, `"event":`)
	one, after, _ := strings.Cut(after, `,"events":[`)
	many, _, _ := strings.Cut(after, `],"steps":`)
	return event + ":" + one + "," + events + ":[" + many + "]"
}

func (c call) replacing(old, by string) string { return strings.ReplaceAll(c.text, old, by) }

func dataOf(c call) string { return `"data":{` + nonceOf(c) + "," + plainPad + `}` }

func nonceOf(c call) string { return `"nonce":"` + c.nonce + `"` }

// behind and ahead add members to an object.
func behind(c call, members string) string {
	return strings.TrimSuffix(c.text, "}") + "," + members + "}"
}
func ahead(c call, members string) string {
	return "{" + members + "," + strings.TrimPrefix(c.text, "{")
}

// signedNonce is the nonce of the signed call beside which another one is put.
func signedNonce(nonce string) string {
	backwards := []byte(nonce[2:])
	slices.Reverse(backwards)
	return nonce[:2] + string(backwards)
}
