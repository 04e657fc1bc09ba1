package launch

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestItIsKnownWhoListens(t *testing.T) {
	t.Parallel()
	target := start(t, fake(t, "good", Options{}))
	_, port, _ := net.SplitHostPort(target.Host())
	if s := target.Sockets(); !s.Known || !s.Serves(port) || s.Other != "" || len(s.Own) != 1 {
		t.Errorf("the sockets of a target are %+v", s)
	}
	other := start(t, fake(t, "good", Options{}))
	if s := other.Sockets(); s.Serves(port) {
		t.Errorf("the port of another target is among %+v", s)
	}
	other.client.Address = target.Host() // as if it had never got a port of its own
	if s := other.Sockets(); s.Serves(port) || !strings.Contains(s.Other, "PID") {
		t.Errorf("another process on the port: %+v", s)
	}
}

func TestAddressesAreRead(t *testing.T) {
	for line, want := range map[string]string{
		"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 4711 1":                                               "127.0.0.1:8080 4711",
		"   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 12 1":                                                 "0.0.0.0:80 12",
		"   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 13 1": "[::1]:80 13",
		"   3: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000  0 0 4712 1":                                               "",
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode":                                      "",
	} {
		s, is := parseListener(line)
		if got := strings.TrimSpace(s.address + " " + s.inode); got != want || is != (want != "") {
			t.Errorf("%q is %q, %v; want %q", line, got, is, want)
		}
	}
}

func TestWhereATargetListensInstead(t *testing.T) {
	t.Parallel()
	got := failingStart(t, fake(t, "elsewhere", Options{StartLimit: 2 * time.Second}))
	if !strings.Contains(got.Reason, "within 2s; it listens on 127.0.0.1:") || !strings.Contains(got.Reason, "not on PORT") {
		t.Errorf("the reason is %q", got.Reason)
	}
	if got := failingStart(t, fake(t, "deaf", Options{StartLimit: 200 * time.Millisecond})); !strings.Contains(got.Reason, "it listens nowhere") {
		t.Errorf("the reason is %q", got.Reason)
	}
}

func TestHowATargetEnds(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("SKIPPED: there is no setsid here to leave a group with")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for as, want := range map[string]Ending{
		"good": {How: "was killed by signal: terminated"}, "stubborn": {How: "was killed by signal: killed", Killed: true}, "leaver": {How: "was killed by signal: terminated", Left: 1},
	} {
		lab := fake(t, strings.Replace(as, "leaver", "good", 1), Options{StopLimit: 300 * time.Millisecond})
		if as == "leaver" {
			lab.target.Start = []string{"sh", "-c", "setsid sleep 60 & exec " + self}
		}
		target := start(t, lab)
		target.Stop()
		if got := target.Ending(); got != want {
			t.Errorf("%s ended as %+v, want %+v", as, got, want)
		}
	}
}
