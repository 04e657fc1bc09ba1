package live_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/fuzz/live"
)

// aFinding is one of a mutant that is found quickly.
func aFinding(t *testing.T) live.Finding {
	t.Helper()
	all := found(t, "future-unbounded", live.FalseAccept, live.Options{
		Seed: 1, Requests: 1, Corpus: []live.Exchange{exchange(live.Call, step("time", "far future", 86400, true))},
	})
	if len(all) != 1 {
		t.Fatalf("%d findings", len(all))
	}
	all[0].Target = "reference"
	return all[0]
}

func TestFindingsReadBackAsTheyWereWritten(t *testing.T) {
	f := aFinding(t)
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	back, err := live.ParseFinding(text)
	if err != nil || !reflect.DeepEqual(back, f) {
		t.Errorf("%v\n%+v\n%+v", err, f, back)
	}
	for name, broken := range map[string]string{
		"another schema":     strings.Replace(string(text), "urn:countersign:fuzz-finding:1", "urn:countersign:fuzz-finding:2", 1),
		"an unknown member":  strings.Replace(string(text), `{`, `{"secret":1,`, 1),
		"an unknown class":   strings.Replace(string(text), `"class":"false accept"`, `"class":"odd"`, 1),
		"an unknown step":    strings.Replace(string(text), `"op":"time"`, `"op":"space"`, 1),
		"something behind":   string(text) + "{}",
		"not JSON":           "finding",
		"a number too large": strings.Replace(string(text), `"n":306`, `"n":99999999999999`, 1),
	} {
		if _, err := live.ParseFinding([]byte(broken)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func TestFindingsHoldNoSecret(t *testing.T) {
	f := aFinding(t)
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	all := string(text) + fmt.Sprint(f.Request.Sent()) + string(f.Script("request.body")) + string(f.Readme())
	for _, secret := range []string{ring.Primary.Secret(), ring.Primary.Bearer(), ring.Canary} {
		if strings.Contains(all, secret) {
			t.Error("a secret stands in it")
		}
	}
	if h := f.Request.Header[len(f.Request.Header)-1]; h.Name != "X-Inngest-Signature" || h.Value != "t=1767323351&s={{mac}}" {
		t.Errorf("%+v", h)
	}
	if !f.Request.Signed || f.Request.Ahead != 306 || !strings.Contains(string(f.Readme()), "R5") {
		t.Errorf("signed %v, ahead %d\n%s", f.Request.Signed, f.Request.Ahead, f.Readme())
	}
}

func TestReplay(t *testing.T) {
	f := aFinding(t)
	for mutant, shown := range map[string]int{"future-unbounded": 3, "": 0} {
		r, err := live.Replay(t.Context(), memory(t, mutant), f, live.Options{})
		if err != nil || r.Void != "" || r.Tried != 3 || r.Shown != shown {
			t.Errorf("%q: %+v, %v", mutant, r, err)
		}
	}
	if r, err := live.Replay(t.Context(), memory(t, "answers-302"), f, live.Options{}); err != nil || r.Void == "" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestShrinkingReachesTheMinimum(t *testing.T) {
	large := live.Exchange{Kind: live.Fetched, Rotating: true, Steps: []live.Step{
		step("field", "cookie", 0, false), step("time", "far future", 86400*365, true), step("grow", "text", 4096, true),
	}}
	small := live.Shrink(large, func(e live.Exchange) bool {
		for _, s := range e.Steps {
			if s.Op == "time" && s.N >= 3600 && strings.HasSuffix(s.Form, "future") {
				return true
			}
		}
		return false
	})
	if want := exchange(live.Call, step("time", "future", 3600, true)); !reflect.DeepEqual(small, want) {
		t.Errorf("%s, not %s", small, want)
	}
}
