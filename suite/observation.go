package suite

import (
	"encoding/json"
	"fmt"
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

// Observation is all that was seen of one stimulus. Secrets in it are tokens.
type Observation struct {
	Kind        Kind
	Response    Response
	NoResponse  string        // why there was no answer, if there was none
	Died        string        // why the target exited, if this ended it
	Runs        int           // how often the beacon heard this stimulus's nonce
	APIRequests []APIRequest  // what the stand-in API heard meanwhile
	Took        time.Duration // from signing to the end of the answer
	Nonce       string
	Env         string
	Beacon      bool // executions can be seen
	ByGET       bool // acceptance of a call is shown by a signed GET in its place
}

// Responded reports whether there is an answer that the SDK itself made.
func (o Observation) Responded() bool { return o.NoResponse == "" && o.Response.Status != HandlerThrew }

func (o Observation) Succeeded() bool { return o.Responded() && o.Response.Status/100 == 2 }

// Throttled: a status that a limiter or a proxy before a running endpoint gives.
// A target that a run starts itself has neither.
func (o Observation) Throttled() bool {
	switch o.Response.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !o.Beacon
	}
	return false
}

// ErrorStatus holds for a refusal by status: 4xx or 5xx, any of them (reading R1).
func (o Observation) ErrorStatus() bool {
	return o.Responded() && (o.Response.Status/100 == 4 || o.Response.Status/100 == 5)
}

func (o Observation) Object() map[string]any { return objectOf(string(o.Response.Body)) }

// objectOf reads a JSON object; what is none has no fields.
func objectOf(text string) map[string]any {
	var fields map[string]any
	if json.Unmarshal([]byte(text), &fields) != nil {
		return nil
	}
	return fields
}

// Echoed reports whether an answer of success holds the nonce: the function's
// output, or something that passes for it.
func (o Observation) Echoed() bool {
	return o.Kind == KindCall && o.Succeeded() && strings.Contains(string(o.Response.Body), o.Nonce)
}

// Summary tells an outcome in words.
func (o Observation) Summary() string {
	var words []string
	say := func(when bool, format string, args ...any) {
		if when {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	say(o.Died != "", "the target died (%s)", o.Died)
	say(o.NoResponse != "" && o.Died == "", "no response (%s)", o.NoResponse)
	say(o.NoResponse == "" && o.Response.Status == HandlerThrew, "an unhandled exception left the SDK")
	say(o.Responded(), "status %d", o.Response.Status)
	say(o.Beacon && o.Kind == KindCall && o.Runs == 0, "nothing ran")
	say(o.Runs == 1, "the function ran")
	say(o.Runs > 1, "the function ran %d times", o.Runs)
	say(o.Kind == KindIntrospect && o.Responded(), "authentication_succeeded is %v", o.Object()["authentication_succeeded"])
	told, leaked := o.Disclosed(), o.Leaked()
	say(len(told) > 0, "disclosed %s", strings.Join(told, ", "))
	say(len(leaked) > 0, "the response contains %s", strings.Join(leaked, ", "))
	if urls := registeredURLs(o); o.Kind == KindSync && len(urls) > 0 {
		say(true, "registered %s", strings.Join(urls, ", "))
		strays := o.foreignCallURLs()
		say(len(strays) > 0, "to be called at %s", strings.Join(strays, ", "))
	}
	for _, asked := range o.APIRequests {
		bearer := asked.Bearer
		if bearer == "" {
			bearer = "no bearer token"
		}
		say(true, "the API received %s %s with %s and returned %d", asked.Method, asked.Path, bearer, asked.Status)
	}
	return strings.Join(words, "; ")
}

// foreignCallURLs are URLs of functions that are not at the app's.
func (o Observation) foreignCallURLs() []string {
	apps := registeredURLs(o)
	return slices.DeleteFunc(callURLs(o), func(call string) bool {
		return slices.ContainsFunc(apps, func(app string) bool {
			app, _, _ = strings.Cut(app, "?")
			return strings.HasPrefix(call, app)
		})
	})
}

// ShowsTrust: the answer itself says that a signature was accepted. A plain
// success does not: anyone may be answered one.
func (o Observation) ShowsTrust() bool {
	switch o.Kind {
	case KindProbe:
		return o.Accepted()
	case KindIntrospect:
		return o.Succeeded() && o.Object()["authentication_succeeded"] == true
	}
	return false
}

// Accepted reports whether an observation shows that the request was taken as
// authentic: by effect where there is a beacon, by the answer where not.
func (o Observation) Accepted() bool {
	switch o.Kind {
	case KindCall:
		if o.Beacon {
			return o.Runs == 1 && (o.Response.Status == http.StatusOK || o.Response.Status == http.StatusPartialContent) && o.Responded()
		}
		return o.Succeeded()
	case KindIntrospect:
		return o.Succeeded() && (!o.ByGET || o.ShowsTrust())
	case KindInBandSync:
		return o.Response.Status == http.StatusOK && o.Responded() && len(functionsOf(o)) > 0
	}
	return o.Response.Status == http.StatusOK && o.Responded()
}
