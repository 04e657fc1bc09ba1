package fuzz_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// course is a machine with something broken in it, and the shortest course of
// things that shows it: the actions, and what was drawn besides.
type course struct {
	name    string
	machine func(*rapid.T)
	actions string
	least   drawn
}

func (c course) bites(t *testing.T) {
	last, actions := drawn{}, []string{}
	for _, draw := range shrunk(t, c.machine) {
		last[draw[0]] = draw[1]
		if draw[0] == "action" {
			actions = append(actions, strings.Trim(draw[1], `"`))
		}
	}
	if got := strings.Join(actions, ", "); got != c.actions {
		t.Errorf("it takes: %s; want: %s", got, c.actions)
	}
	for label, want := range c.least {
		if last[label] != want {
			t.Errorf("%s shrank to %s, want %s; all that was drawn: %v", label, last[label], want, last)
		}
	}
}

func TestARotationBites(t *testing.T) {
	for _, broken := range []course{
		{"the fallback is not tried", rotating(always(noFallback)), "advance, catch, deliver", drawn{"kind": `"call"`, "processes back": "0"}},
		{"only the fallback is tried", rotating(always(fallbackOnly)), "advance, sign with the other key", drawn{"kind": `"call"`, "processes back": "0"}},
		{"the API is asked with one key", rotating(always(oneBearer)), "advance, sync", drawn{"processes back": "0"}},
		{"a key is remembered", rotating(remembering), "advance, send, settle, advance, advance, sign with the other key", drawn{"kind": `"call"`, "processes back": "0"}},
		{"the client stays with the fallback", rotating(switching), "advance, settle, sync, advance, sync", drawn{"processes back": "0"}},
		{"the clock stands still", rotating(stopped), "catch, forge, wait, deliver", drawn{"kind": `"call"`, "seconds": "301"}},
		{"the window is a second wider", rotating(always(window(301))), "catch, wait, deliver", drawn{"kind": `"call"`, "seconds": "301"}},
		{"the window is a second narrower", rotating(always(window(299))), "catch, wait, deliver", drawn{"kind": `"call"`, "seconds": "300"}},
		{"the keys change places on their way out", rotating(always(backwards)), "advance, sync", drawn{"processes back": "0"}},
		{"the fallback's signatures never expire", rotating(always(windowless)), "advance, catch, wait, deliver", drawn{"kind": `"call"`, "seconds": "301"}},
		{"another body will do", rotating(always(bodiless)), "forge", drawn{"how": `"other message"`, "kind": `"call"`}},
		{"the third attempt succeeds", rotating(wornOut), "forge, sign with the other key, forge", drawn{"kind": `"call"`}},
	} {
		t.Run(broken.name, broken.bites)
	}
}

func TestTheClientBites(t *testing.T) {
	for _, broken := range []course{
		{"three attempts", calling(threeTimes), "script, call", drawn{"body": `"0"`, "gets": `"401"`}},
		{"the fallback goes first", calling(fallbackFirst), "call", drawn{"body": `"0"`, "query": `""`}},
		{"the keys change places", calling(placesChanged), "call", drawn{"keys": `"both"`, "body": `"0"`, "query": `""`}},
		{"a fallback that is alone is none", calling(primaryNeeded), "call", drawn{"keys": `"fallback"`}},
		{"the fallback is never tried", calling(primaryOnly), "script, call", drawn{"keys": `"both"`, "gets": `"401"`}},
		{"a failing API changes the key", calling(refusing(401, 403, 500)), "script, call", drawn{"gets": `"500"`}},
		{"402 changes the key", calling(refusing(401, 402, 403)), "script, call", drawn{"gets": `"402"`}},
		{"403 is no refusal", calling(refusing(401)), "script, call", drawn{"gets": `"403"`}},
		{"the second request has no body", retrying(withoutBody), "script, call", drawn{"gets": `"401"`, "body": `"0"`}},
		{"the second request has no query", retrying(withoutQuery), "script, call", drawn{"gets": `"401"`, "query": `"a"`}},
		{"the second request is a GET", retrying(withGet), "script, call", drawn{"gets": `"401"`, "method": `"POST"`}},
		{"the second request has no environment", retrying(withoutEnv), "script, call", drawn{"gets": `"401"`, "environment": `"branch"`}},
		{"the second request says nothing of its content", retrying(withoutType), "script, call", drawn{"gets": `"401"`}},
		{"the second request is anonymous", retrying(withoutSDK), "script, call", drawn{"gets": `"401"`}},
		{"a broken connection changes the key", afterConnecting(), "script, call", drawn{"gets": `"breaks later"`}},
		{"a refused key is there to stay", sticking, "script, call, call", drawn{"gets": `"401"`}},
		{"the answer is lost", telling(briefly), "call", drawn{}},
		{"the key itself is sent", rawBearer, "call", drawn{"body": `"0"`, "query": `""`}},
		{"a refusal is no error", telling(silently), "script, call", drawn{"gets": `"401"`}},
		{"the error tells the key", telling(talkatively), "script, call", drawn{}},
	} {
		t.Run(broken.name, broken.bites)
	}
}
