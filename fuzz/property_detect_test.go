package fuzz_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
)

func TestDefectsOfResultsAreDetected(t *testing.T) {
	for _, defect := range []defect{
		{"a header without s is read by position", watching(indexing).VerifyHasOneResultForAnything, drawn{"body": `""`, "header": `"t=0"`}},
		{"the reason changes by chance", watching(wavering()).VerifyHasOneResultForAnything, drawn{"body": `""`, "fallback": `""`, "signed": "false"}},
		{"an expired signature names a key", watching(halfhearted).VerifyHasOneResultForAnything, drawn{"body": `""`, "fallback": `""`, "now": goTime(0)}},
		{"the body is canonicalised in place", watching(inPlace).VerifyHasOneResultForAnything, drawn{"body": `"-0"`, "primary": `""`}},
		{"a copy is kept at each array", watching(keepingCopies).VerifyAllocatesNoMoreThanItIsSent, drawn{"body": `"many arrays"`, "key": `"signkey-prod-00"`, "another header": "false"}},
		{"the size of t decides how much is allocated", watching(allocatingByTime).VerifyAllocatesNoMoreThanItIsSent, drawn{"body": `"a long array"`, "body's size": "0", "another header": "false"}},
	} {
		t.Run(defect.name, defect.isDetected)
	}
}

func TestDefectsOfKeysAreDetected(t *testing.T) {
	for _, defect := range []defect{
		{"the fallback's whole text is a key", alsoWith(fallbackText).NothingIsAcceptedThatNeitherKeySigned, drawn{"covers": `"an empty body"`, "fallback": `"signkey-prod-00"`, "signed with": `"the whole text"`}},
		{"the fallback's bearer is a key", alsoWith(fallbackBearer).NothingIsAcceptedThatNeitherKeySigned, drawn{"covers": `"an empty body"`, "fallback": `"signkey-prod-00"`, "signed with": `"the bearer"`}},
		{"the fallback is decoded", alsoWith(fallbackDecoded).NothingIsAcceptedThatNeitherKeySigned, drawn{"covers": `"an empty body"`, "fallback": `"signkey-prod-00"`, "signed with": `"no key"`}},
		{"the keys are joined", alsoWith(bothJoined).NothingIsAcceptedThatNeitherKeySigned, drawn{"covers": `"an empty body"`, "signed with": `"both keys joined"`}},
		{"the keys' letters are made small", reading(strings.ToLower).NothingIsAcceptedThatNeitherKeySigned, drawn{"covers": `"an empty body"`, "signed with": `"the primary key"`}},
		{"the fallback is not tried", choosing(func(k reference.Keys) reference.Keys {
			return reference.Keys{Primary: k.Primary}
		}).NothingIsAcceptedThatNeitherKeySigned, drawn{"covers": `"an empty body"`, "signed with": `"the fallback key"`}},
		{"the last of the keys that fit is named", watching(lastNamed).NothingIsAcceptedThatNeitherKeySigned, drawn{"covers": `"an empty body"`, "primary": `"signkey-prod-00"`, "fallback": `"signkey-prod-00"`, "signed with": `"the primary key"`}},
		{"the fallback is tried first", choosing(func(k reference.Keys) reference.Keys {
			return reference.Keys{Primary: k.Fallback, Fallback: k.Primary}
		}).NothingIsAcceptedThatNeitherKeySigned, drawn{"covers": `"an empty body"`, "signed with": `"the primary key"`}},
	} {
		t.Run(defect.name, defect.isDetected)
	}
}

func TestDefectsOfFormsAreDetected(t *testing.T) {
	for _, defect := range []defect{
		{"two elements change places", canonicalising(turning).TheCanonicalFormIsItsOwn, drawn{"text": `"[0,1]"`}},
		{"the argument is written to", canonicalising(overwriting).TheCanonicalFormIsItsOwn, drawn{"text": `" 0 "`}},
		{"white space in front is kept", canonicalising(untrimmed).TheCanonicalFormIsItsOwn, drawn{"text": `"0"`}},
		{"the bearer is the key", bearing(rawKey).TheBearerRevealsNothingOfTheKey, drawn{"key": `"signkey-prod-` + strings.Repeat("0", 32) + `"`}},
		{"half of the bearer is the key", bearing(halfHashed).TheBearerRevealsNothingOfTheKey, drawn{}},
		{"the digits are hashed", bearing(hashedAsText).TheBearerRevealsNothingOfTheKey, drawn{"key": `"signkey-prod-` + strings.Repeat("0", 31) + `A"`}},
		{"the bearer is hashed twice", bearing(hashedTwice).TheBearerRevealsNothingOfTheKey, drawn{"key": `"signkey-prod-` + strings.Repeat("0", 32) + `"`}},
		{"the bearer has no prefix", bearing(unprefixed).TheBearerRevealsNothingOfTheKey, drawn{"key": `"signkey-prod-` + strings.Repeat("0", 32) + `"`}},
	} {
		t.Run(defect.name, defect.isDetected)
	}
}

func TestDefectsOfModesAreDetected(t *testing.T) {
	for _, defect := range []defect{
		{"presence is enough", resolving(present).TheEnvironmentAloneSelectsTheMode, drawn{"INNGEST_DEV": `"0"`}},
		{"NODE_ENV is believed", resolving(inferred).TheEnvironmentAloneSelectsTheMode, drawn{"INNGEST_DEV": `""`, "NODE_ENV": `"development"`, "INNGEST_SIGNING_KEY": `""`}},
		{"another origin is believed", resolving(localOrigin).TheEnvironmentAloneSelectsTheMode, drawn{"INNGEST_DEV": `""`, "INNGEST_API_BASE_URL": `"http://127.0.0.1:8"`, "INNGEST_BASE_URL": `""`}},
		{"the slash after an origin stays", resolving(slashed).TheEnvironmentAloneSelectsTheMode, drawn{"INNGEST_BASE_URL": `"https://other.example/"`, "INNGEST_API_BASE_URL": `""`}},
		{"a header is believed", guessing(func(r *http.Request) bool {
			return r.Header.Get(reference.HeaderServerKind) == "dev"
		}).TheEnvironmentAloneSelectsTheMode, drawn{"INNGEST_DEV": `""`, "headers": `map[string]string{"X-Inngest-Server-Kind":"dev"}`, "host": `"app.example"`, "query": `""`}},
		{"the local host is believed", guessing(func(r *http.Request) bool {
			return strings.HasPrefix(r.Host, "localhost")
		}).TheEnvironmentAloneSelectsTheMode, drawn{"headers": `map[string]string{}`, "host": `"localhost:3000"`, "query": `""`}},
		{"the query is believed", guessing(func(r *http.Request) bool {
			return r.URL.Query().Get("dev") == "1"
		}).TheEnvironmentAloneSelectsTheMode, drawn{"headers": `map[string]string{}`, "host": `"app.example"`, "query": `"&dev=1"`}},
		{"the address is believed", guessing(func(r *http.Request) bool {
			return strings.HasPrefix(r.RemoteAddr, "127.")
		}).TheEnvironmentAloneSelectsTheMode, drawn{"headers": `map[string]string{}`, "query": `""`, "from": `"127.0.0.1:1234"`}},
	} {
		t.Run(defect.name, defect.isDetected)
	}
}

// What is wrong in Sign and in Verify alike shows only in comparison with an
// independent computation.
func TestDefectsOfSigningAreDetected(t *testing.T) {
	for _, defect := range []defect{
		{"t comes first", hashing(tFirstMAC).SignIsTheHMACOfBodyAndTime, drawn{"covers": `"the canonical form"`, "body": `"0"`, "key": `"signkey-prod-00"`, "at": goTime(1)}}, // 0 and 0 are the same from behind
		{"there is a separator between body and t", hashing(dotted).SignIsTheHMACOfBodyAndTime, drawn{"covers": `"an empty body"`, "key": `"signkey-prod-00"`, "at": goTime(0)}},
		{"the key is decoded", hashing(decodedKey).SignIsTheHMACOfBodyAndTime, drawn{"covers": `"an empty body"`, "key": `"signkey-prod-00"`, "at": goTime(0)}},
		{"the canonical form is signed", canonicalisingFirst.SignIsTheHMACOfBodyAndTime, drawn{"covers": `"the canonical form"`, "at": goTime(0)}},
		{"the time is rounded", rounding.SignIsTheHMACOfBodyAndTime, drawn{"covers": `"an empty body"`, "fraction": "500000000"}},
		{"nothing is signed, with success", zeros.SignIsTheHMACOfBodyAndTime, drawn{"covers": `"an empty body"`, "fraction": "0"}},
		{"the empty key signs", keyless.SignIsTheHMACOfBodyAndTime, drawn{"covers": `"an empty body"`, "fraction": "0"}},
	} {
		t.Run(defect.name, defect.isDetected)
	}
}

func TestDefectsOfReasonsAreDetected(t *testing.T) {
	for _, defect := range []defect{
		{"the key is looked for first", watching(keyFirst).TheFirstFaultIsTheReason, drawn{"covers": `"an empty body"`, "faults": `[]string{"no header", "no key"}`}},
		{"the MAC is compared before the clock", watching(macFirst).TheFirstFaultIsTheReason, drawn{"covers": `"an empty body"`, "faults": `[]string{"an old time", "another body"}`}},
		{"a future time has the reason of an old one", watching(oneTimeReason).TheFirstFaultIsTheReason, drawn{"covers": `"an empty body"`, "faults": `[]string{"a time ahead"}`}},
		{"the distance of two times overflows", watching(overflowing).TheFirstFaultIsTheReason, drawn{"covers": `"an empty body"`, "faults": `[]string{"a time ahead"}`}},
		{"every reason is the same", watching(oneReason).TheFirstFaultIsTheReason, drawn{"covers": `"an empty body"`, "faults": `[]string{"no header"}`}},
	} {
		t.Run(defect.name, defect.isDetected)
	}
}
