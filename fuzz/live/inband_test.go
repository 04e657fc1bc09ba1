package live

import (
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// A target that responds to a signed PUT in-band has no defect (R25), and may
// show hashes of keys to an authenticated request (R13).
func TestInBandResponsesToSignedPutsAreNoFinding(t *testing.T) {
	longtest.Skip(t)
	lab := inprocess.Memory{KeysUsed: testKeys, Break: func(e *reference.Endpoint) {
		out := e.SyncOut
		e.SyncOut = func(c *reference.Context) reference.Response {
			if c.Signed {
				return e.SyncIn(c)
			}
			return out(c)
		}
	}}
	c, err := Fuzz(t.Context(), lab, Options{Seed: 5, Requests: 2000})
	if err != nil || len(c.Findings) > 0 || c.Void != "" {
		t.Errorf("%v, void: %q, %d findings", err, c.Void, len(c.Findings))
	}
}
