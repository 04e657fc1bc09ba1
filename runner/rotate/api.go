package rotate

import (
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// attempts are the requests to the API that an exchange is expected to cause,
// as a report shows them: a sync's registrations, and a read's of its own run.
func (x *exchange) attempts() []Attempt {
	attempts := []Attempt{}
	for _, request := range x.observed.APIRequests {
		if x.Kind == kindSync && request.Registers() || x.Kind == kindRead && request.Reads() {
			path := strings.ReplaceAll(request.Path, x.observed.Nonce, "RUN")
			attempts = append(attempts, Attempt{request.Method + " " + path, bearerOf(request), request.Status})
		}
	}
	return attempts
}

// bearerOf names the key of a bearer: the hash of the key, or the key itself,
// which the API accepts, too; with or without its prefix.
func bearerOf(request suite.APIRequest) string {
	token := request.Bearer[strings.LastIndexByte(request.Bearer, '-')+1:]
	for _, key := range []suite.KeyName{keyA, keyB} {
		if token == suite.HashToken(key) || token == suite.SecretToken(key) {
			return letter(key)
		}
	}
	return "neither"
}

// final counts how the requests to the API ended, each by its last attempt:
// retried are those that were refused at first.
func (r RequestRecord) final() (accepted, retried, refused int) {
	last, first := map[string]int{}, map[string]int{}
	for _, a := range r.API {
		if first[a.Request] == 0 {
			first[a.Request] = a.Status
		}
		last[a.Request] = a.Status
	}
	for request, status := range last {
		switch {
		case reference.RefusesKey(status):
			refused++
			continue
		case reference.RefusesKey(first[request]):
			retried++
		}
		accepted++
	}
	return accepted, retried, refused
}
