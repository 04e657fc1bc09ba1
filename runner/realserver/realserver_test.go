package realserver

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite/longtest"
)

// limit bounds each wait for the real server, which takes seconds to start.
const limit = time.Minute

// envBinary names the server's binary.
const envBinary = "COUNTERSIGN_INNGEST"

func binary(t *testing.T) string {
	t.Helper()
	path := os.Getenv(envBinary)
	if path == "" {
		t.Skipf("SKIPPED: the real server is NOT tested: set %s to the path of its binary", envBinary)
	}
	return path
}

func TestTheRealServerWithTheReference(t *testing.T) {
	d := &drill{t: t, limit: limit, binary: binary(t), app: referenceApp, env: environment(nil)}
	if err := d.run(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requests of the server were recorded", len(d.recorder.recorded()))
}

func TestTheRealServerWithAnSDK(t *testing.T) {
	d := &drill{t: t, limit: limit, binary: binary(t), app: sdkApp(t), env: environment(nil)}
	if err := d.run(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requests of the server were recorded", len(d.recorder.recorded()))
}

// The drill itself, with a stand-in for the server.
func TestTheDrill(t *testing.T) {
	longtest.Skip(t)
	for behaviour, want := range map[string]string{
		"right":         "",
		"signs wrongly": "before: no event has run the function",
		"signs nothing": "before: no event has run the function",
		"never rotates": "after: the server has not synced the app",
	} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			wait := limit
			if want != "" {
				wait = 10 * time.Second // longer than a start takes on a busy machine
			}
			d := &drill{t: t, limit: wait, binary: os.Args[0], app: referenceApp, env: environment(map[string]string{envStandIn: behaviour})}
			err := d.run()
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
}

func TestTheDrillWithAnSDK(t *testing.T) {
	d := &drill{t: t, limit: limit, binary: os.Args[0], app: sdkApp(t), env: environment(map[string]string{envStandIn: "right"})}
	if err := d.run(); err != nil {
		t.Fatal(err)
	}
}
