package launch

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// foreignAt listens at an address and refuses everything.
func foreignAt(t *testing.T, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("SKIPPED: cannot listen on %s: %v", address, err)
	}
	server := &http.Server{Handler: constant("401"), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
}

// at makes a lab choose one port, with another process at an address of it.
func at(t *testing.T, lab *Lab, host string) {
	t.Helper()
	port, release, err := leasePort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	foreignAt(t, net.JoinHostPort(host, port))
	lab.choosePort = func() (string, func(), error) { return port, func() {}, nil }
}

func casesOf(t *testing.T, ids ...string) []suite.Case {
	t.Helper()
	var cases []suite.Case
	for _, id := range ids {
		c, err := suite.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

func TestAnotherProcessOnThePortIsNoTarget(t *testing.T) {
	t.Parallel()
	for as, host := range map[string]string{"deaf": loopback, "six": loopback} {
		lab := fake(t, as, Options{StartLimit: 300 * time.Millisecond})
		at(t, lab, host)
		if got := failingStart(t, lab); !strings.Contains(got.Reason, "another process listens there") || got.Exited {
			t.Errorf("%s: exited %v, the reason is %q", as, got.Exited, got.Reason)
		}
	}
	lab := fake(t, "good", Options{Seed: 1})
	at(t, lab, "::1") // which nobody reaches by 127.0.0.1
	if _, err := lab.Start(t.Context(), suite.Setup{}); err != nil {
		t.Errorf("beside another process at [::1]: %v", err)
	}
}

// Another process refuses everything. A target without a key would have to do so, too.
func TestAnotherProcessDoesNotPassForATargetWithoutAKey(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"good", "deaf"} {
		lab := fake(t, as, Options{Seed: 1, StartLimit: 300 * time.Millisecond})
		at(t, lab, loopback)
		c := casesOf(t, "keys.absent")[0]
		hindered, err := engine.Judge(t.Context(), onlyKeyless{lab, fake(t, "good", Options{Seed: 1})}, []suite.Case{c}, engine.Options{Jobs: 1, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := hindered.Results[0]; got.Verdict != engine.Inconclusive {
			t.Errorf("%s: %s (%s), observed %s", as, got.Verdict, got.Note, got.Observed)
		}
	}
}

// onlyKeyless starts the targets of its lab in the set-up without a key only, and
// good ones in others.
type onlyKeyless struct {
	*Lab
	good *Lab
}

func (l onlyKeyless) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	if s.Key == suite.Absent {
		return l.Lab.Start(ctx, s)
	}
	return l.good.Start(ctx, s)
}

func TestAnotherProcessThatTakesThePortIsNoticed(t *testing.T) {
	t.Parallel()
	lab := fake(t, "leaves", Options{Seed: 1})
	target := start(t, lab)
	call := suite.Request{Method: http.MethodPost, Target: servePath, Header: []suite.Field{{Name: "Host", Value: "h"}}}
	if _, err := target.Send(t.Context(), call); err == nil || !errors.Is(err, engine.ErrForeign) {
		t.Errorf("nothing listens: %v", err)
	}
	foreignAt(t, target.Host())
	if got, err := target.Send(t.Context(), call); !errors.Is(err, engine.ErrForeign) || got.Status != 0 {
		t.Errorf("another process responds: %+v, %v", got, err)
	}
}

func TestAForeignNameIsNoVerdict(t *testing.T) {
	t.Parallel()
	judged := judge(t, fake(t, "renames=other:v1.2.3", Options{Seed: 1}), casesOf(t, "receiving.unsigned"))
	for _, result := range judged.Results {
		if result.Case.ID == "receiving.unsigned" && (result.Verdict != engine.Inconclusive || !strings.Contains(result.Note, "other:v1.2.3")) {
			t.Errorf("%s: %s", result.Verdict, result.Note)
		}
	}
}

func TestAnotherVersionEndsTheRun(t *testing.T) {
	t.Parallel()
	lab := fake(t, "good", Options{Seed: 1})
	lab.version = semver.MustParse("9.9.9")
	_, err := engine.Judge(t.Context(), lab, casesOf(t, "receiving.unsigned"), engine.Options{Jobs: 1})
	var described *page.Error
	if !errors.Is(err, engine.ErrWrongTarget) || !errors.As(err, &described) || !strings.Contains(described.Sentence, reference.SDK) {
		t.Errorf("got %v", err)
	}
	_, named, _ := strings.Cut(reference.SDK, ":v")
	lab.target.Says = map[string]string{"9.9.9": named}
	if _, err := lab.Start(t.Context(), suite.Setup{}); err != nil {
		t.Errorf("although that is known: %v", err)
	}
}

// A port is given to one target at a time, whichever process starts it.
func TestPortsAreReserved(t *testing.T) {
	port, release, err := leasePort()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reservePort(port); err == nil {
		t.Errorf("port %s is reserved twice", port)
	}
	release()
	again, err := reservePort(port)
	if err != nil {
		t.Fatalf("port %s stays reserved: %v", port, err)
	}
	again()
}

// What the kernel says when it is queried is what its tables say, and what lsof does.
func TestListenersAreTheSameByEveryMeans(t *testing.T) {
	port, release, err := leasePort()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for _, address := range []string{"127.0.0.1:" + port, "[::1]:" + port, "127.0.0.2:" + port} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Skipf("SKIPPED: cannot listen on %s: %v", address, err)
		}
		defer func() { _ = listener.Close() }()
	}
	ours := func(list func(func(socket)) bool) map[socket]bool {
		all := map[socket]bool{}
		known := list(func(s socket) {
			if _, at, _ := net.SplitHostPort(s.address); at == port {
				all[s] = true
			}
		})
		if !known {
			t.Skip("SKIPPED: this system does not say who listens")
		}
		return all
	}
	queried := ours(func(do func(socket)) bool { return queryListeners(do) == nil })
	read := ours(readListeners)
	if len(queried) != 3 || !maps.Equal(queried, read) {
		t.Errorf("queried, the kernel says %v; its tables say %v", queried, read)
	}
	reached, _ := socketsAt(port)
	if len(reached) != 1 || reached[0].address != "127.0.0.1:"+port || !reached[0].own {
		t.Fatalf("connections reach %v", reached)
	}
	if pid, found := holderOf(reached[0]); !found || pid != os.Getpid() {
		t.Errorf("its holder is %d", pid)
	}
	lsof, err := exec.Command("lsof", "-nP", "-a", "-p", strconv.Itoa(os.Getpid()), "-iTCP@127.0.0.1:"+port, "-sTCP:LISTEN", "-Fpn").Output()
	if err != nil {
		t.Skipf("SKIPPED: lsof does not say: %v", err)
	}
	if want := "n127.0.0.1:" + port; !strings.Contains(string(lsof), want) {
		t.Errorf("lsof says %q", lsof)
	}
}

func BenchmarkWhoResponds(b *testing.B) {
	for b.Loop() {
		if _, known := socketsAt("1"); !known {
			b.Fatal("this system does not say who listens")
		}
	}
}
