package sweep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite/engine"
)

// planOf is a sweep over versions whose verdicts are written as letters.
func planOf(text string, judged *[]string) plan {
	p := plan{target: "sdk", cases: []string{"a"}, max: 1000, say: func(string, ...any) {}}
	truth := map[string]Version{}
	for _, v := range row(text) {
		truth[v.Version], p.versions = v, append(p.versions, v.Version)
	}
	p.judge = func(_ context.Context, version string) (Version, error) {
		*judged = append(*judged, version)
		return truth[version], nil
	}
	return p
}

func TestSweepsJudgeEveryVersionInOrder(t *testing.T) {
	var judged []string
	versions, err := planOf("xx-++", &judged).run(t.Context())
	if err != nil || strings.Join(judged, " ") != "1.0.0 1.1.0 1.2.0 1.3.0 1.4.0" {
		t.Errorf("judged %v: %v", judged, err)
	}
	if versions[2].State != NotInstalled || versions[4].verdict("a") != engine.Pass {
		t.Errorf("%+v", versions)
	}
}

func TestBisections(t *testing.T) {
	for text, want := range map[string]struct {
		most int // versions judged
		text string
	}{
		strings.Repeat("x", 37) + strings.Repeat("+", 63): {2 + 7, "passes from 1.37.0 on"},
		strings.Repeat("+", 99) + "x":                     {2 + 7, "passes up to 1.98.0, fails from 1.99.0 on"},
		strings.Repeat("+", 100):                          {2, "always passes"},
		strings.Repeat("x", 100):                          {2, "never passes"},
		"+":                                               {1, "always passes"},
		"x+":                                              {2, "passes from 1.1.0 on"},
		"---xx++":                                         {7, "passes from 1.5.0 on; unknown in 1.0.0–1.2.0"},
		"xx---++":                                         {7, "passes from 1.5.0 on; unknown in 1.2.0–1.4.0"},
		"xx??++":                                          {6, "passes from 1.4.0 on; unknown in 1.2.0–1.3.0"},
		"----":                                            {4, "unknown"},
		"nnnnxx++":                                        {7, "passes from 1.6.0 on; not applicable to 1.0.0–1.3.0"},
	} {
		var judged []string
		p := planOf(text, &judged)
		p.bisect = true
		versions, err := p.run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := find(versions, "a"); got.Text != want.text || len(judged) > want.most {
			t.Errorf("%s: %s after %d versions; want %s after at most %d", text, got.Text, len(judged), want.text, want.most)
		}
	}
}

func TestBisectionsStopAtTheirLimit(t *testing.T) {
	var judged []string
	p := planOf(strings.Repeat("x", 50)+strings.Repeat("+", 50), &judged)
	p.bisect, p.max = true, 4
	versions, err := p.run(t.Context())
	if err != nil || len(judged) != 4 {
		t.Fatalf("judged %v: %v", judged, err)
	}
	s := Sweep{Versions: versions, Cases: []CaseHistory{{ID: "a"}}, Bisected: true}
	if got := s.conclude(); got.ExitCode != 3 || !strings.Contains(find(versions, "a").Text, "unknown in") {
		t.Errorf("%+v, %+v", got, find(versions, "a"))
	}
}

func TestSweepsHaveATimeLimit(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for _, bisected := range []bool{false, true} {
		var judged []string
		p := planOf("xx++", &judged)
		p.bisect = bisected
		versions, err := p.run(ctx)
		if err != nil || len(judged) > 0 {
			t.Fatalf("judged %v: %v", judged, err)
		}
		s := Sweep{Versions: versions, Cases: []CaseHistory{{ID: "a"}}, Bisected: bisected}
		if got := s.conclude(); got.ExitCode != 3 {
			t.Errorf("%+v", got)
		}
	}
}

// What an interrupted sweep has judged is kept, if it has judged anything.
func TestInterruptedSweepsKeepWhatWasJudged(t *testing.T) {
	for before, want := range map[int]int{0: 0, 1: 1, 3: 3} {
		for _, bisected := range []bool{false, true} {
			ctx, interrupt := context.WithCancel(t.Context())
			var judged []string
			p := planOf("xx++", &judged)
			judge := p.judge
			p.bisect, p.judge = bisected, func(ctx context.Context, version string) (Version, error) {
				if len(judged) == before {
					interrupt()
					return Version{}, ctx.Err()
				}
				return judge(ctx, version)
			}
			versions, err := p.run(ctx)
			interrupt()
			s := Sweep{Versions: versions, Cases: []CaseHistory{{ID: "a"}}, Bisected: bisected}
			if before == 0 {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("nothing was judged: %v", err)
				}
			} else if got := s.conclude(); err != nil || len(s.in(Judged)) != want || got.ExitCode != 3 {
				t.Errorf("after %d, bisected %v: %v, %d judged, %+v", before, bisected, err, len(s.in(Judged)), got)
			}
		}
	}
}

func TestAnErrorOfTheMachineEndsTheSweep(t *testing.T) {
	var judged []string
	p := planOf("xx++", &judged)
	broken := errors.New("node is missing")
	p.judge = func(context.Context, string) (Version, error) { return Version{}, broken }
	if _, err := p.run(t.Context()); !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestProgressShowsTheResult(t *testing.T) {
	var judged []string
	var said strings.Builder
	p := planOf("x-", &judged)
	p.say = func(format string, args ...any) { fmt.Fprintf(&said, format+"\n", args...) }
	if _, err := p.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"[1/2] sdk@1.0.0: 1 fail", "[2/2] sdk@1.1.0: not installed"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is missing:\n%s", want, &said)
		}
	}
}
