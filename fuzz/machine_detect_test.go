package fuzz_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// machineDefect is a machine with something broken in it, and the shortest
// sequence of actions that shows it, with what was drawn besides.
type machineDefect struct {
	name    string
	machine func(*rapid.T)
	actions string
	least   drawn
}

func (d machineDefect) isDetected(t *testing.T) {
	last, actions := drawn{}, []string{}
	for _, draw := range shrunk(t, d.machine) {
		last[draw[0]] = draw[1]
		if draw[0] == "action" {
			actions = append(actions, strings.Trim(draw[1], `"`))
		}
	}
	if got := strings.Join(actions, ", "); got != d.actions {
		t.Errorf("it takes the actions %s; want %s", got, d.actions)
	}
	for label, want := range d.least {
		if last[label] != want {
			t.Errorf("%s shrank to %s, want %s; all that was drawn: %v", label, last[label], want, last)
		}
	}
}

func TestDefectsOfRotationsAreDetected(t *testing.T) {
	for _, defect := range []machineDefect{
		{"the fallback is not tried", rotating(always(noFallback)), "advance, capture, deliver", drawn{"kind": `"call"`, "processes back": "0"}},
		{"only the fallback is tried", rotating(always(fallbackOnly)), "advance, sign with the other key", drawn{"kind": `"call"`, "processes back": "0"}},
		{"the API is contacted with one key", rotating(always(oneBearer)), "advance, sync", drawn{"processes back": "0"}},
		{"a key is remembered", rotating(remembering), "advance, send, settle, advance, advance, sign with the other key", drawn{"kind": `"call"`, "processes back": "0"}},
		{"the client stays with the fallback", rotating(switching), "advance, settle, sync, advance, sync", drawn{"processes back": "0"}},
		{"the clock stands still", rotating(stopped), "capture, forge, wait, deliver", drawn{"kind": `"call"`, "seconds": "301"}},
		{"the window is a second wider", rotating(always(window(301))), "capture, wait, deliver", drawn{"kind": `"call"`, "seconds": "301"}},
		{"the window is a second narrower", rotating(always(window(299))), "capture, wait, deliver", drawn{"kind": `"call"`, "seconds": "300"}},
		{"the API gets the keys in the other order", rotating(always(backwards)), "advance, sync", drawn{"processes back": "0"}},
		{"the fallback's signatures never expire", rotating(always(windowless)), "advance, capture, wait, deliver", drawn{"kind": `"call"`, "seconds": "301"}},
		{"the body is not covered", rotating(always(bodiless)), "forge", drawn{"how": `"other message"`, "kind": `"call"`}},
		{"the third attempt succeeds", rotating(wornOut), "forge, sign with the other key, forge", drawn{"kind": `"call"`}},
	} {
		t.Run(defect.name, defect.isDetected)
	}
}

func TestDefectsOfTheClientAreDetected(t *testing.T) {
	for _, defect := range []machineDefect{
		{"three attempts", calling(threeTimes), "script, call", drawn{"body": `"0"`, "gets": `"401"`}},
		{"the fallback goes first", calling(fallbackFirst), "call", drawn{"body": `"0"`, "query": `""`}},
		{"the keys are tried in the other order", calling(placesChanged), "call", drawn{"keys": `"both"`, "body": `"0"`, "query": `""`}},
		{"a fallback key alone is ignored", calling(primaryNeeded), "call", drawn{"keys": `"fallback"`}},
		{"the fallback is never tried", calling(primaryOnly), "script, call", drawn{"keys": `"both"`, "gets": `"401"`}},
		{"500 is a refusal", calling(refusing(401, 403, 500)), "script, call", drawn{"gets": `"500"`}},
		{"402 is a refusal", calling(refusing(401, 402, 403)), "script, call", drawn{"gets": `"402"`}},
		{"403 is no refusal", calling(refusing(401)), "script, call", drawn{"gets": `"403"`}},
		{"the second request has no body", retrying(withoutBody), "script, call", drawn{"gets": `"401"`, "body": `"0"`}},
		{"the second request has no query", retrying(withoutQuery), "script, call", drawn{"gets": `"401"`, "query": `"a"`}},
		{"the second request is a GET", retrying(withGet), "script, call", drawn{"gets": `"401"`, "method": `"POST"`}},
		{"the second request has no environment", retrying(withoutEnv), "script, call", drawn{"gets": `"401"`, "environment": `"branch"`}},
		{"the second request has no content type", retrying(withoutType), "script, call", drawn{"gets": `"401"`}},
		{"the second request does not name the SDK", retrying(withoutSDK), "script, call", drawn{"gets": `"401"`}},
		{"a broken connection is a refusal", afterConnecting(), "script, call", drawn{"gets": `"breaks later"`}},
		{"a refused key is not tried again", sticking, "script, call, call", drawn{"gets": `"401"`}},
		{"the response body is lost", reporting(droppingBody), "call", drawn{}},
		{"the key itself is sent", rawBearer, "call", drawn{"body": `"0"`, "query": `""`}},
		{"a refusal is no error", reporting(withoutError), "script, call", drawn{"gets": `"401"`}},
		{"the error contains the key", reporting(withKeyInError), "script, call", drawn{}},
	} {
		t.Run(defect.name, defect.isDetected)
	}
}
