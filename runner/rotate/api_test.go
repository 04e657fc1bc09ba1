package rotate

import (
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

func TestBearersNameTheirKey(t *testing.T) {
	t.Parallel()
	for bearer, want := range map[string]string{
		"signkey-prod-" + suite.HashToken(keyA):         "A",
		suite.HashToken(keyB):                           "B",
		"signkey-prod-" + suite.SecretToken(keyB):       "B",
		suite.HashToken(suite.UnknownKey):               "neither",
		"signkey-prod-" + suite.TextHashToken(keyA):     "neither",
		"signkey-prod-" + suite.HashToken(keyA) + "-eu": "neither",
		"": "neither",
	} {
		if got := bearerOf(suite.APIRequest{Bearer: bearer}); got != want {
			t.Errorf("%q is the bearer of %s, want %s", bearer, got, want)
		}
	}
}

// A request to the API is counted by its last attempt.
func TestRequestsToTheAPIAreCountedByTheirLastAttempt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		statuses                   []int
		accepted, retried, refused int
	}{
		"accepted":              {[]int{200}, 1, 0, 0},
		"accepted when retried": {[]int{401, 200}, 1, 1, 0},
		"refused":               {[]int{401}, 0, 0, 1},
		"refused twice":         {[]int{401, 403}, 0, 0, 1},
		"an error is no key":    {[]int{500}, 1, 0, 0},
		"nothing":               {nil, 0, 0, 0},
	} {
		var r RequestRecord
		for _, status := range test.statuses {
			r.API = append(r.API, Attempt{Request: "POST /fn/register", Status: status})
		}
		if accepted, retried, refused := r.final(); accepted != test.accepted || retried != test.retried || refused != test.refused {
			t.Errorf("%s: %d accepted, %d retried, %d refused", name, accepted, retried, refused)
		}
	}
}
