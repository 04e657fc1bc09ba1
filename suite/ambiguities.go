package suite

import (
	"fmt"
	"strings"
)

// Ambiguity is a place where the texts disagree or say nothing. A case that
// touches one reports which way the target goes.
type Ambiguity struct {
	Question  string
	Behaviour func(Observation) string // names the way; nil: accepted or refused
}

func statusOf(o Observation) string { return fmt.Sprintf("answered %d", o.Response.Status) }

// ambiguities are the ambiguities by their ids.
var ambiguities = map[string]Ambiguity{
	"R1":  {"which status a refusal has", statusOf},
	"R2":  {"what an unauthenticated GET in cloud mode is answered", statusOf},
	"R3":  {"whether dev mode verifies a signature that is there", nil},
	"R4":  {"whether INNGEST_DEV=0 and =false mean cloud", nil},
	"R5":  {"how far ahead a timestamp may be", nil},
	"R6":  {"how strong the replay window is", nil},
	"R7":  {"order, extra parameters and percent-encoding in the header", nil},
	"R8":  {"t, s or the whole header twice", nil},
	"R9":  {"t that is not a plain decimal integer", nil},
	"R10": {"whether raw bytes or the canonical form are signed", nil},
	"R11": {"whether an unsigned out-of-band PUT syncs", statusOf},
	"R12": {"which status an unknown function gets", statusOf},
	"R13": {"what the key hashes of introspection are made of", keyHashes},
	"R15": {"how the in-band sync header is spelled", statusOf},
	"R16": {"whether 403 makes the fallback key be tried", nil},
	"R17": {"whether a fallback key alone verifies", nil},
	"R18": {"whether white space around a key is dropped", nil},
	"R19": {"what an unauthenticated caller learns of the SDK", namesItself},
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

// FindAmbiguity gives the question of a reading.
func FindAmbiguity(id string) (Ambiguity, bool) {
	r, ok := ambiguities[id]
	return r, ok
}

func keyHashes(o Observation) string {
	hash, _ := o.Object()["signing_key_hash"].(string)
	switch {
	case hash == "":
		return "none is told"
	case hash == HashToken(Primary):
		return "the hash is the API bearer's"
	case hash == TextHashToken(Primary):
		return "the SHA-256 of the key's text, which is not the bearer's"
	}
	return fmt.Sprintf("a hash of %d characters that is not the bearer's", len(hash))
}

func namesItself(o Observation) string {
	if name := o.Response.Header.Get("X-Inngest-Sdk"); name != "" {
		return "names itself: " + name
	}
	return "does not name itself"
}

func bearerForm(o Observation) string {
	for _, asked := range o.APIRequests {
		switch asked.Bearer {
		case "signkey-prod-" + HashToken(Primary):
			return "keeps the prefix"
		case HashToken(Primary):
			return "drops the prefix"
		}
	}
	return "no bearer of the primary key was seen"
}

func keepsDeployID(o Observation) string {
	for _, url := range registeredURLs(o) {
		if strings.Contains(url, "deployId") {
			return "it stays"
		}
	}
	return "it is removed"
}

func eventBearer(o Observation) string {
	for _, asked := range o.APIRequests {
		switch {
		case !asked.SendsEvents():
		case asked.Bearer == "":
			return "events carry no bearer"
		case asked.by(Primary):
			return "events carry the hashed key"
		default:
			return "events carry another bearer"
		}
	}
	return "no event was seen"
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

// BehaviourOf names how a target behaves where the case touches an ambiguity:
// "R5: accepted"; empty where it touches none.
func (c Case) BehaviourOf(o Observation) string {
	ambiguity, touched := ambiguities[c.Ambiguity]
	if !touched {
		return ""
	}
	for _, name := range []func(Observation) string{c.Then.Behaviour, ambiguity.Behaviour, takenOrNot} {
		if name != nil {
			return c.Ambiguity + ": " + name(o)
		}
	}
	return ""
}
