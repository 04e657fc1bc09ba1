package live

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// Class is a class of finding.
type Class string

// The classes.
const (
	FalseAccept    Class = "false accept"
	FalseRefuse    Class = "false refuse"
	Disclosure     Class = "disclosure"
	Crash          Class = "crash"
	Hang           Class = "hang"
	Slow           Class = "slow"
	OutboundMisuse Class = "outbound misuse"
	Undetermined   Class = "non-determinism"
)

// Seen is all that was seen of one exchange. Secrets in it are tokens.
type Seen struct {
	Status   int
	Reason   string // the words behind the status
	Header   http.Header
	Body     string
	NoAnswer string             // why there is no answer
	Late     bool               // because of the time limit
	Died     string             // why the target exited
	Runs     int                // also of what ran without any nonce
	Asked    []suite.APIRequest // by this request
	Heard    []suite.APIRequest // by the API meanwhile, whichever request set it off
	RightMAC bool               // the answer holds the MAC that the request should have had
}

// Violation is what an exchange showed to be wrong.
type Violation struct {
	Class Class
	Level suite.Level
	Why   string // what is owed, with the clause
	What  string // what was seen instead
}

// handlerThrew is the status of a bridge whose SDK threw.
const handlerThrew = 599

// Violations compares what was seen with what is owed, and with what holds
// whatever is owed.
func Violations(owed Owed, e Exchange, sent Sent, seen Seen) []Violation {
	var found []Violation
	say := func(class Class, level suite.Level, why, format string, args ...any) {
		found = append(found, Violation{class, level, why, fmt.Sprintf(format, args...)})
	}
	if seen.Died != "" {
		say(Crash, suite.Must, "SPEC 4.1: whatever is sent, the endpoint still answers", "the target died: %s", seen.Died)
		return found
	}
	taken := ""
	if owed.Answer == MustRefuse {
		if taken = seen.taken(owed); taken != "" {
			say(FalseAccept, owed.Level, owed.Why, "%s", taken)
		}
	}
	if told := seen.secrets(owed); len(told) > 0 {
		say(Disclosure, suite.Must, "R19: no answer holds a key or another secret", "the response contains %s", strings.Join(told, ", "))
	} else if owed.forged && taken == "" {
		if what := seen.leak(owed); what != "" {
			say(Disclosure, suite.Must, "R19: "+owed.Why, "%s", what)
		} else if seen.showsStack() {
			say(Disclosure, suite.Should, "R19: a refusal shows no stack trace", "the answer shows where it was made")
		}
	}
	if misused := seen.misused(); misused != "" {
		say(OutboundMisuse, suite.Must, "SPEC 4.1.4, KEYS 2: the API is sent the hashed key, and nothing more secret", "%s", misused)
	}
	if owed.Answer == MustAccept && seen.NoAnswer == "" && !seen.Accepted(e.Kind) {
		say(FalseRefuse, owed.Level, owed.Why, "%s", seen.short())
	}
	switch {
	case seen.NoAnswer == "" || sent.Lying:
	case seen.Late:
		say(Hang, suite.Must, answered, "no answer within the time limit")
	case plainHTTP(sent.Request) && (owed.Answer == MustAccept || owed.status):
		say(Crash, suite.Must, answered, "the connection ended without an answer")
	case plainHTTP(sent.Request):
		say(Crash, suite.Should, answered, "the connection ended without an answer")
	}
	if seen.Status == handlerThrew {
		say(Crash, suite.Should, "SPEC 4.1: what goes wrong is answered by the SDK", "an unhandled exception left the SDK")
	}
	return found
}

// answered is what holds for every request.
const answered = "SPEC 4.1: every request is answered"

// What every server must be able to read (RFC 9110, 9112): one that does not may
// end the connection with no word to say.
var (
	plainMethod = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE|OPTIONS)$`)
	plainTarget = regexp.MustCompile(`^/[!-~]{0,1000}$`)
	plainName   = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	plainValue  = regexp.MustCompile(`^([!-~]([ -~]{0,1000}[!-~])?)?$`)
	plainHost   = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`)
)

const (
	mostFields = 50
	mostBody   = 64 << 10
)

// plainHTTP: nothing about a request is odd or large to a server, whatever it
// is to an SDK.
func plainHTTP(r suite.Request) bool {
	hosts := 0
	for _, f := range r.Header {
		if !plainName.MatchString(f.Name) || !plainValue.MatchString(f.Value) {
			return false
		}
		switch strings.ToLower(f.Name) {
		case "host":
			if hosts++; !plainHost.MatchString(f.Value) {
				return false
			}
		case "content-length", "transfer-encoding", "connection", "upgrade", "expect":
			return false
		}
	}
	bodily := r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch || len(r.Body) == 0
	return hosts == 1 && len(r.Header) <= mostFields && bodily && len(r.Body) <= mostBody &&
		plainMethod.MatchString(r.Method) && plainTarget.MatchString(r.Target)
}

func (s Seen) text() string {
	parts := []string{s.Body, s.Reason}
	for _, name := range keysOf(s.Header) {
		parts = append(parts, name+": "+strings.Join(s.Header[name], ", "))
	}
	return strings.Join(parts, "\n")
}

// Tokens that stand for secrets, as the suite writes them.
var secretTokens = []string{"{{primary.secret}}", "{{fallback.secret}}", "{{canary}}"}

const eventKeyToken = "{{event-key}}"

var hashTokens = []string{"{{primary.hash}}", "{{fallback.hash}}", "{{primary.text-hash}}", "{{fallback.text-hash}}"}

func tokensIn(text string, tokens []string) []string {
	return slices.DeleteFunc(slices.Clone(tokens), func(token string) bool { return !strings.Contains(text, token) })
}

// secrets are what no answer may hold. Hashes of keys are told to those who are
// authenticated, where they ask for them (reading R13).
func (s Seen) secrets(owed Owed) []string {
	told := append(tokensIn(s.text(), secretTokens), tokensIn(s.text(), []string{eventKeyToken})...)
	if owed.shape != asksIntrospection && owed.shape != asksInBand {
		told = append(told, tokensIn(s.text(), hashTokens)...)
	}
	return told
}

// stack is how a stack trace looks in most languages.
var stack = regexp.MustCompile(`(?m)\bat .{1,200}:\d+:\d+\)?|/node_modules/|goroutine \d+ \[|Traceback \(most recent call last\)`)

func (s Seen) showsStack() bool {
	text := s.text()
	for _, sign := range []string{"    at ", "node_modules", "goroutine", "Traceback"} {
		if strings.Contains(text, sign) {
			return stack.MatchString(text)
		}
	}
	return false
}

// leak is what an answer tells to one who showed no authentic request.
func (s Seen) leak(owed Owed) string {
	if told := tokensIn(s.text(), hashTokens); len(told) > 0 {
		return "the answer holds " + strings.Join(told, ", ")
	}
	if s.RightMAC {
		return "the answer tells the MAC that would have been right"
	}
	if told := s.privileged(owed.shape == asksIntrospection); len(told) > 0 {
		return "the answer tells " + strings.Join(told, ", ")
	}
	return ""
}

// privilegedFields are told to authenticated callers only (SPEC 4.5).
var privilegedFields = []string{
	"api_origin", "app_id", "env", "event_api_origin", "event_key_hash", "framework",
	"sdk_language", "sdk_version", "serve_origin", "serve_path", "signing_key_fallback_hash", "signing_key_hash",
}

func (s Seen) object() map[string]any {
	var fields map[string]any
	if json.Unmarshal([]byte(s.Body), &fields) != nil {
		return nil
	}
	return fields
}

// privileged are those of an answer: at its top, or at any depth.
func (s Seen) privileged(deep bool) (told []string) {
	fields := s.object()
	for _, name := range privilegedFields {
		if fields[name] != nil || deep && holdsBelow(fields, name) {
			told = append(told, name)
		}
	}
	return told
}

func holdsBelow(value any, name string) bool {
	switch value := value.(type) {
	case map[string]any:
		for member, inner := range value {
			if member == name && inner != nil || holdsBelow(inner, name) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, func(inner any) bool { return holdsBelow(inner, name) })
	}
	return false
}

// taken says how a request that must be refused was taken for an authentic one.
func (s Seen) taken(owed Owed) string {
	functions, _ := s.object()["functions"].([]any)
	switch {
	case s.Runs > 0:
		return "the function ran"
	case s.object()["authentication_succeeded"] == true:
		return "the answer says that authentication succeeded"
	case len(functions) > 0 && s.Status/100 == 2:
		return "the functions are told"
	case owed.status && s.Status != 0 && s.Status < http.StatusBadRequest:
		return fmt.Sprintf("the answer is %d, and no refusal", s.Status)
	case owed.status && owed.forged && s.Header.Get(reference.HeaderSignature) != "":
		return "the answer is signed, as those to verified requests are"
	case owed.status && s.asked():
		return "the API was asked before the request was refused"
	}
	return ""
}

func (s Seen) asked() bool {
	return slices.ContainsFunc(s.Asked, func(a suite.APIRequest) bool { return !strings.HasPrefix(a.Path, "/e/") })
}

// misused says what went to the API that must not, or did not that must.
func (s Seen) misused() string {
	for _, a := range s.Heard {
		all := strings.Join([]string{a.Path, a.Query, a.Body, a.Bearer}, "\n")
		for _, values := range a.Header {
			all += "\n" + strings.Join(values, "\n")
		}
		if told := tokensIn(all, secretTokens); len(told) > 0 {
			return fmt.Sprintf("%s %s carries %s", a.Method, a.Path, strings.Join(told, ", "))
		}
		hashed := strings.HasSuffix(a.Bearer, "{{primary.hash}}") || strings.HasSuffix(a.Bearer, "{{fallback.hash}}")
		if a.Elsewhere {
			return fmt.Sprintf("%s %s went to another origin than the API's", a.Method, a.Path)
		}
		if spokenOf(a.Path) && !hashed {
			return fmt.Sprintf("%s %s does not carry the hashed key", a.Method, a.Path)
		}
	}
	return ""
}

func spokenOf(path string) bool {
	return strings.HasPrefix(path, "/fn/register") || strings.HasPrefix(path, "/v0/runs/") || strings.HasPrefix(path, "/v1/checkpoint")
}

// Accepted: the request was taken as authentic and did what its kind asks for.
func (s Seen) Accepted(kind Kind) bool {
	ok := s.NoAnswer == "" && (s.Status == http.StatusOK || s.Status == http.StatusPartialContent)
	switch kind {
	case Call, RichCall, Sending:
		return ok && s.Runs == 1
	case Fetched:
		return ok && s.Runs == 1 && s.heard("/v0/runs/")
	case Stepping:
		return ok && s.Runs > 0
	case Introspect:
		return ok && s.object()["authentication_succeeded"] == true && len(s.privileged(false)) > 0
	case InBandSync:
		functions, _ := s.object()["functions"].([]any)
		return ok && len(functions) > 0 && s.Header.Get(reference.HeaderSyncKind) == "in_band"
	case Sync:
		return ok && s.heard("/fn/register")
	}
	return ok && s.Runs == 0
}

func (s Seen) heard(path string) bool {
	return slices.ContainsFunc(s.Asked, func(a suite.APIRequest) bool { return strings.HasPrefix(a.Path, path) })
}

func (s Seen) short() string {
	switch {
	case s.Died != "":
		return "the target died"
	case s.NoAnswer != "":
		return "no answer (" + s.NoAnswer + ")"
	case s.Runs > 0:
		return fmt.Sprintf("answered %d; the function ran", s.Status)
	}
	return fmt.Sprintf("answered %d; nothing ran", s.Status)
}

// Fingerprint is how the target behaved, coarsely: a new one is worth a closer
// look at the neighbourhood of its request.
func Fingerprint(e Exchange, owed Owed, s Seen) string {
	fields := keysOf(s.object())
	return fmt.Sprint(e.Kind, owed.Answer, s.Status, keysOf(s.Header), fields, len(fields) == 0 && s.Body != "", s.Runs > 0, len(s.Asked) > 0, s.NoAnswer != "", s.Died != "")
}
