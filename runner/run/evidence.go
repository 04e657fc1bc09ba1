package run

import (
	"context"
	"path"
	"runtime"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/runner/evidence"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// beginEvidence marks the folder for evidence as incomplete; it gives nil if none is
// kept.
func (o Options) beginEvidence(lab *Lab, started time.Time) (*evidence.Folder, error) {
	if o.Evidence == "" {
		return nil, nil
	}
	cases := o.Selection.profile().Catalogue()
	return evidence.Begin(o.Evidence, evidence.Manifest{
		Tool: o.Tool, Started: started.UTC().Truncate(time.Millisecond), Target: lab.Target, Seed: o.Seed,
		Catalogue: evidence.Catalogue{Digest: suite.CatalogueDigest(cases), Cases: len(cases)},
	})
}

// finishEvidence writes what was observed, and says where.
func (o Options) finishEvidence(f *evidence.Folder, judged engine.Judgement, facts report.Facts, setup []report.SetupMistake) error {
	if f == nil {
		return nil
	}
	digest, err := f.Finish(evidence.Run{
		Tier: facts.Tier.String(), Profile: facts.Profile, Patterns: o.Selection.Patterns, Destructive: o.Selection.Destructive, Target: facts.Target,
		Took: facts.Took, Command: facts.Command, SelfCheck: facts.SelfCheck, Measurements: facts.Measurements, Setup: setup, Observed: judged.Evidence(),
	})
	if err != nil {
		return page.CouldNotJudge("see whether there is room for it", "%v", err)
	}
	o.Announce("evidence: %s; SHA-256 of its SHA256SUMS: %s", o.Evidence, digest)
	return nil
}

// FromOptions are the options of [FromEvidence].
type FromOptions struct {
	Folder    string           // that a run wrote
	Baseline  *report.Baseline // known violations; nil: none are excused
	Gate      report.Gate      // what conforming requires besides the MUSTs that are judged
	Catalogue string           // the version of the catalogue that is scored; empty: the newest
	Tool      report.Tool      // the program that judges
}

// FromEvidence judges what a run observed, by today's catalogue and without the target.
// The error, which is a [*page.Error], says why there is no report.
func FromEvidence(ctx context.Context, o FromOptions) (report.Report, error) {
	r, err := fromEvidence(ctx, o)
	return r, Describe(err)
}

func fromEvidence(ctx context.Context, o FromOptions) (report.Report, error) {
	pinned, err := Options{Catalogue: o.Catalogue}.pinned()
	if err != nil {
		return report.Report{}, err
	}
	c, err := evidence.Read(o.Folder)
	if err != nil {
		return report.Report{}, err
	}
	selection := Selection{Patterns: c.Run.Patterns, Tier: TierOf(c.Run.Tier), Profile: c.Run.Profile, Destructive: c.Run.Destructive}
	chosen, err := selection.chooseAgain(c.Run.Observed.Cases)
	if err != nil {
		return report.Report{}, err
	}
	judged, differences, err := engine.JudgeEvidence(c.Run.Observed, chosen.Cases, selection.profile())
	if err != nil {
		return report.Report{}, page.Usage("judge a folder just as `countersign run --evidence` wrote it", "%s is no evidence of a run: %v", o.Folder, err)
	}
	if judged.Incomplete != "" {
		judged.Incomplete = interrupted
	}
	facts := report.Facts{
		Tool: o.Tool, Target: c.Run.Target, Tier: selection.Tier, Profile: selection.profile(), Available: len(selection.Available()), Seed: c.Manifest.Seed,
		Started: c.Manifest.Started, Took: c.Run.Took, SelfCheck: c.Run.SelfCheck, Added: chosen.Added, Command: c.Run.Command,
		Baseline: o.Baseline, Gate: o.Gate, Pinned: pinned, Measurements: c.Run.Measurements,
		Evidence: &report.EvidenceSource{
			SHA256: c.Digest, Tool: c.Manifest.Tool, SameCatalogue: suite.CatalogueDigest(selection.profile().Catalogue()) == c.Manifest.Catalogue.Digest,
			Absent: differences.Absent, Changed: differences.Changed, Removed: differences.Removed,
		},
	}
	if facts.SelfCheck.Misjudged == "" { // what judges now is checked, too
		options := engine.Options{Jobs: runtime.NumCPU(), Seed: c.Manifest.Seed, Profile: selection.profile()}
		if facts.SelfCheck, err = SelfCheck(ctx, Judged(chosen.Cases, options)); err != nil {
			return report.Report{}, err
		}
	}
	return report.New(judged, facts).WithSetup(c.Run.Setup), nil
}

// TierOf is the tier with a name; the default one, where no tier has it.
func TierOf(name string) suite.Tier {
	for _, tier := range []suite.Tier{suite.Smoke, suite.Deep} {
		if tier.String() == name {
			return tier
		}
	}
	return suite.Default
}

// chooseAgain chooses by today's catalogue, and whatever there is evidence of besides.
// A pattern that matches nothing any more chooses nothing.
func (s Selection) chooseAgain(gathered []engine.CaseEvidence) (chosen Choice, err error) {
	today := s
	today.Patterns = slices.DeleteFunc(slices.Clone(s.Patterns), func(pattern string) bool {
		return !slices.ContainsFunc(s.profile().Catalogue(), func(c suite.Case) bool {
			matches, _ := path.Match(pattern, c.ID) // one that is ill-formed matches nothing
			return matches && (s.includes(c) || pattern == c.ID)
		})
	})
	chosen = Choice{Added: map[string]bool{}}
	if len(s.Patterns) == 0 || len(today.Patterns) > 0 {
		if chosen, err = today.Choose(); err != nil {
			return chosen, err
		}
	}
	there := map[string]bool{}
	for _, c := range chosen.Cases {
		there[c.ID] = true
	}
	known := map[string]suite.Case{}
	for _, c := range s.profile().Catalogue() {
		known[c.ID] = c
	}
	for _, e := range gathered {
		if c, exists := known[e.Case]; exists && !there[e.Case] {
			chosen.Cases = append(chosen.Cases, c)
		}
	}
	return chosen, nil
}
