package suite

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Field is one header field, as it stands on the wire.
type Field struct{ Name, Value string }

// Request is a request to a target, exact to the byte: fields keep their order,
// their case and their repetitions.
type Request struct {
	Method string
	Target string // path and query
	Header []Field
	Body   []byte
}

// Response is what a target answered.
type Response struct {
	Status int
	Reason string // the words behind the status, as they came
	Header http.Header
	Body   []byte
}

// Asked is one request that the stand-in API heard, secrets replaced by tokens.
type Asked struct {
	Method   string      `json:"method"`
	Path     string      `json:"path"`
	Query    string      `json:"query,omitempty"`
	Bearer   string      `json:"bearer,omitempty"` // what follows "Bearer "
	Header   http.Header `json:"header"`
	Body     string      `json:"body,omitempty"`
	Answered int         `json:"answered"` // the status that it got
	// Elsewhere marks a request that went to another origin than the API's.
	Elsewhere bool `json:"elsewhere,omitempty"`
}

// Outcome is all that was seen of one stimulus. Secrets in it are tokens.
type Outcome struct {
	kind     Kind
	Got      Response
	NoAnswer string        // why there was no answer, if there was none
	Died     string        // why the target runs no more, if this ended it
	Runs     int           // how often the beacon heard this stimulus's nonce
	Asked    []Asked       // what the stand-in API heard meanwhile
	Took     time.Duration // from signing to the end of the answer
	sent     Request       // as it went out: secrets and all
	cloak    redactor
	nonce    string
	nameless int // runs without a nonce that the beacon heard meanwhile
	env      string
	beacon   bool // executions can be seen
	byGET    bool // acceptance of a call is shown by a signed GET in its place
}

// Sent is the request, secrets replaced.
func (o Outcome) Sent() Request { return o.cloak.request(o.sent) }

// answered reports whether there is an answer that the SDK itself made.
func (o Outcome) answered() bool { return o.NoAnswer == "" && o.Got.Status != handlerThrew }

// handlerThrew is the status with which a bridge answers for an SDK whose
// exception left the SDK.
const handlerThrew = 599

func (o Outcome) success() bool { return o.answered() && o.Got.Status/100 == 2 }

// throttled: a status that a limiter or a proxy before a running endpoint gives.
// A target that a run starts itself has neither.
func (o Outcome) throttled() bool {
	switch o.Got.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !o.beacon
	}
	return false
}

// errorStatus holds for a refusal by status: 4xx or 5xx, any of them (reading R1).
func (o Outcome) errorStatus() bool {
	return o.answered() && (o.Got.Status/100 == 4 || o.Got.Status/100 == 5)
}

// privilegedFields are the fields of introspection that only an authenticated
// caller may see (SPEC 4.5), and the functions, which only a sync may tell.
var privilegedFields = []string{
	"api_origin", "app_id", "env", "event_api_origin", "event_key_hash", "framework", "functions",
	"sdk_language", "sdk_version", "serve_origin", "serve_path", "signing_key_fallback_hash", "signing_key_hash",
}

// mayTell is a quick look for what disclosed may find: a name of a privileged
// field, or an escape in which one may hide.
func mayTell(body []byte) bool {
	return bytes.IndexByte(body, '\\') >= 0 || slices.ContainsFunc(privilegedFields, func(name string) bool {
		return bytes.Contains(body, []byte(name))
	})
}

// disclosed lists the privileged fields in an answer, whatever its status and
// however deep in it they stand.
func (o Outcome) disclosed() []string {
	var answer any
	if !mayTell(o.Got.Body) || json.Unmarshal(o.Got.Body, &answer) != nil {
		return nil
	}
	told := map[string]bool{}
	tells(answer, told)
	return slices.DeleteFunc(slices.Clone(privilegedFields), func(name string) bool { return !told[name] })
}

// tells collects the names of all members that are not null. Capabilities are
// named by the SDK and open to everybody.
func tells(value any, told map[string]bool) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			tells(item, told)
		}
	case map[string]any:
		for name, member := range v {
			if member == nil || name == "capabilities" {
				continue
			}
			told[name] = true
			tells(member, told)
		}
	}
}

func (o Outcome) object() map[string]any { return objectOf(string(o.Got.Body)) }

// objectOf reads a JSON object; what is none has no fields.
func objectOf(text string) map[string]any {
	var fields map[string]any
	if json.Unmarshal([]byte(text), &fields) != nil {
		return nil
	}
	return fields
}

// leaked lists what an answer must never hold: key material, a MAC that the
// request should have had, and the environment; and secrets that the API heard.
func (o Outcome) leaked() []string {
	var found []string
	text := o.answerText()
	for _, name := range []KeyName{Primary, Fallback} {
		for _, token := range []string{secretToken(name), hashToken(name), textHashToken(name), rightMACToken(name)} {
			if strings.Contains(text, token) {
				found = append(found, token)
			}
		}
	}
	for _, token := range []string{canaryToken, eventKeyToken} {
		if strings.Contains(text, token) {
			found = append(found, token)
		}
	}
	if !all(o.Asked, holdsNoKey) {
		found = append(found, "a secret, in what the API heard")
	}
	if o.env != "" && strings.Contains(text, o.env) {
		found = append(found, "the environment's name")
	}
	return found
}

// answerText is an answer's body and header fields.
func (o Outcome) answerText() string {
	parts := []string{o.Got.Reason, string(o.Got.Body)}
	for name, values := range o.Got.Header {
		parts = append(parts, name+": "+strings.Join(values, ", "))
	}
	return strings.Join(parts, "\n")
}

// holdsSecret reports whether a key itself, or another secret of the
// environment, stands in an answer.
func (o Outcome) holdsSecret() bool {
	return holdsSecret(o.answerText()) || strings.Contains(o.answerText(), eventKeyToken)
}

func holdsSecret(text string) bool {
	for _, token := range []string{secretToken(Primary), secretToken(Fallback), canaryToken} {
		if strings.Contains(text, token) {
			return true
		}
	}
	return false
}

// echoed reports whether an answer of success holds the nonce: the function's
// output, or something that passes for it.
func (o Outcome) echoed() bool {
	return o.kind == KindCall && o.success() && strings.Contains(string(o.Got.Body), o.nonce)
}
