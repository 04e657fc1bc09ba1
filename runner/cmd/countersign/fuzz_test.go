package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/fuzzing"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

func TestFuzzMisuse(t *testing.T) {
	folder := t.TempDir()
	for name, test := range map[string]struct {
		args  []string
		words []string
	}{
		"an argument":           {[]string{"fuzz", "inngest-js"}, []string{"--target inngest-js"}},
		"a shard of nothing":    {[]string{"fuzz", "--shard", "5/4"}, []string{"--shard 2/4"}},
		"a shard gone wrong":    {[]string{"fuzz", "--shard", "1/2/3"}, []string{"--shard 2/4"}},
		"no time":               {[]string{"fuzz", "--for", "0s"}, []string{"--for"}},
		"no requests":           {[]string{"fuzz", "--requests", "0"}, []string{"--requests"}},
		"less than no time":     {[]string{"fuzz", "--for", "-1s"}, []string{"--for"}},
		"a shard without any":   {[]string{"fuzz", "--requests", "5", "--shard", "9/10"}, []string{"--requests 5", "fewer shards"}},
		"a cut too fine":        {[]string{"fuzz", "--requests", "5", "--shard", "1/10"}, []string{"--requests 5", "10 shards"}},
		"nobody to send":        {[]string{"fuzz", "--workers", "0"}, []string{"--workers"}},
		"attach flags alone":    {[]string{"fuzz", "--allow-sync"}, []string{"--url"}},
		"no finding":            {[]string{"replay"}, []string{"one finding"}},
		"a finding of nothing":  {[]string{"replay", folder}, []string{"finding.json"}},
		"a candidate of none":   {[]string{"promote", folder}, []string{"finding.json"}},
		"shards without a goal": {[]string{"merge", folder}, []string{"--into"}},
		"a shard of none":       {[]string{"merge", folder, "--into", folder + "/all"}, []string{"campaign.json"}},
		"a shard as the goal":   {[]string{"merge", folder + "/other", folder, "--into", folder + "/."}, []string{"the folder of a shard", "another folder"}},
	} {
		t.Run(name, func(t *testing.T) {
			call(t, nil, test.args...).want(t, 2, append(test.words, "countersign: ", "hint: ")...)
		})
	}
}

func TestFuzzTheReference(t *testing.T) {
	folder := t.TempDir()
	got := call(t, nil, "fuzz", "--requests", "300", "--seed", "1", "--findings", filepath.Join(folder, "f"), "--corpus", folder, "--quiet")
	got.want(t, 0, "0 findings", "seed 1")
	if _, err := os.Stat(filepath.Join(folder, "reference.json")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "f")); err == nil {
		t.Error("a folder without findings was made")
	}
}

// A folder that is there already gets the new record; an old one would name
// findings that are gone.
func TestACleanRunReplacesTheRecord(t *testing.T) {
	longtest.Skip(t)
	folder := t.TempDir()
	old := fuzzing.Record{Schema: "urn:countersign:fuzz-campaign:2", Target: "reference", Seed: 7, Findings: []string{"crash-00000000"}}
	if err := old.Save(folder); err != nil {
		t.Fatal(err)
	}
	call(t, nil, "fuzz", "--requests", "20", "--seed", "1", "--findings", folder, "--no-corpus", "--quiet").want(t, 0, "0 findings")
	if r, err := fuzzing.ReadRecord(folder); err != nil || r.Seed != 1 || len(r.Findings) != 0 || r.Indexes != 20 {
		t.Errorf("%v: %+v", err, r)
	}
}

// Where time is over before all requests are made, the result is no verdict.
func TestTimeOverBeforeAllRequests(t *testing.T) {
	folder := t.TempDir()
	got := call(t, nil, "fuzz", "--requests", "100000000", "--for", "200ms", "--shard", "2/4", "--seed", "1", "--findings", folder, "--no-corpus", "--quiet")
	got.want(t, 3, "time was over after ", " of 25000000 requests")
	if r, err := fuzzing.ReadRecord(folder); err != nil || !strings.Contains(r.Incomplete, "time was over") || r.For != "200ms" {
		t.Errorf("%v: %+v", err, r)
	}
	call(t, nil, "merge", folder, "--into", filepath.Join(folder, "all")).want(t, 2, "shard 2 of 4 has a gap", "time was over", "hint: fuzz that shard again")
}

// Shards are merged into a folder that is none of theirs.
func TestMergeFromEndToEnd(t *testing.T) {
	longtest.Skip(t)
	folder := t.TempDir()
	one, two, all := filepath.Join(folder, "one"), filepath.Join(folder, "two"), filepath.Join(folder, "all")
	link := filepath.Join(folder, "link")
	if err := os.Symlink(one, link); err != nil {
		t.Skipf("there are no links here: %v", err)
	}
	for shard, place := range map[string]string{"1/2": one, "2/2": two} {
		call(t, nil, "fuzz", "--for", "200ms", "--shard", shard, "--seed", "1", "--findings", place, "--no-corpus", "--quiet").want(t, 0, "0 findings")
	}
	before, err := os.ReadFile(filepath.Join(one, "campaign.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, into := range []string{one, link, folder + "/two/../one"} {
		call(t, nil, "merge", one, two, "--into", into).want(t, 2, "the folder of a shard", "hint: choose another folder")
	}
	if after, err := os.ReadFile(filepath.Join(one, "campaign.json")); err != nil || string(after) != string(before) {
		t.Errorf("%v: the shard's record is another one now", err)
	}
	call(t, nil, "merge", one, two, "--into", all).want(t, 0, "0 findings", "limited by time", "without a gap")
	if r, err := fuzzing.ReadRecord(all); err != nil || len(r.Drawn) != 2 || r.Complete == 0 {
		t.Errorf("%v: %+v", err, r)
	}
}

// replayOfAFolder: what a finding names is not run, unless a person names it, too.
func replayOfAFolder(t *testing.T, finding, url string) {
	t.Helper()
	file, folder := filepath.Join(finding, "finding.json"), brokenTarget(t, "none", "capabilities: [{name: trust-probe}]\n")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	moved := t.TempDir()
	for _, named := range []string{folder, folder + "/target.yaml", "mine", "./mine@1.0.0", "../../evil"} {
		if err := os.WriteFile(filepath.Join(moved, "finding.json"), []byte(strings.ReplaceAll(string(text), url, named)), 0o600); err != nil {
			t.Fatal(err)
		}
		call(t, nil, "replay", moved, "--quiet").want(t, 2, "not a built-in target", "--target FOLDER")
	}
	call(t, nil, "replay", moved, "--target", folder, "--quiet").want(t, 0, "does not reproduce on mine")
}

// A broken endpoint is detected over HTTP; the finding is replayed, promoted and
// merged.
func TestFuzzFromEndToEnd(t *testing.T) {
	longtest.Skip(t)
	folder := t.TempDir()
	url := serve(t, "future-unbounded")
	got := call(t, withKey(), "fuzz", "--rate", "0", "--url", url, "--requests", "500", "--workers", "1", "--seed", "1", "--findings", folder, "--no-corpus", "--quiet")
	got.want(t, 1, "false accept (MUST)", "time future (5m6s), signed", "R5")
	found, err := filepath.Glob(filepath.Join(folder, "*", "finding.json"))
	if err != nil || len(found) == 0 {
		t.Fatalf("%v, %d findings", err, len(found))
	}
	finding := filepath.Dir(found[0])
	call(t, withKey(), "replay", finding, "--quiet").want(t, 1, "reproduces on")
	call(t, withKey(), "replay", finding, "--url", serve(t, ""), "--quiet").want(t, 0, "does not reproduce on")
	for origin, want := range map[string]string{url: "HTTP/1.1 200 OK", serve(t, ""): "the request was refused"} {
		if said := byScript(t, finding, strings.TrimSuffix(origin, "/api/inngest")); !strings.Contains(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
	}
	replayOfAFolder(t, finding, url)
	call(t, nil, "promote", finding).want(t, 0, "candidate.json", "candidate.go.txt")
	call(t, nil, "promote", "--check", filepath.Join(finding, "candidate.json")).want(t, 1, "clause", "level", "risk")
	candidate := filepath.Join(finding, "candidate.json")
	text, err := os.ReadFile(candidate)
	if err != nil {
		t.Fatal(err)
	}
	filled := strings.NewReplacer(`"id": ""`, `"id": "receiving.far-future"`, `"clause": ""`, `"clause": "SPEC 4.1.3(4)"`, `"level": ""`, `"level": "MUST"`, `"risk": ""`, `"risk": "replay"`,
		`"comment": ""`, `"comment": "a signature from the far future is refused"`, `"flags": []`, `"flags": ["Future"]`, `"source": ""`, `"source": "KEYS 3"`).Replace(string(text))
	if err := os.WriteFile(candidate, []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
	call(t, nil, "promote", "--check", candidate).want(t, 0, `ID: "receiving.far-future", Clause: cite("4.1.3", 4), Source: "KEYS 3",`, "Level: Must, Risk: Replay,", "Age: -306 * time.Second", "Then: refused(),")
	call(t, nil, "merge", folder, "--into", filepath.Join(folder, "all")).want(t, 1, "in ")
	call(t, nil, "merge", folder, folder, "--into", filepath.Join(folder, "all")).want(t, 2, "twice")
}

// byScript sends a finding with sh, openssl and curl only.
func byScript(t *testing.T, finding, origin string) string {
	t.Helper()
	for _, program := range []string{"sh", "openssl", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: a finding's script is NOT run, because %s is not installed", program)
		}
	}
	script := exec.CommandContext(t.Context(), "sh", filepath.Join(finding, "request.sh"), origin)
	script.Env = append(os.Environ(), reference.EnvSigningKey+"="+key)
	said, err := script.Output()
	if err != nil {
		t.Errorf("%v: %s", err, said)
	}
	return string(said)
}

func TestFuzzVoid(t *testing.T) {
	longtest.Skip(t)
	url := serveHandler(t, always(500))
	call(t, withKey(), "fuzz", "--rate", "0", "--url", url, "--requests", "10", "--no-corpus", "--quiet").want(t, 4, "void")
}

func TestFindingsShowNoKey(t *testing.T) {
	folder := t.TempDir()
	call(t, withKey(), "fuzz", "--rate", "0", "--url", serve(t, "absence-is-enough"), "--requests", "300", "--seed", "1", "--findings", folder, "--no-corpus", "--quiet").want(t, 1)
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), key[len("signkey-test-"):]) {
			t.Errorf("the key stands in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// An interrupted campaign judged nothing to the end, and keeps what it has.
func TestInterruptedFuzzing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	callIn(t, ctx, nil, "fuzz", "--for", "10m", "--no-corpus", "--quiet", "--findings", t.TempDir()).want(t, 3, "interrupted")

	folder := t.TempDir()
	again, stop := context.WithCancel(t.Context())
	go func() {
		for range time.Tick(10 * time.Millisecond) {
			if found, _ := filepath.Glob(filepath.Join(folder, "*", "finding.json")); len(found) > 0 || again.Err() != nil {
				stop()
				return
			}
		}
	}()
	defer stop()
	got := callIn(t, again, withKey(), "fuzz", "--rate", "0", "--url", serve(t, "future-unbounded"), "--for", "5m", "--seed", "1", "--no-corpus", "--quiet", "--findings", folder)
	got.want(t, 1, "time future (5m6s), signed")
	if found, err := filepath.Glob(filepath.Join(folder, "*", "finding.json")); err != nil || len(found) == 0 {
		t.Errorf("%v, nothing is kept", err)
	}
}

// inFront is a server in front of a correct endpoint that may respond in its place.
func inFront(t *testing.T, responds func(http.ResponseWriter, *http.Request) bool) string {
	t.Helper()
	env := map[string]string{reference.EnvSigningKey: key}
	endpoint := inprocess.Reference(func(name string) string { return env[name] })
	return serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !responds(w, r) {
			endpoint.ServeHTTP(w, r)
		}
	}))
}

func fuzzed(t *testing.T, url, folder string, more ...string) result {
	t.Helper()
	return call(t, withKey(), append([]string{"fuzz", "--rate", "0", "--url", url, "--requests", "600", "--seed", "1", "--no-corpus", "--quiet", "--findings", folder}, more...)...)
}

func TestAConnectionThatEndsWithoutAnAnswerIsFound(t *testing.T) {
	longtest.Skip(t)
	url := inFront(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Cookie") != "" {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	fuzzed(t, url, t.TempDir()).want(t, 1, "crash (MUST): ", "field cookie", "the connection ended before the response was")
}

func TestALimiterIsNoFinding(t *testing.T) {
	longtest.Skip(t)
	var heard atomic.Int64
	url := inFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
		if heard.Add(1) > 300 {
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		return false
	})
	fuzzed(t, url, t.TempDir()).want(t, 3, "something limits the rate", "0 findings")
}

func TestSignaturesMayBeTakenOnlyOnce(t *testing.T) {
	longtest.Skip(t)
	var before sync.Map
	url := inFront(t, func(w http.ResponseWriter, r *http.Request) bool {
		signature := r.Header.Get(reference.HeaderSignature)
		if _, known := before.LoadOrStore(signature, true); known && signature != "" {
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		return false
	})
	fuzzed(t, url, t.TempDir(), "--workers", "1").want(t, 0, "0 findings")
}

func TestReplaySendsOnlyWhatItMay(t *testing.T) {
	folder := t.TempDir()
	fuzzed(t, serve(t, "future-unbounded"), folder, "--allow-sync").want(t, 1)
	found, err := filepath.Glob(filepath.Join(folder, "*", "finding.json"))
	if err != nil || len(found) == 0 {
		t.Fatalf("%v, nothing is found", err)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	put := regexp.MustCompile(`"base": "[^"]+"`).ReplaceAllString(string(text), `"base": "in-band sync"`)
	puts := 0
	url := inFront(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			puts++
		}
		return false
	})
	finding := file(t, "finding.json", put)
	call(t, withKey(), "replay", finding, "--url", url, "--quiet").want(t, 2, "--allow-sync")
	if puts > 0 {
		t.Errorf("%d PUTs were sent", puts)
	}
	call(t, withKey(), "replay", finding, "--url", url, "--quiet", "--allow-sync").want(t, 0, "does not reproduce")
}

func TestFuzzingBeginsOnlyWhereItCanKeepItsFindings(t *testing.T) {
	notAFolder := file(t, "file", "")
	for _, flag := range []string{"--findings", "--corpus"} {
		call(t, nil, "fuzz", "--requests", "10", "--quiet", flag, filepath.Join(notAFolder, "x")).want(t, 2, "nothing can be written to", "hint: ")
	}
	call(t, nil, "fuzz", "--requests", "10", "--quiet", "--destructive").want(t, 2, "--url")
}

// Findings are printed also where time is over before all requests are made. The
// corpus holds what shows the finding at once.
func TestTimeOverWithFindings(t *testing.T) {
	longtest.Skip(t)
	url, folder, corpus := serve(t, "future-unbounded"), t.TempDir(), t.TempDir()
	known := fuzzing.Corpus{Target: url, Inputs: []live.Input{{
		Base: live.Introspect, Steps: []live.Step{{Op: "time", Form: "far future", N: 86400, Signed: true}},
	}}}
	if err := known.Save(fuzzing.CorpusFile(corpus, url)); err != nil {
		t.Fatal(err)
	}
	got := call(t, withKey(), "fuzz", "--rate", "0", "--url", url, "--requests", "100000000", "--for", "3s", "--seed", "1", "--findings", folder, "--corpus", corpus, "--quiet")
	got.want(t, 1, "false accept (MUST)", "incomplete: time was over after ", " of 100000000 requests")
}

// What is said before the first request is what is then sent.
func TestFuzzSaysWhatItSends(t *testing.T) {
	endpoint := inprocess.Reference(func(name string) string { return map[string]string{reference.EnvSigningKey: key}[name] })
	folder := t.TempDir()
	var sent, puts, named atomic.Int32
	url := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent.Add(1)
		if r.Method == http.MethodPut {
			puts.Add(1)
		}
		if strings.Contains(r.URL.RawQuery, suite.EchoID) {
			named.Add(1)
		}
		endpoint.ServeHTTP(w, r)
	}))
	got := call(t, withKey(), "fuzz", "--rate", "0", "--url", url, "--requests", "300", "--seed", "1", "--no-corpus", "--findings", folder)
	got.want(t, 0, "300 requests will be sent to "+url+", as fast as it responds", "methods other than PUT", "No request names a function that exists")
	if sent.Load() < 300 || puts.Load() > 0 || named.Load() > 0 {
		t.Errorf("%d requests, %d of them PUT, %d that name the function", sent.Load(), puts.Load(), named.Load())
	}
	call(t, withKey(), "fuzz", "--url", url, "--for", "1s", "--seed", "1", "--no-corpus", "--findings", folder).want(t, 0, "for at most 1s, at most 100 requests", "at most 100 per second")
	call(t, withKey(), "fuzz", "--rate", "0", "--url", url, "--requests", "300", "--shard", "1/3", "--for", "1m", "--seed", "1", "--no-corpus", "--findings", folder).
		want(t, 0, "for at most 1m0s, 100 requests will be sent")
}
