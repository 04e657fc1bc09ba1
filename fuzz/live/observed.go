package live

import (
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// brief describes a response in a few words.
func brief(x *engine.Exchange) string {
	switch {
	case x.Died != "":
		return targetDied
	case x.NoResponse != "":
		return "no response (" + x.NoResponse + ")"
	case x.Runs > 0:
		return fmt.Sprintf("status %d; the function ran", x.Response.Status)
	}
	return fmt.Sprintf("status %d; nothing ran", x.Response.Status)
}

func functionsOf(x *engine.Exchange) []any {
	functions, _ := x.Object()["functions"].([]any)
	return functions
}

// contacted reports whether a request caused one of a kind to the API.
func contacted(x *engine.Exchange, kind func(suite.APIRequest) bool) bool {
	return slices.ContainsFunc(x.APIRequests, kind)
}

// What is observed, where a candidate's expectation depends on it.
const (
	targetDied  = "the target died"
	noResponse  = "the connection ended without a response"
	notArrived  = "no response: " // and the reason
	otherOrigin = "went to an origin other than the API's"
	noHashedKey = "does not carry the hashed key"
)
