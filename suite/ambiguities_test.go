package suite

import (
	"net/http"
	"testing"
)

// A behaviour that was not observed is not reported.
func TestBehavioursReportOnlyWhatWasObserved(t *testing.T) {
	silent := Observation{Kind: KindSync, Response: Response{Status: 200}}
	for id, want := range map[string]string{
		"R16": "the API was not contacted", "R22": "no request with the primary key's bearer token was observed",
		"R23": "no event was observed", "R30": "no registration was observed", "R11": "it registers nothing: status 200",
		"R13": "none is given",
	} {
		if got := ambiguities[id].Behaviour(silent); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func TestKeyHashesAreComparedWithAndWithoutPrefix(t *testing.T) {
	for hash, want := range map[string]string{
		HashToken(Primary):                   "the hash is the API bearer token's",
		"signkey-prod-" + HashToken(Primary): "the hash is the API bearer token's",
		TextHashToken(Primary):               "the SHA-256 of the key's text, not the bearer token's",
		"0123":                               "a hash of 4 characters, not the bearer token's",
	} {
		o := Observation{Response: Response{Status: http.StatusOK, Body: []byte(`{"signing_key_hash":"` + hash + `"}`)}}
		if got := keyHashes(o); got != want {
			t.Errorf("%s: %q, want %q", hash, got, want)
		}
	}
}

func TestAnIntrospectionWithoutPrivilegesIsARefusal(t *testing.T) {
	open := Observation{Kind: KindIntrospect, Response: Response{Status: 200, Body: []byte(`{"authentication_succeeded":false,"mode":"cloud"}`)}}
	full := Observation{Kind: KindIntrospect, Response: Response{Status: 200, Body: []byte(`{"authentication_succeeded":true,"app_id":"app"}`)}}
	if got := acceptedOrRefused(open); got != "refused, with the unauthenticated response" {
		t.Errorf("the unauthenticated response is %q", got)
	}
	if got := acceptedOrRefused(full); got != "accepted" {
		t.Errorf("the authenticated response is %q", got)
	}
}
