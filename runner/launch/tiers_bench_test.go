package launch

import (
	"context"
	"os/exec"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// BenchmarkTiers takes the time of each tier on npm inngest's default version,
// installed beforehand. The tiers mean to stay under 5 s (smoke) and 30 s
// (default) on two cores; deep takes what it takes.
//
//	go test ./runner/launch -run '^$' -bench Tiers -benchtime 3x
func BenchmarkTiers(b *testing.B) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skipf("SKIPPED: there is no %s on this machine", tool)
		}
	}
	for _, tier := range []suite.Tier{suite.Smoke, suite.Default, suite.Deep} {
		b.Run(tier.String(), func(b *testing.B) { judgeTier(b, tier) })
	}
}

func judgeTier(b *testing.B, tier suite.Tier) {
	description, err := Find("inngest-js")
	if err != nil {
		b.Fatal(err)
	}
	lab, err := New(description, "", Options{Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer lab.Close()
	if err := lab.Prepare(context.Background()); err != nil {
		b.Fatal(err)
	}
	var cases []suite.Case
	for _, c := range suite.Catalogue() {
		if tier.Includes(c.Tier) && !c.Destructive {
			cases = append(cases, c)
		}
	}
	for b.Loop() {
		if _, err := engine.Judge(context.Background(), lab, cases, engine.Options{Jobs: 2, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(cases)), "cases")
}
