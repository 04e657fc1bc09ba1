package suite

import (
	"cmp"
	"fmt"
	"strings"
)

// Summary describes the observation in words.
func (o Observation) Summary() string {
	var words []string
	say := func(when bool, format string, args ...any) {
		if when {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	say(o.Died != "", "the target died (%s)", o.Died)
	say(o.Closed, "the connection was closed")
	say(o.NoResponse != "" && o.Died == "" && !o.Closed, "no response (%s)", o.NoResponse)
	say(o.NoResponse == "" && o.Response.Status == HandlerThrew, "an unhandled exception left the SDK")
	say(o.Responded(), "status %d", o.Response.Status)
	say(o.Cut != "", "%s", o.Cut)
	say(o.Beacon && o.Kind == KindCall && o.Runs == 0, "nothing ran")
	say(o.Runs == 1, "the function ran")
	say(o.Runs > 1, "the function ran %d times", o.Runs)
	say(o.Kind == KindIntrospect && o.Responded(), "authentication_succeeded is %s", brief(fmt.Sprint(o.Object()["authentication_succeeded"])))
	disclosed, leaked := o.Disclosed(), o.Leaked()
	say(len(disclosed) > 0, "disclosed %s", strings.Join(disclosed, ", "))
	say(len(leaked) > 0, "the response contains %s", strings.Join(leaked, ", "))
	if urls := registeredURLs(o); o.Kind == KindSync && len(urls) > 0 {
		say(true, "registered %s", briefly(urls))
		foreign := o.foreignCallURLs()
		say(len(foreign) > 0, "to be called at %s", briefly(foreign))
	}
	say(len(o.Printed) > 0, "the output contains %s", strings.Join(o.Printed, ", "))
	for i, r := range o.APIRequests {
		if more := len(o.APIRequests) - i; i == mostShown && more > 1 {
			say(true, "the API received %d more requests", more)
			break
		}
		if r.ToGateway() {
			say(true, "the gateway received %s", brief(r.Method))
			continue
		}
		say(true, "the API received %s %s with %s and returned %d", brief(r.Method), brief(r.Path), brief(cmp.Or(r.Bearer, "no bearer token")), r.Status)
	}
	return strings.Join(words, "; ")
}

// mostShown is how many things of one kind a summary lists, and longest the length
// of a text in it that a target chooses.
const mostShown, longest = 12, 400

// brief cuts a text that a target chooses, and marks that.
func brief(text string) string {
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "[…]"
}

// briefly joins the first words of a list that a target chooses.
func briefly(words []string) string {
	var shown []string
	for i, word := range words {
		if i == mostShown {
			shown = append(shown, fmt.Sprintf("%d more", len(words)-i))
			break
		}
		shown = append(shown, brief(word))
	}
	return strings.Join(shown, ", ")
}
