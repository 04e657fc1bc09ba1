package live

import (
	"net/http"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// proof is how well a request shows that it is authentic.
type proof int

const (
	forged   proof = iota // under no interpretation of the specification
	arguable              // under some interpretation
	genuine               // under every interpretation
)

// The window, with room for slow exchanges at its edges.
const (
	slack     = 5 * time.Second
	sureAge   = 4*time.Minute - slack // SHOULD; a minute is a MUST
	sureAhead = reference.MaxSkew - slack
	widest    = reference.MaxAge + slack // behind and ahead (ambiguities R5, R6)
)

// Why the time of a signature makes a request a forgery.
const (
	tooOld = "R6, KEYS 3: it is older than five minutes"
	tooFar = "R5: it is more than five minutes in the future"
)

// examined is the result of an examination.
type examined struct {
	proof  proof
	should bool   // accepting it is a SHOULD only
	why    string // why it is forged
}

// examine looks for an interpretation of the specification under which a request
// is authentic.
func examine(r request, keys []reference.Key, now time.Time) examined {
	values := valuesOf(r.Request, reference.HeaderSignature)
	if len(values) == 1 {
		if s, err := reference.ParseSignature(values[0]); err == nil && s.String() == values[0] {
			return examineStrict(r, s, keys, now)
		}
	}
	values = append(values, valuesOf(r.Request, strings.ReplaceAll(reference.HeaderSignature, "-", "_"))...)
	if len(values) == 0 {
		return examined{why: "SPEC 4.1.3(3): it is not signed"}
	}
	return examineLeniently(values, messagesOf(r), keys, now)
}

// examineLeniently looks for a time and a MAC that fit each other and the clock.
// Where they only fit each other, it is the time that makes the request a forgery.
func examineLeniently(values []string, messages [][]byte, keys []reference.Key, now time.Time) examined {
	found := examined{why: "SPEC 4.1.3(5): under no interpretation of its header is its MAC one of this message, time and key"}
	if len(values) > 1 {
		found.why = "R8: no line of the repeated header is a valid signature"
	}
	for _, value := range values {
		for _, pair := range pairsOf(value) {
			if !matches(messages, pair, keys) {
				continue
			}
			if inWidest(pair.number, now) {
				return examined{proof: arguable}
			}
			found.why = pair.number.outside(now)
		}
	}
	return found
}

// outside says why a time is not in the window.
func (n tNumber) outside(now time.Time) string {
	switch {
	case !n.ok:
		return "R9: its t is no whole number, so the number that is compared with the window is not the text that is signed"
	case time.Unix(n.seconds, 0).Before(now):
		return tooOld
	}
	return tooFar
}

// examineStrict examines a header that is spelled as the server spells it.
func examineStrict(r request, s reference.Signature, keys []reference.Key, now time.Time) examined {
	p := pair{t: s.T(), mac: s.MAC}
	age := now.Sub(s.Time)
	message, ok := signedMessage(r.Request.Method, r.Entity)
	exact := ok && matches([][]byte{message}, p, keys)
	switch {
	case !exact && !matches(messagesOf(r), p, keys):
		return examined{why: "SPEC 4.1.3(5): its MAC is not one of this message, time and key"}
	case age > widest:
		return examined{why: tooOld}
	case age < -widest:
		return examined{why: tooFar}
	case !exact || age > sureAge || age < -sureAhead:
		return examined{proof: arguable}
	}
	byFallback := !matches([][]byte{message}, p, keys[:1])
	return examined{proof: genuine, should: age > time.Minute || age < 0 || byFallback && r.Request.Method == http.MethodGet}
}

// signedMessage is what the MAC of a valid request to a serve endpoint covers:
// nothing for an introspection, else the canonical form of the body. ok is false
// for a request that the server never signs for a serve endpoint (protocol §3).
func signedMessage(method string, body []byte) (message []byte, ok bool) {
	switch {
	case method == http.MethodGet:
		return nil, len(body) == 0
	case method != http.MethodPost && method != http.MethodPut:
		return nil, false
	}
	message, err := reference.Canonicalise(body)
	return message, err == nil
}

// messagesOf are all messages that a MAC may cover under some interpretation. Only the MAC of a
// POST or a PUT covers the body.
func messagesOf(r request) [][]byte {
	messages := lenientMessages(r.Entity)
	if r.Request.Method != http.MethodPost && r.Request.Method != http.MethodPut {
		messages = append(messages, nil)
	}
	return messages
}

func matches(messages [][]byte, p pair, keys []reference.Key) bool {
	for _, key := range keys {
		for _, message := range messages {
			if reference.Match(key, message, p.t, p.mac) {
				return true
			}
		}
	}
	return false
}

func inWidest(n tNumber, now time.Time) bool {
	age := now.Sub(time.Unix(n.seconds, 0))
	return n.ok && age <= widest && age >= -widest
}
