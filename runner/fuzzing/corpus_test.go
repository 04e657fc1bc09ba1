package fuzzing

import (
	"os"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/fuzz/live"
)

func TestCorpora(t *testing.T) {
	path := CorpusFile(t.TempDir(), "http://127.0.0.1:1/api")
	if c, err := ReadCorpus(path); err != nil || len(c.Inputs) != 0 {
		t.Errorf("%v: %+v", err, c)
	}
	in := live.Input{Base: live.Probe, Steps: []live.Step{{Op: "t", Form: "NaN", Signed: true}}}
	if err := (Corpus{Target: "mine", Inputs: []live.Input{in, in}}).Save(path); err != nil {
		t.Fatal(err)
	}
	if c, err := ReadCorpus(path); err != nil || len(c.Inputs) != 1 {
		t.Errorf("%v: %+v", err, c)
	}
	for text, says := range map[string]string{
		`{"schema":"urn:countersign:fuzz-corpus:2","target":"","inputs":[{"base":"visit","steps":[]}]}`:   "no base request",
		`{"schema":"urn:countersign:fuzz-corpus:1","target":"","exchanges":[{"kind":"call","steps":[]}]}`: "fuzz-corpus:1",
		`{"schema":"urn:countersign:fuzz-corpus:2","target":"","exchanges":[]}`:                           "unknown field",
		`corpus`: "invalid character",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadCorpus(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v; want %q", text, err, says)
		}
	}
}
