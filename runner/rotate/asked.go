package rotate

import (
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// marks are how much each process's stand-in API has heard.
func (d *drill) marks() []int {
	var marks []int
	for _, p := range d.all() {
		marks = append(marks, p.target.StandIn().Mark())
	}
	return marks
}

// askedSince is what the API was asked since then on account of a request. A
// process that came meanwhile is listened to from its beginning.
func (d *drill) askedSince(marks []int, x *exchange) []suite.APIRequest {
	var found []suite.APIRequest
	for i, p := range d.all() {
		mark := 0
		if i < len(marks) {
			mark = marks[i]
		}
		for _, asked := range p.target.StandIn().Since(mark) {
			if x.caused(asked) {
				found = append(found, asked)
			}
		}
	}
	return found
}

// caused: reads name the run; of registrations there is one at a time.
func (x *exchange) caused(asked suite.APIRequest) bool {
	if x.Kind == Sync {
		return strings.HasPrefix(asked.Path, "/fn/register")
	}
	return x.Kind == Read && strings.Contains(asked.Path, x.nonce)
}

// attempts are the requests to the API as a report shows them.
func (x *exchange) attempts(keys suite.Keyring) []Attempt {
	attempts := []Attempt{}
	for _, asked := range x.asked {
		path := strings.ReplaceAll(asked.Path, x.nonce, "RUN")
		attempts = append(attempts, Attempt{asked.Method + " " + path, bearerOf(asked, keys), asked.Status})
	}
	return attempts
}

// bearerOf names the key whose hash a bearer is, with or without its prefix.
func bearerOf(asked suite.APIRequest, keys suite.Keyring) string {
	for _, key := range []suite.KeyName{keyA, keyB} {
		if hashIn(asked.Bearer) == hashIn(engine.Redact(keys, keys.Key(key).Bearer())) {
			return letter(key)
		}
	}
	return "neither"
}

func hashIn(bearer string) string { return bearer[strings.LastIndexByte(bearer, '-')+1:] }

// final is how the things that were asked of the API ended, each by its last
// attempt: saved are those that were refused at first.
func (r Request) final() (answered, saved, refused int) {
	last, first := map[string]int{}, map[string]int{}
	for _, a := range r.API {
		if first[a.Asked] == 0 {
			first[a.Asked] = a.Status
		}
		last[a.Asked] = a.Status
	}
	for asked, status := range last {
		switch {
		case refuses(status):
			refused++
			continue
		case refuses(first[asked]):
			saved++
		}
		answered++
	}
	return answered, saved, refused
}

func refuses(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}
