package hostile

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// The limits of a command, besides those in package limits.
const (
	timeLimit = 150 * time.Second
	// atOnce is how many commands run at the same time: most of them wait.
	atOnce = 14
)

// mayTake is how long a command may take. With the race detector, large bodies take up to
// fifteen times as long, and whole commands up to four times.
func mayTake() time.Duration {
	if raced() {
		return 4 * timeLimit
	}
	return timeLimit
}

// program builds the command line, or names one that is there already.
func program(t *testing.T) string {
	t.Helper()
	if built := os.Getenv("HOSTILE_PROGRAM"); built != "" {
		return built
	}
	path := filepath.Join(t.TempDir(), "countersign")
	args := []string{"build", "-o", path}
	if raced() {
		args = append(args, "-race")
	}
	if output, err := exec.Command("go", append(args, "../cmd/countersign")...).CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, output)
	}
	return path
}

// outcome is what one command did.
type outcome struct {
	behaviour string
	command   command
	code      int
	took      time.Duration
	peak      int64 // bytes
	wrong     []string
}

// trial is one command that is run against one behaviour.
type trial struct {
	program, folder, mark string
	behaviour             behaviour
	command               command
}

const seed = 7

// target writes the target.yaml of a behaviour.
func (c trial) target(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("name: hostile\ntitle: A hostile target\ndefaultVersion: 1.0.0\nversions: '>=1.0.0'\nstart: [%q, %s, %q, %s]\npath: /api/inngest\nlimits: {start: 4s, setup: 4s}\nset: {GORACE: atexit_sleep_ms=0}\n",
		self, asTarget, c.behaviour.name, c.mark)
	if c.behaviour.setup != nil {
		text += fmt.Sprintf("setup: [%q, %s, %q, %s]\n", self, asSetup, c.behaviour.name, c.mark)
	}
	folder := filepath.Join(c.folder, "target")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "target.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

const endpointKey = "signkey-prod-00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

// serve starts the endpoint of an attached behaviour.
func (c trial) serve(t *testing.T) (url string, stop func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(33_000 + rand.IntN(20_000)%9_000)
	endpoint := exec.Command(self, asTarget, c.behaviour.name, c.mark)
	endpoint.Env = []string{"PORT=" + port, reference.EnvSigningKey + "=" + endpointKey, reference.EnvDev + "=0"}
	endpoint.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := endpoint.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	return "http://127.0.0.1:" + port + "/api/inngest", func() {
		_ = syscall.Kill(-endpoint.Process.Pid, syscall.SIGKILL)
		_ = endpoint.Wait()
	}
}

// args are the arguments of the command.
func (c trial) args(t *testing.T) (args []string, stop func()) {
	name, _, attached := strings.Cut(string(c.command), " ")
	args = []string{name, "--quiet"}
	stop = func() {}
	switch {
	case attached:
		url, end := c.serve(t)
		args, stop = append(args, "--url", url, "--rate", "0"), end
	default:
		args = append(args, "--target", c.target(t))
	}
	report := filepath.Join(c.folder, "report.json")
	switch command(name) {
	case run:
		args = append(args, "--tier", "smoke", "--seed", fmt.Sprint(seed), "--report", "json="+report)
	case fuzz:
		args = append(args, "--requests", "60", "--for", "5s", "--shrink-for", "1s", "--workers", "1", "--no-corpus", "--seed", fmt.Sprint(seed), "--findings", filepath.Join(c.folder, "findings"))
	case rotation:
		args = append(args, "--seed", fmt.Sprint(seed), "--report", "json="+report)
	case sweeping:
		args = append(args, "--versions", "1.0.0", "--tier", "smoke", "--seed", fmt.Sprint(seed), "--report", "json="+report)
	}
	return args, stop
}

// do runs the command and checks what it did and what it left.
func (c trial) do(t *testing.T) outcome {
	args, stop := c.args(t)
	defer stop()
	ctx, cancel := context.WithTimeout(t.Context(), mayTake())
	defer cancel()
	var out bytes.Buffer
	program := exec.CommandContext(ctx, c.program, args...)
	program.Env = append(os.Environ(), "COUNTERSIGN_CACHE="+filepath.Join(c.folder, "cache"), "TMPDIR="+c.folder, "GORACE=halt_on_error=1", reference.EnvSigningKey+"="+endpointKey)
	program.Stdout, program.Stderr, program.WaitDelay = &out, &out, 2*time.Second
	started := time.Now()
	err := program.Run()
	o := outcome{behaviour: c.behaviour.name, command: c.command, code: program.ProcessState.ExitCode(), took: time.Since(started)}
	if usage, is := program.ProcessState.SysUsage().(*syscall.Rusage); is {
		o.peak = usage.Maxrss << 10
	}
	wrong := func(when bool, format string, args ...any) {
		if when {
			o.wrong = append(o.wrong, fmt.Sprintf(format, args...))
		}
	}
	wrong(ctx.Err() != nil, "it did not end within %s: %v", mayTake(), err)
	wrong(!slices.Contains(c.behaviour.codes[c.command], o.code), "exit code %d, not one of %v:\n%s", o.code, c.behaviour.codes[c.command], shown(out.String()))
	wrong(o.peak > limits.Peak && !raced(), "it needed %d MB", o.peak>>20)
	stop()
	for _, pid := range c.left() {
		wrong(true, "process %d is left", pid)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	c.checkTexts(out.String(), wrong)
	return o
}

// shown is the end of an output.
func shown(text string) string { return strconv.QuoteToGraphic(text[max(0, len(text)-700):]) }

// left are the processes with the mark of this trial that still run.
func (c trial) left() (pids []int) {
	for range 10 {
		pids = marked(c.mark)
		if len(pids) == 0 {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return pids
}

func marked(mark string) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil || !bytes.HasSuffix(bytes.TrimRight(line, "\x00"), []byte(mark)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// checkTexts checks all that was written: nothing in it controls a terminal, or is
// part of a secret, and no file is large or readable by others.
func (c trial) checkTexts(output string, wrong func(bool, string, ...any)) {
	texts := map[string]string{"the output": output}
	_ = filepath.WalkDir(c.folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() && (entry.Name() == "cache" || entry.Name() == "target") {
			return filepath.SkipDir
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			name := strings.TrimPrefix(path, c.folder)
			wrong(info.Size() > limits.ReportFile, "%s has %d bytes", name, info.Size())
			wrong(info.Mode().Perm() != 0o600, "%s is %v", name, info.Mode())
			if text, err := os.ReadFile(path); err == nil {
				texts[name] = string(text)
			}
		}
		return nil
	})
	keys := suite.NewKeyring(rand.New(rand.NewPCG(seed, 0)))
	for name, text := range texts {
		if !strings.HasSuffix(name, "request.http") && !strings.HasSuffix(name, "request.body") && !strings.HasSuffix(name, "request.sh") {
			at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) })
			wrong(at >= 0, "%s contains %q", name, text[max(0, at):min(len(text), max(0, at)+20)])
		}
		for _, key := range []reference.Key{keys.Primary, keys.Fallback} {
			for i := 0; i+12 <= len(key.Secret()); i++ {
				wrong(strings.Contains(strings.ToLower(text), key.Secret()[i:i+12]), "%s contains a part of a key", name)
			}
		}
	}
}

// TestHostile runs the table. Without HOSTILE=all it runs the quick part of it.
func TestHostile(t *testing.T) {
	all := os.Getenv("HOSTILE") == "all"
	only := os.Getenv("HOSTILE_ONLY")
	var trials []trial
	for i, b := range behaviours {
		for _, c := range commands {
			if _, tried := b.codes[c]; tried && (all || b.quick && c == run) && (only == "" || strings.Contains(b.name+": "+string(c), only)) {
				trials = append(trials, trial{behaviour: b, command: c, mark: fmt.Sprintf("hostile-%d-%d-%s", os.Getpid(), i, strings.ReplaceAll(string(c), " ", ""))})
			}
		}
	}
	built := program(t)
	outcomes := make([]outcome, len(trials))
	var working sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i, c := range trials {
		c.program, c.folder = built, t.TempDir()
		slots <- struct{}{}
		working.Go(func() {
			defer func() { <-slots }()
			outcomes[i] = c.do(t)
		})
	}
	working.Wait()
	for _, o := range outcomes {
		for _, wrong := range o.wrong {
			t.Errorf("%s: %s: %s", o.behaviour, o.command, wrong)
		}
	}
	if all {
		fmt.Print(table(outcomes))
	}
}

// table shows for each behaviour and command the exit code, seconds and peak MB.
func table(outcomes []outcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-50s", "behaviour")
	for _, c := range commands {
		fmt.Fprintf(&b, " %-14s", c)
	}
	var peak int64
	for _, of := range behaviours {
		line, tried := fmt.Sprintf("\n%-50s", of.name), false
		for _, c := range commands {
			cell := "-"
			for _, o := range outcomes {
				if o.behaviour == of.name && o.command == c {
					cell, tried, peak = fmt.Sprintf("%d %.1fs %dMB", o.code, o.took.Seconds(), o.peak>>20), true, max(peak, o.peak)
				}
			}
			line += fmt.Sprintf(" %-14s", cell)
		}
		if tried {
			b.WriteString(line)
		}
	}
	fmt.Fprintf(&b, "\n%d behaviours, %d commands run, at most %d MB\n", len(behaviours), len(outcomes), peak>>20)
	return b.String()
}
