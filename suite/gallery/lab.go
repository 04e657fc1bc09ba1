package gallery

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

const servePath = "/api/inngest"

// Lab serves the endpoint over loopback, in this process. Its keys are always the
// same.
func (e Endpoint) Lab() *inprocess.Lab {
	return inprocess.New(inprocess.Options{
		Keys: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Claims: e.Claims(), Anywhere: true, Listen: e.Listen, Path: servePath,
		Handler: func(env map[string]string) http.Handler {
			return e.Handler(inprocess.Reference(func(name string) string { return env[name] }), servePath)
		},
	})
}

// Claims are the optional capabilities that the endpoint has.
func (e Endpoint) Claims() []suite.Capability {
	return slices.DeleteFunc(slices.Clone(inprocess.ReferenceClaims), func(c suite.Capability) bool {
		return slices.Contains(e.Without, string(c))
	})
}

// Accusations are what keeps a judgement from "conforms": none is true of an
// endpoint of the gallery.
func Accusations(judged engine.Judgement) (found []string) {
	if judged.Void != "" {
		found = append(found, "void: "+judged.Void)
	}
	for _, r := range judged.Results {
		switch {
		case r.Verdict == engine.Fail, r.Verdict == engine.Error, r.Verdict == engine.Inconclusive && r.Case.Level == suite.Must:
			found = append(found, fmt.Sprintf("%s %s: %s (%s)", r.Verdict, r.Case.ID, r.Observed, r.Note))
		}
	}
	return found
}
