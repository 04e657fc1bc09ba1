package gallery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/gallery"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// cases are those of the default tier, and those with bodies that only some parsers
// read, which may end an endpoint, but none of these.
func cases() []suite.Case {
	return slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool {
		return !suite.Default.Includes(c.Tier) || c.Destructive && !strings.HasPrefix(c.ID, "bodies.")
	})
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
	all := make([]result, len(chosen))
	slots := make(chan struct{}, atOnce)
	var judging sync.WaitGroup
	for i, e := range chosen {
		judging.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			began := time.Now()
			all[i] = result{e, judge(e, i%byEvidence == 0), time.Since(began)}
		})
	}
	judging.Wait()
	return all
})

// byEvidence: one endpoint in so many is judged again by the evidence of its run, which
// takes longer than the run.
const byEvidence = 12

func judge(e gallery.Endpoint, again bool) []string {
	served := e.Lab()
	defer served.Close()
	judged, err := engine.Judge(context.Background(), served, cases(), engine.Options{Jobs: 6, Seed: 1})
	if err != nil {
		return []string{err.Error()}
	}
	found := gallery.Accusations(judged)
	if again {
		found = append(found, otherwise(judged)...)
	}
	return found
}

// otherwise are the results that are others when they are judged again by the evidence
// of what was observed.
func otherwise(judged engine.Judgement) (differ []string) {
	e := judged.Evidence()
	var read engine.Evidence
	for from, to := range map[any]any{&e: &read, &e.Cases: &read.Cases, &e.Exchanges: &read.Exchanges} {
		text, err := json.Marshal(from)
		if err == nil {
			err = json.Unmarshal(text, to)
		}
		if err != nil {
			return []string{err.Error()}
		}
	}
	again, _, err := engine.JudgeEvidence(read, cases(), "")
	if err != nil || again.Void != judged.Void || len(again.Results) != len(judged.Results) {
		return []string{fmt.Sprintf("the evidence of %d results gives %d: void %q, %v", len(judged.Results), len(again.Results), again.Void, err)}
	}
	for i, a := range again.Results {
		if b := judged.Results[i]; a.Text("") != b.Text("") || a.Behaviour != b.Behaviour || a.Cause != b.Cause {
			differ = append(differ, fmt.Sprintf("by its evidence it is:\n%s\nand it was:\n%s", a.Text(""), b.Text("")))
		}
	}
	return differ
}

func TestNoEndpointIsAccused(t *testing.T) {
	longtest.Skip(t)
	for _, r := range results() {
		t.Run(r.endpoint.Name, func(t *testing.T) {
			for _, accusation := range r.accusations[:min(len(r.accusations), 5)] {
				t.Error(accusation)
			}
			t.Logf("%d accusations, %s", len(r.accusations), r.took.Round(time.Millisecond))
		})
	}
}

// An endpoint sends nothing any more once its target was stopped: the port of its API
// may be another one's by then.
func TestAStoppedEndpointIsSilent(t *testing.T) {
	e, found := gallery.Find("heartbeat")
	if !found {
		t.Fatal("there is no endpoint with a heartbeat")
	}
	var sent atomic.Int32
	endpoint := inprocess.Reference(func(string) string { return "" })
	endpoint.Do = func(*http.Request) (*http.Response, error) {
		sent.Add(1)
		return nil, http.ErrServerClosed
	}
	handler := e.Handler(endpoint, "/api/inngest")
	for waited := 0; sent.Load() == 0; waited++ {
		if time.Sleep(time.Millisecond); waited == 10_000 {
			t.Fatal("it has no heartbeat")
		}
	}
	if err := handler.(io.Closer).Close(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(10 * time.Millisecond) // for one that was being sent
	before := sent.Load()
	time.Sleep(100 * time.Millisecond) // five heartbeats
	if now := sent.Load(); now != before {
		t.Errorf("%d requests were sent after it was stopped", now-before)
	}
}
