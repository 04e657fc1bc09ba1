package gallerytest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite/gallery"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// column is a way to judge endpoints.
type column struct {
	name  string
	judge func(context.Context, *subject) []string // gives what it is accused of
	has   func(gallery.Endpoint) bool              // nil: every endpoint
	// atOnce is how many endpoints are judged at the same time.
	atOnce int
	// elsewhere: an ordinary test of another package judges all endpoints in this way.
	elsewhere bool
	// forgives: accusations are counted, and no error.
	forgives bool
}

var columns = []column{
	{name: "in-process", judge: inProcess, atOnce: 8, elsewhere: true},
	{name: "attached", judge: attachedByProbe, atOnce: 8},
	{name: "attached-call", judge: attachedByCall, atOnce: 8},
	{name: "launched", judge: launched, has: process, atOnce: 4},
	{name: "fuzzed", judge: fuzzed, atOnce: 4},
	{name: "before", judge: judgedBefore, has: func(gallery.Endpoint) bool { return before() != "" }, atOnce: 4, elsewhere: true, forgives: true},
}

// subject is an endpoint while it is judged.
type subject struct {
	gallery.Endpoint
	t        *testing.T
	requests atomic.Int64 // that it got
}

// rows are the endpoints that GALLERY names, or all of them, or a twelfth.
func rows() []gallery.Endpoint {
	all := gallery.Endpoints()
	switch only := os.Getenv("GALLERY"); only {
	case "":
		return slices.DeleteFunc(all, func(e gallery.Endpoint) bool { return len(e.Peculiar)%12 != 0 })
	case "all":
		return slices.Concat(all, startedOddly)
	default:
		return slices.DeleteFunc(slices.Concat(all, startedOddly), func(e gallery.Endpoint) bool { return !slices.Contains(strings.Split(only, ","), e.Name) })
	}
}

func chosen() []column {
	only := os.Getenv("COLUMNS")
	return slices.DeleteFunc(slices.Clone(columns), func(c column) bool {
		if only != "" {
			return !slices.Contains(strings.Split(only, ","), c.name)
		}
		return c.elsewhere && os.Getenv("GALLERY") == ""
	})
}

// cell is what came of judging one endpoint in one way.
type cell struct {
	requests    int64
	accusations []string
	took        time.Duration
	judged      bool
}

func (c cell) String() string {
	switch {
	case !c.judged:
		return "-"
	case len(c.accusations) == 0:
		return fmt.Sprintf("%d ok", c.requests)
	}
	return fmt.Sprintf("%d, %d FOUND", c.requests, len(c.accusations))
}

func TestNoEndpointIsAccused(t *testing.T) {
	longtest.Skip(t)
	endpoints := rows()
	table := map[string][]cell{} // by column
	var mu sync.Mutex
	var judging sync.WaitGroup
	for _, c := range chosen() {
		judging.Go(func() { // most of the time they wait
			began := time.Now()
			cells := c.judgeAll(t, endpoints)
			t.Logf("%s: %s", c.name, time.Since(began).Round(time.Second))
			mu.Lock()
			defer mu.Unlock()
			table[c.name] = cells
		})
	}
	judging.Wait()
	if os.Getenv("GALLERY") != "" {
		print(endpoints, table)
	}
}

func (c column) judgeAll(t *testing.T, endpoints []gallery.Endpoint) []cell {
	cells := make([]cell, len(endpoints))
	slots := make(chan struct{}, c.atOnce)
	var judging sync.WaitGroup
	for i, e := range endpoints {
		if c.has == nil && !oddly(e) || c.has != nil && c.has(e) {
			judging.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				cells[i] = c.judgeOne(t, e)
			})
		}
	}
	judging.Wait()
	return cells
}

// patience is how long judging one endpoint in one way may take.
const patience = time.Hour

func (c column) judgeOne(t *testing.T, e gallery.Endpoint) cell {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tried := &subject{t: t}
	tried.Endpoint = counted(e, &tried.requests)
	began := time.Now()
	found := c.judge(ctx, tried)
	if !c.forgives {
		for _, accusation := range found {
			t.Errorf("%s, %s: %s", e.Name, c.name, accusation)
		}
	}
	return cell{tried.requests.Load(), found, time.Since(began), true}
}

// counted is an endpoint whose requests are counted.
func counted(e gallery.Endpoint, requests *atomic.Int64) gallery.Endpoint {
	wrap := e.Wrap
	e.Wrap = func(next http.Handler) http.Handler {
		if wrap != nil {
			next = wrap(next)
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			next.ServeHTTP(w, r)
		})
	}
	return e
}

// print prints the table: endpoints and columns.
func print(endpoints []gallery.Endpoint, table map[string][]cell) {
	line := func(first string, text func(column) string) {
		fmt.Printf("%-44s", first)
		for _, c := range chosen() {
			fmt.Printf("  %-14s", text(c))
		}
		fmt.Println()
	}
	line("endpoint: requests, findings", func(c column) string { return c.name })
	for i, e := range endpoints {
		line(e.Name, func(c column) string { return table[c.name][i].String() })
	}
	line(fmt.Sprintf("%d endpoints", len(endpoints)), func(c column) string {
		all := cell{judged: true}
		for _, each := range table[c.name] {
			all.requests += each.requests
			all.accusations = append(all.accusations, each.accusations...)
		}
		return all.String()
	})
}
