package launch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/limits"
)

// behaviour makes this test binary a target of its own: TestMain serves instead
// of testing when a process is started with it.
const behaviour = "LAUNCH_TEST_BEHAVIOUR"

// servePath is where the targets of these tests serve their endpoint.
const servePath = "/api/inngest"

func TestMain(m *testing.M) {
	if as := os.Getenv(behaviour); as != "" {
		os.Exit(behave(as))
	}
	os.Exit(m.Run())
}

// behave plays one kind of target.
func behave(as string) int {
	as, argument, _ := strings.Cut(as, "=")
	endpoint := inprocess.Reference(os.Getenv)
	switch as {
	case "good":
	case "unsigned":
		endpoint.Policy = func(*http.Request, []byte, reference.Mode) reference.VerificationPolicy { return reference.Ignored }
	case "constant":
		return serve(constant(argument))
	case "dies":
		fmt.Printf("line one\nmy key is %s\n", os.Getenv(reference.EnvSigningKey))
		fmt.Fprintln(os.Stderr, "no such module")
		return 3
	case "elsewhere":
		listener, err := net.Listen("tcp", loopback+":0")
		if err != nil {
			return 4
		}
		_ = http.Serve(listener, endpoint)
	case "deaf":
		time.Sleep(time.Minute)
	case "runner":
		return runAndHang()
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
	case "parent":
		child := exec.Command("sleep", "60")
		if err := child.Start(); err != nil {
			return 4
		}
		fmt.Println("child", child.Process.Pid)
	case "daemon": // starts another process that serves, and exits
		return startAndExit("good", true)
	case "background":
		return startAndExit("good", false)
	case "nothing left": // leaves a process that serves nothing
		return startAndExit("deaf", true)
	case "noisy":
		fmt.Println(strings.Repeat("x", 3*limits.Output) + " end")
	case "environment":
		fmt.Println(strings.Join(os.Environ(), "\n"))
	case "six": // only IPv6, at any address
		listener, err := net.Listen("tcp6", "[::]:"+os.Getenv("PORT"))
		if err != nil {
			return 4
		}
		fmt.Println(http.Serve(listener, endpoint))
		return 0
	case "leaves": // gives up its port after some runs, and stays alive
		listener, err := net.Listen("tcp", loopback+":"+os.Getenv("PORT"))
		if err != nil {
			return 4
		}
		var requests atomic.Int32
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			endpoint.ServeHTTP(w, r)
			if requests.Add(1) == 2 { // the first one shows that it is ready
				_ = listener.Close()
			}
		})}
		_ = server.Serve(listener)
		time.Sleep(time.Minute)
	case "renames": // calls itself something else in refusals
		return serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			e := *endpoint
			e.FinishResponse = func(c *reference.Context, a *reference.Response) {
				endpoint.FinishResponse(c, a)
				if a.Status >= http.StatusBadRequest {
					a.Header.Set(reference.HeaderSDK, argument)
				}
			}
			e.ServeHTTP(w, r)
		}))
	case "fragile":
		return serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Inngest-Signature") == "t=0&s=0" {
				fmt.Println("cannot bear this")
				os.Exit(7)
			}
			endpoint.ServeHTTP(w, r)
		}))
	default:
		return 5
	}
	return serve(inprocess.WithWorker(endpoint, endpoint))
}

// startAndExit starts another process, in a session of its own or in this one, and
// exits.
func startAndExit(as string, session bool) int {
	self, err := os.Executable()
	if err != nil {
		return 4
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), behaviour+"="+as)
	child.SysProcAttr = ownSession(session)
	if err := child.Start(); err != nil {
		return 4
	}
	fmt.Println("child", child.Process.Pid)
	return 0
}

// runAndHang is a runner with one target, which waits to be killed.
func runAndHang() int {
	self, err := os.Executable()
	if err != nil {
		return 4
	}
	target, err := startProcess([]string{self}, "", append(os.Environ(), behaviour+"=deaf"), heirs{})
	if err != nil {
		return 4
	}
	fmt.Println("child", target.command.Process.Pid)
	time.Sleep(time.Minute)
	return 0
}

func constant(status string) http.Handler {
	code := map[string]int{"200": 200, "401": 401, "500": 500}[status]
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}

func serve(handler http.Handler) int {
	listener, err := net.Listen("tcp", loopback+":"+os.Getenv("PORT"))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(http.Serve(listener, handler))
	return 0
}

// fake is a lab of this test binary with a behaviour.
func fake(t *testing.T, as string, o Options) *Lab {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d := Description{
		Name: "fake", Title: "a fake", Start: []string{self}, Path: servePath, folder: t.TempDir(),
		Set: map[string]string{behaviour: as},
	}
	for _, claim := range inprocess.ReferenceClaims {
		d.Capabilities = append(d.Capabilities, Claim{Name: claim})
	}
	o.Cache = t.TempDir()
	lab, err := New(d, "", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lab.Close)
	return lab
}

// start brings a fake up.
func start(t *testing.T, lab *Lab) *launched {
	t.Helper()
	target, err := lab.Start(t.Context(), suite.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	return target.(*launched)
}

// tier is the catalogue up to a tier.
func tier(upTo suite.Tier) []suite.Case {
	var cases []suite.Case
	for _, c := range suite.Catalogue() {
		if upTo.Includes(c.Tier) {
			cases = append(cases, c)
		}
	}
	return cases
}

// judging is how the tests judge.
var judging = engine.Options{Jobs: 2, Seed: 7}

func judge(t *testing.T, lab engine.Lab, cases []suite.Case) engine.Judgement {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	judged, err := engine.Judge(ctx, lab, cases, judging)
	if err != nil {
		t.Fatal(err)
	}
	return judged
}

// wantAllGood: everything passes or is observed.
func wantAllGood(t *testing.T, judged engine.Judgement) {
	t.Helper()
	if judged.Void != "" {
		t.Error("void:", judged.Void)
	}
	for _, r := range judged.Results {
		if r.Verdict != engine.Pass && r.Verdict != engine.Observed {
			t.Errorf("%s: %s; expected %s; observed %s; %s", r.Case.ID, r.Verdict, r.Expected, r.Observed, r.Note)
		}
	}
}

// verdicts are the verdicts by case.
func verdicts(judged engine.Judgement) map[string]engine.Verdict {
	by := map[string]engine.Verdict{}
	for _, r := range judged.Results {
		by[r.Case.ID] = r.Verdict
	}
	return by
}

// conforms is what no broken endpoint may ever do.
func conforms(judged engine.Judgement) bool {
	if judged.Void != "" {
		return false
	}
	for _, r := range judged.Results {
		if r.Verdict == engine.Fail || r.Verdict == engine.Inconclusive && r.Case.Level == suite.Must || r.Verdict == engine.Error {
			return false
		}
	}
	return true
}

// running is an endpoint that is already running, with its own keys.
type running struct {
	keys AttachKeys
	url  string

	mu    sync.Mutex
	heard []string // method and query of every request
	ran   int
}

// endpoint serves the reference, after a change, in a set-up.
func endpoint(t *testing.T, setup suite.Setup, change func(*reference.Endpoint), wrap func(http.Handler) http.Handler) *running {
	t.Helper()
	keyring := drawKeys(99)
	s := &running{keys: AttachKeys{Primary: keyring.Primary}}
	if setup.Fallback == suite.Present {
		s.keys.Fallback = keyring.Fallback
	}
	env := setup.Environment(keyring, "http://127.0.0.1:1")
	e := inprocess.Reference(func(name string) string { return env[name] })
	echo := e.Functions["echo"]
	e.Functions["echo"] = func(ctx context.Context, call reference.Call) (any, error) {
		s.mu.Lock()
		s.ran++
		s.mu.Unlock()
		return echo(ctx, call)
	}
	if change != nil {
		change(e)
	}
	var handler http.Handler = e
	if wrap != nil {
		handler = wrap(e)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.heard = append(s.heard, r.Method+" "+r.URL.RawQuery)
		s.mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL + servePath
	return s
}

func (s *running) attach(t *testing.T, o AttachOptions) *AttachLab {
	t.Helper()
	lab, err := Attach(t.Context(), s.url, s.keys, o)
	if err != nil {
		t.Fatal(err)
	}
	return lab
}

// withoutProbe: a POST is refused whatever it is, so only GET shows acceptance.
func withoutProbe(e *reference.Endpoint) {
	e.Probe = func(c *reference.Context) reference.Response { return c.Refuse(c, nil) }
}
