package main

import (
	"path/filepath"
	"testing"

	"github.com/countersign-dev/countersign/suite/longtest"
)

// TestTheGate is the life of a baseline: a violation is found, written, excused,
// fixed, stale, and pruned; and the two reports are compared.
func TestTheGate(t *testing.T) {
	longtest.Skip(t)
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	broken, healthy := serve(t, "half-compared"), serve(t, "")
	judge := func(url, report string, more ...string) result {
		return call(t, withKey(), append([]string{"run", "--quiet", "--rate", "0", "--accept-probe", "--url", url, "--case", "headers.s-one-off", "--report", "json=" + in(report)}, more...)...)
	}
	judge(broken, "broken.json").want(t, 1)
	write := []string{"baseline", "write", in("broken.json"), "--into", in("known.yaml"), "--reason", "known", "--link", "https://example.com/1"}
	call(t, nil, write...).want(t, 0, "added headers.s-one-off", "1 entry added")
	call(t, nil, write...).want(t, 0, "0 entries added", "which had 1")
	judge(broken, "excused.json", "--baseline", in("known.yaml")).want(t, 0, "1 known violation excused")
	judge(healthy, "healthy.json", "--baseline", in("known.yaml")).want(t, 5, "SURPRISING  headers.s-one-off")
	call(t, nil, "baseline", "prune", in("broken.json"), "--from", in("known.yaml")).want(t, 0, "0 entries of 1 removed")
	call(t, nil, "baseline", "prune", in("healthy.json"), "--from", in("known.yaml")).want(t, 0, "removed headers.s-one-off")
	judge(healthy, "healthy.json", "--baseline", in("known.yaml")).want(t, 0)
	call(t, nil, append(write, "--expires", "2026-01-31")...).want(t, 0, "1 entry added")
	judge(broken, "expired.json", "--baseline", in("known.yaml")).want(t, 1, "EXPIRED  headers.s-one-off")
	judge(healthy, "expired.json", "--baseline", in("known.yaml")).want(t, 5, "An excuse has expired")

	call(t, nil, "diff", in("broken.json"), in("healthy.json")).want(t, 0, "Fixes (1)", "headers.s-one-off")
	call(t, nil, "diff", in("healthy.json"), in("broken.json")).want(t, 1, "Regressions (1)", "headers.s-one-off")
	call(t, nil, "diff", in("healthy.json"), in("excused.json"), "--json").want(t, 1, `"exitCode": 1`)
}

func TestTheCoreCannotBeExcused(t *testing.T) {
	longtest.Skip(t)
	folder := t.TempDir()
	report, into := filepath.Join(folder, "r.json"), filepath.Join(folder, "known.yaml")
	call(t, withKey(), "run", "--quiet", "--rate", "0", "--accept-probe", "--url", serve(t, "absence-is-enough"), "--case", "receiving.unsigned", "--report", "json="+report)
	call(t, nil, "baseline", "write", report, "--into", into, "--reason", "known", "--link", "https://example.com/1").want(t, 1, "not excused: receiving.unsigned")
}

func TestGateFlags(t *testing.T) {
	call(t, nil, "run", "--quiet", "--case", "receiving.signed", "--min-judged", "6").want(t, 3, "5 cases were judged, and --min-judged requires 6")
	call(t, nil, "run", "--quiet", "--case", "receiving.signed", "--min-judged", "5").want(t, 0)
	call(t, nil, "run", "--quiet", "--case", "receiving.signed", "--require", "should").want(t, 0)
	call(t, nil, "run", "--quiet", "--case", "receiving.signed", "--catalogue", "2026.1").want(t, 0, "scored by the catalogue 2026.1")
	call(t, nil, "run", "--quiet", "--catalogue", "1999.1").want(t, 2, "1999.1", "there are 2026.1")
	call(t, nil, "run", "--quiet", "--timeout", "1ns").want(t, 3, "longer than --timeout 1ns", "hint: ")
	t.Setenv("COUNTERSIGN_CACHE", t.TempDir())
	call(t, nil, "run", "--quiet", "--offline", "--target", "inngest-js").want(t, 3, "is not installed, and --offline forbids")
	call(t, nil, "run", "--require", "may").want(t, 2, `"may"`, "hint: ")
	call(t, nil, "run", "--offline", "--url", "http://127.0.0.1:1/").want(t, 2, "--offline requires --target", "hint: ")
	call(t, nil, "diff", "one.json").want(t, 2, "two JSON reports", "hint: ")
	call(t, nil, "baseline", "write", "one.json").want(t, 2, "--into, --reason and --link", "hint: ")
	call(t, nil, "baseline", "wirte").want(t, 2, "wirte", "did you mean write?")
}
