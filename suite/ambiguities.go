package suite

import (
	"fmt"
	"slices"
	"strings"
)

// Ambiguity is a question that the specification leaves open or settles in two
// ways. A case that touches one reports what the target does.
type Ambiguity struct {
	Question  string
	Behaviour func(Observation) string // describes what the target did; nil: accepted or refused
}

func statusOf(o Observation) string { return fmt.Sprintf("status %d", o.Response.Status) }

// ambiguities maps ids to ambiguities.
var ambiguities = map[string]Ambiguity{
	"R1":  {"which status a refused request gets", statusOf},
	"R2":  {"what the response to an unauthenticated GET in cloud mode is", statusOf},
	"R3":  {"whether dev mode verifies a signature that is present", nil},
	"R4":  {"whether INNGEST_DEV=0 and =false mean cloud", nil},
	"R5":  {"how far in the future a timestamp may be", nil},
	"R6":  {"whether rejecting old signatures is a MUST or a SHOULD", nil},
	"R7":  {"order, extra parameters and percent-encoding in the header", nil},
	"R8":  {"t, s or the whole header twice", nil},
	"R9":  {"a t that is not a plain decimal integer", nil},
	"R10": {"whether raw bytes or the canonical form are signed", nil},
	"R11": {"whether an unsigned out-of-band PUT syncs", syncsOrNot},
	"R12": {"which status an unknown function gets", statusOf},
	"R13": {"what the key hashes in introspection are computed from", keyHashes},
	"R15": {"how the in-band sync header is spelled", statusOf},
	"R16": {"whether a 403 triggers the fallback key", switchesOrNot},
	"R17": {"whether a fallback key alone verifies", nil},
	"R18": {"whether white space around a key is trimmed", nil},
	"R19": {"what an unauthenticated caller learns about the SDK", namesItself},
	"R20": {"the mode without INNGEST_DEV", nil},
	"R21": {"INNGEST_DEV with any other text", nil},
	"R22": {"whether the bearer keeps the key's prefix", bearerForm},
	"R24": {"whether a key without a prefix works", nil},
	"R23": {"whether events carry a bearer", eventBearer},
	"R27": {"whether another Content-Type is accepted", nil},
	"R28": {"whether a compressed body is accepted", nil},
	"R29": {"whether a key in code wins over one in the environment", nil},
	"R30": {"whether the deployId may stay in the registered URL", keepsDeployID},
	"R26": {"whether s may be upper-case hex", nil},
	"R25": {"a signed PUT without the sync-kind header", syncKindOf},
}

// FindAmbiguity returns the ambiguity with an id.
func FindAmbiguity(id string) (Ambiguity, bool) {
	a, ok := ambiguities[id]
	return a, ok
}

func keyHashes(o Observation) string {
	hash, _ := o.Object()["signing_key_hash"].(string)
	switch {
	case hash == "":
		return "none is given"
	case strings.HasSuffix(hash, HashToken(Primary)): // with the key's prefix or without
		return "the hash is the API bearer token's"
	case hash == TextHashToken(Primary):
		return "the SHA-256 of the key's text, not the bearer token's"
	}
	return fmt.Sprintf("a hash of %d characters, not the bearer token's", len(hash))
}

func namesItself(o Observation) string {
	if name := o.Response.Header.Get("X-Inngest-Sdk"); name != "" {
		return "reveals " + name
	}
	return "reveals nothing"
}

func bearerForm(o Observation) string {
	for _, r := range o.APIRequests {
		switch r.Bearer {
		case "signkey-prod-" + HashToken(Primary):
			return "keeps the prefix"
		case HashToken(Primary):
			return "drops the prefix"
		}
	}
	return "no request with the primary key's bearer token was observed"
}

func keepsDeployID(o Observation) string {
	urls := registeredURLs(o)
	switch {
	case len(urls) == 0:
		return "no registration was observed"
	case slices.ContainsFunc(urls, func(url string) bool { return strings.Contains(url, "deployId") }):
		return "the deployId stays"
	}
	return "the deployId is removed"
}

// syncsOrNot describes whether a PUT makes the SDK register its functions.
func syncsOrNot(o Observation) string {
	if len(registeredURLs(o)) > 0 {
		return "it syncs"
	}
	return "it registers nothing: " + statusOf(o)
}

// switchesOrNot describes whether a request that the API rejects is retried with
// the fallback key.
func switchesOrNot(o Observation) string {
	requests := slices.Concat(apiRequests(o)...)
	switch {
	case len(requests) == 0:
		return "the API was not contacted"
	case slices.ContainsFunc(requests, func(a APIRequest) bool { return a.by(Fallback) }):
		return "the fallback key is tried"
	}
	return "the fallback key is not tried"
}

func eventBearer(o Observation) string {
	for _, r := range o.APIRequests {
		switch {
		case !r.SendsEvents():
		case r.Bearer == "":
			return "events carry no bearer token"
		case r.by(Primary):
			return "events carry the hashed key"
		default:
			return "events carry another bearer token"
		}
	}
	return "no event was observed"
}

func syncKindOf(o Observation) string {
	switch {
	case len(registeredURLs(o)) > 0:
		return "out-of-band"
	case len(functionsOf(o)) > 0:
		return "in-band"
	}
	return statusOf(o)
}

// BehaviourOf describes what the target did where the case touches an ambiguity
// ("R5: accepted"), or returns "" if the case touches none.
func (c Case) BehaviourOf(o Observation) string {
	ambiguity, touched := ambiguities[c.Ambiguity]
	if !touched {
		return ""
	}
	for _, behaviour := range []func(Observation) string{c.Then.Behaviour, ambiguity.Behaviour, acceptedOrRefused} {
		if behaviour != nil {
			return c.Ambiguity + ": " + behaviour(o)
		}
	}
	return ""
}
