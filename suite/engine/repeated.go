package engine

import (
	"net/http"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// failsAtAPI are the cases in which a sync fails for another reason than its key:
// what was sent to the API twice there was not sent for the key's sake.
var failsAtAPI = []string{"keys.no-switch-on-500", "keys.no-switch-on-503", "sync.api-error"}

// allowRepeats judges cases anew in which all that a request caused was seen
// twice, in a target where this happens to every request that fails: a proxy
// sends those to it once more.
func allowRepeats(results []Result, records map[string]*record) {
	if !slices.ContainsFunc(failsAtAPI, func(id string) bool { return records[id] != nil && records[id].isRepeated() }) {
		return
	}
	for i, result := range results {
		t := records[result.Case.ID]
		if result.Verdict != Fail && result.Verdict != Warn || !t.isRepeated() {
			continue
		}
		whole := t.main.APIRequests
		t.main.APIRequests = whole[:len(whole)/2]
		if once := t.verdict(); once.Verdict == Pass {
			once.Note = "all of it was seen twice, as with every request that fails: a proxy sends it once more"
			results[i] = once
		}
		t.main.APIRequests = whole
	}
}

// isRepeated reports whether a request failed, and all requests to the API that it
// caused came a second time in the same order.
func (t *record) isRepeated() bool {
	if t.main == nil || t.main.Response.Status < http.StatusInternalServerError {
		return false
	}
	half := len(t.main.APIRequests) / 2
	return half > 0 && len(t.main.APIRequests) == 2*half &&
		slices.EqualFunc(t.main.APIRequests[:half], t.main.APIRequests[half:], func(a, b suite.APIRequest) bool {
			return a.Method == b.Method && a.Path == b.Path && a.Query == b.Query && a.Body == b.Body && a.Bearer == b.Bearer
		})
}
