package suite

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Field is one header field, exactly as sent.
type Field struct{ Name, Value string }

// Request is a request to a target, exact to the byte: header fields keep their
// order and case, and may be repeated.
type Request struct {
	Method  string
	Target  string // path and query
	Version string // empty is HTTP/1.1
	Header  []Field
	Body    []byte
	// Connection names a connection that it shares with others of that name, sent one
	// after the other. Without a name it has one of its own.
	Connection string
}

// Response is a target's response.
type Response struct {
	Status int
	Reason string // the reason phrase, as received
	Header http.Header
	Body   []byte
	Cut    string // why not all of it was read: "its body is longer than 1 MiB"; empty if all was
}

// Observation is everything that was observed of one request. Secrets in it are
// replaced by tokens.
type Observation struct {
	Kind        Kind
	Response    Response
	NoResponse  string        // why there was no response, if there was none
	Closed      bool          // it was refused by closing the connection, as this target does
	Died        string        // why the target exited, if it did
	Runs        int           // how often the beacon received the request's nonce
	APIRequests []APIRequest  // what the stand-in API received meanwhile
	Took        time.Duration // from signing to the end of the response
	SignedBy    KeyName       // the key whose signature of the response is in its header; empty if there is none
	Printed     []string      // the secrets in the target's own output, as tokens
	HasOutput   bool          // that output can be read
	Nonce       string
	Env         string
	Beacon      bool // runs can be observed
	ByGET       bool // a signed GET was sent instead of a call
	// Cut says why not everything that the target sent was looked at; empty if all was.
	// What was not looked at may show anything.
	Cut string
}

// Responded reports whether there is a response that the SDK itself made.
func (o Observation) Responded() bool { return o.NoResponse == "" && o.Response.Status != HandlerThrew }

// Succeeded reports whether the response has a 2xx status.
func (o Observation) Succeeded() bool { return o.Responded() && o.Response.Status/100 == 2 }

// Concluded reports whether the target responded, or refused by closing the
// connection.
func (o Observation) Concluded() bool { return o.Responded() || o.Closed }

// ErrorStatus reports whether the response has a 4xx or 5xx status (R1). A closed
// connection counts as one if that is how the target refuses.
func (o Observation) ErrorStatus() bool {
	return o.Closed || o.Responded() && (o.Response.Status/100 == 4 || o.Response.Status/100 == 5)
}

// Object is the response's JSON object, or nil if the body is not one.
func (o Observation) Object() map[string]any { return objectOf(string(o.Response.Body)) }

// objectOf parses a JSON object. It returns nil for any other text.
func objectOf(text string) map[string]any {
	var fields map[string]any
	if json.Unmarshal([]byte(text), &fields) != nil {
		return nil
	}
	return fields
}

// Echoed reports whether the response is a success and contains the nonce, which
// is the function's output.
func (o Observation) Echoed() bool {
	return o.Kind == KindCall && o.Succeeded() && strings.Contains(string(o.Response.Body), o.Nonce)
}

// foreignCallURLs are the registered URLs of functions that do not begin with the
// URL of the app.
func (o Observation) foreignCallURLs() []string {
	apps := registeredURLs(o)
	return slices.DeleteFunc(callURLs(o), func(call string) bool {
		return slices.ContainsFunc(apps, func(app string) bool {
			app, _, _ = strings.Cut(app, "?")
			return strings.HasPrefix(call, app)
		})
	})
}

// ShowsTrust reports whether the response itself shows that the signature was
// accepted. Status 200 alone does not: an unsigned request may receive it, too.
func (o Observation) ShowsTrust() bool {
	switch o.Kind {
	case KindProbe:
		return o.Accepted()
	case KindIntrospect:
		return o.Succeeded() && o.Object()["authentication_succeeded"] == true
	}
	return false
}

// returned reports whether the response is that of a function that ran.
func (o Observation) returned() bool {
	return o.Responded() && (o.Response.Status == http.StatusOK || o.Response.Status == http.StatusPartialContent)
}

// Accepted reports whether the request was accepted: by its effect if there is a
// beacon, else by the response.
func (o Observation) Accepted() bool {
	switch o.Kind {
	case KindCall:
		if o.Beacon {
			return o.Runs == 1 && o.returned()
		}
		return o.returned()
	case KindIntrospect:
		return o.Succeeded() && (!o.ByGET || o.ShowsTrust())
	case KindInBandSync:
		return o.Response.Status == http.StatusOK && o.Responded() && len(functionsOf(o)) > 0
	}
	return o.Response.Status == http.StatusOK && o.Responded()
}

func functionsOf(o Observation) []any {
	list, _ := o.Object()["functions"].([]any)
	return list
}

// registeredURLs are the URLs of the app in its registrations.
func registeredURLs(o Observation) []string {
	var urls []string
	for _, r := range o.APIRequests {
		if !r.Registers() {
			continue
		}
		if url, isText := objectOf(r.Body)["url"].(string); isText {
			urls = append(urls, url)
		}
	}
	return urls
}

// callURLs are the URLs of the functions in its registrations, which Inngest calls.
func callURLs(o Observation) []string {
	var urls []string
	for _, r := range o.APIRequests {
		if r.Registers() {
			urls = append(urls, urlsOfSteps(objectOf(r.Body))...)
		}
	}
	return urls
}

// urlsOfSteps are the runtime URLs in a list of functions (SPEC 4.3.2).
func urlsOfSteps(registration map[string]any) []string {
	var urls []string
	functions, _ := registration["functions"].([]any)
	for _, function := range functions {
		fields, _ := function.(map[string]any)
		steps, _ := fields["steps"].(map[string]any)
		for _, id := range slices.Sorted(maps.Keys(steps)) {
			step, _ := steps[id].(map[string]any)
			runtime, _ := step["runtime"].(map[string]any)
			if url, isText := runtime["url"].(string); isText {
				urls = append(urls, url)
			}
		}
	}
	return urls
}
