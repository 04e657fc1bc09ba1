package gallery_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/internal/race"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/gallery"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// lab serves a peculiar endpoint over loopback.
func lab(e gallery.Endpoint) *inprocess.Lab {
	const path = "/api/inngest"
	return inprocess.New(inprocess.Options{
		Keys: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Claims: claims(e), Anywhere: true, Listen: e.Listen,
		Handler: func(env map[string]string) http.Handler {
			return e.Handler(inprocess.Reference(func(name string) string { return env[name] }), path)
		},
	})
}

// claims are the capabilities that an endpoint has.
func claims(e gallery.Endpoint) []suite.Capability {
	return slices.DeleteFunc(slices.Clone(inprocess.ReferenceClaims), func(c suite.Capability) bool {
		return slices.Contains(e.Without, string(c))
	})
}

// cases are those of the default tier, and those with bodies that only some parsers
// read, which may end an endpoint, but none of these.
func cases() []suite.Case {
	return slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool {
		return !suite.Default.Includes(c.Tier) || c.Destructive && !strings.HasPrefix(c.ID, "bodies.")
	})
}

// accusations are what keeps a judgement from "conforms".
func accusations(judged engine.Judgement) []string {
	var found []string
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

// result is what came of judging one endpoint.
type result struct {
	endpoint    gallery.Endpoint
	accusations []string
	took        time.Duration
}

// atOnce is how many endpoints are judged at the same time: most of them wait.
const atOnce = 8

// results are those of all endpoints, or of those that GALLERY names.
var results = sync.OnceValue(func() []result {
	chosen := gallery.Endpoints()
	if only := os.Getenv("GALLERY"); only != "" {
		chosen = slices.DeleteFunc(chosen, func(e gallery.Endpoint) bool { return !slices.Contains(strings.Split(only, ","), e.Name) })
	}
	if race.Enabled() { // one in twelve: nothing is shared between endpoints, and each takes long
		chosen = slices.DeleteFunc(chosen, func(e gallery.Endpoint) bool { return len(e.Peculiar)%12 != 0 })
	}
	all := make([]result, len(chosen))
	slots := make(chan struct{}, atOnce)
	var judging sync.WaitGroup
	for i, e := range chosen {
		judging.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			began := time.Now()
			all[i] = result{e, judge(e), time.Since(began)}
		})
	}
	judging.Wait()
	return all
})

func judge(e gallery.Endpoint) []string {
	served := lab(e)
	defer served.Close()
	judged, err := engine.Judge(context.Background(), served, cases(), engine.Options{Jobs: 6, Seed: 1})
	if err != nil {
		return []string{err.Error()}
	}
	return accusations(judged)
}

func TestNoEndpointIsAccused(t *testing.T) {
	for _, r := range results() {
		t.Run(r.endpoint.Name, func(t *testing.T) {
			for _, accusation := range r.accusations[:min(len(r.accusations), 5)] {
				t.Error(accusation)
			}
			t.Logf("%d accusations, %s", len(r.accusations), r.took.Round(time.Millisecond))
		})
	}
}
