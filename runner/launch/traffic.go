package launch

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

// Traffic counts the requests to an endpoint by what they are.
type Traffic struct {
	Probes         int            `json:"probes"`         // POST that asks only whether a signature holds
	Calls          int            `json:"calls"`          // POST that names the function that may run
	Runs           int            `json:"runs"`           // calls that succeeded, so that it ran
	UnknownCalls   int            `json:"unknownCalls"`   // POST that names a function that does not exist
	Introspections int            `json:"introspections"` // GET
	Syncs          int            `json:"syncs"`          // PUT
	Others         map[string]int `json:"others"`         // by method
}

// Requests is how many there are.
func (t Traffic) Requests() int {
	all := t.Probes + t.Calls + t.UnknownCalls + t.Introspections + t.Syncs
	for _, n := range t.Others {
		all += n
	}
	return all
}

// String lists the requests.
func (t Traffic) String() string {
	syncs := "no PUT"
	if t.Syncs > 0 {
		syncs = page.Count(t.Syncs, "sync") + " (PUT)"
	}
	var words []string
	if t.Calls > 0 {
		words = append(words, page.Count(t.Calls, "call")+" of the function that may run")
	}
	words = append(words,
		page.Count(t.Probes, "trust probe"),
		page.Count(t.UnknownCalls, "call")+" of functions that do not exist",
		page.Count(t.Introspections, "introspection")+" (GET)",
	)
	var methods []string
	others := 0
	for method, n := range t.Others {
		methods, others = append(methods, method), others+n
	}
	if slices.Sort(methods); others > 0 {
		words = append(words, fmt.Sprintf("%d with other methods (%s)", others, strings.Join(methods, ", ")))
	}
	return strings.Join(append(words, syncs), ", ")
}

// counter counts requests while they are sent.
type counter struct {
	function string // that may run, as it is written in a query

	mu      sync.Mutex
	traffic Traffic
}

func (c *counter) add(r suite.Request, got suite.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &c.traffic
	switch {
	case r.Method == http.MethodPost && strings.HasSuffix(r.Target, "&probe=trust"):
		t.Probes++
	case r.Method == http.MethodPost && c.function != "" && strings.Contains(r.Target, "?fnId="+c.function+"&"):
		t.Calls++
		if got.Status == http.StatusOK || got.Status == http.StatusPartialContent {
			t.Runs++
		}
	case r.Method == http.MethodPost:
		t.UnknownCalls++
	case r.Method == http.MethodGet:
		t.Introspections++
	case r.Method == http.MethodPut:
		t.Syncs++
	default:
		if t.Others == nil {
			t.Others = map[string]int{}
		}
		t.Others[r.Method]++
	}
}

func (c *counter) sum() Traffic {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := c.traffic
	sum.Others = maps.Clone(sum.Others)
	return sum
}
