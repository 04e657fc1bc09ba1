package fuzzing

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/wire"
)

// inspection is a signed request to a target, ready to be sent.
func inspection(t testing.TB, lab engine.Lab) (engine.Target, suite.Request) {
	t.Helper()
	target, err := lab.Start(t.Context(), suite.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(target.Stop)
	return target, suite.Make(suite.Introspect{}, suite.Scene{
		Keys: lab.Keys(), Now: time.Now(), Nonce: "01ABCDEFGHIJKLMNOPQRSTUVWX", Path: target.Path(), Host: target.Host(),
	}).Request
}

const senders = 8

// BenchmarkSender compares the sender with wrk, which is a C program, against the
// same endpoint in this process, one after the other; and then the whole fuzzer,
// which draws, signs and judges besides. The README of fuzz has its table.
func BenchmarkSender(b *testing.B) {
	wrk, err := exec.LookPath("wrk")
	if err != nil {
		b.Skip("there is no wrk: apt-get install wrk")
	}
	lab := launch.Embedded(launch.Options{KeepAlive: true})
	defer lab.Close()
	target, r := inspection(b, lab)
	for b.Loop() {
		theirs := byWrk(b, wrk, target, r)
		ours := bySender(b, target, r)
		b.ReportMetric(ours, "ours/s")
		b.ReportMetric(theirs, "wrk/s")
		b.ReportMetric(ours/theirs, "ratio")
		b.ReportMetric(byFuzzer(b, lab), "fuzzed/s")
	}
}

const lasting = 5 * time.Second

func bySender(b *testing.B, target engine.Target, r suite.Request) float64 {
	client := wire.Client{Address: target.Host(), KeepAlive: true}
	defer client.Close()
	ctx, cancel := context.WithTimeout(b.Context(), lasting)
	defer cancel()
	var sent atomic.Int64
	var working sync.WaitGroup
	started := time.Now()
	for range senders {
		working.Go(func() {
			for ctx.Err() == nil {
				if response, err := client.Do(ctx, r); err == nil && response.Status == http.StatusOK {
					sent.Add(1)
				}
			}
		})
	}
	working.Wait()
	return float64(sent.Load()) / time.Since(started).Seconds()
}

func byFuzzer(b *testing.B, lab engine.Lab) float64 {
	started := time.Now()
	campaign, err := live.Fuzz(b.Context(), lab, live.Options{Seed: 1, For: lasting, Workers: senders})
	if err != nil || len(campaign.Findings) > 0 {
		b.Fatalf("%v, %d findings", err, len(campaign.Findings))
	}
	return float64(campaign.Requests) / time.Since(started).Seconds()
}

var rate = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)

func byWrk(b *testing.B, wrk string, target engine.Target, r suite.Request) float64 {
	args := []string{"-t2", fmt.Sprintf("-c%d", senders), "-d" + lasting.String()}
	for _, f := range r.Header {
		args = append(args, "-H", f.Name+": "+f.Value)
	}
	output, err := exec.CommandContext(b.Context(), wrk, append(args, "http://"+target.Host()+target.Path())...).CombinedOutput()
	found := rate.FindSubmatch(output)
	if err != nil || found == nil {
		b.Fatalf("wrk: %v\n%s", err, output)
	}
	perSecond, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return perSecond
}
