package live

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// aFinding is one of a mutant that is found quickly.
func aFinding(t *testing.T) Finding {
	t.Helper()
	all := found(t, "future-unbounded", FalseAccept, Options{
		Seed: 1, Requests: 1, Corpus: []Input{input(Call, step("time", "far future", 86400, true))},
	})
	if len(all) != 1 {
		t.Fatalf("%d findings", len(all))
	}
	all[0].Target = "reference"
	return all[0]
}

func TestFindingsReadBackAsWritten(t *testing.T) {
	f := aFinding(t)
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseFinding(text)
	if err != nil || !reflect.DeepEqual(back, f) {
		t.Errorf("%v\n%+v\n%+v", err, f, back)
	}
	for name, broken := range map[string]string{
		"another schema":     strings.Replace(string(text), "urn:countersign:fuzz-finding:2", "urn:countersign:fuzz-finding:1", 1),
		"an unknown member":  strings.Replace(string(text), `{`, `{"secret":1,`, 1),
		"an unknown class":   strings.Replace(string(text), `"class":"false accept"`, `"class":"odd"`, 1),
		"an unknown step":    strings.Replace(string(text), `"op":"time"`, `"op":"space"`, 1),
		"more text after it": string(text) + "{}",
		"not JSON":           "finding",
		"a number too large": strings.Replace(string(text), `"n":306`, `"n":99999999999999`, 1),
	} {
		if _, err := ParseFinding([]byte(broken)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestFindingsContainNoSecret(t *testing.T) {
	f := aFinding(t)
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	all := string(text) + fmt.Sprint(f.Request.Sent()) + string(f.Script("request.body")) + string(f.Readme())
	for _, secret := range []string{testKeys.Primary.Secret(), testKeys.Primary.Bearer(), testKeys.Canary} {
		if strings.Contains(all, secret) {
			t.Error("it contains a secret")
		}
	}
	if h := f.Request.Header[len(f.Request.Header)-1]; h.Name != "X-Inngest-Signature" || h.Value != "t=1767323351&s={{mac:primary}}" {
		t.Errorf("%+v", h)
	}
	if !f.Request.Signed || f.Request.Ahead != 306 || !strings.Contains(string(f.Readme()), "R5") {
		t.Errorf("signed %v, ahead %d\n%s", f.Request.Signed, f.Request.Ahead, f.Readme())
	}
}

func TestReplay(t *testing.T) {
	f := aFinding(t)
	for mutant, reproduced := range map[string]int{"future-unbounded": 3, "": 0} {
		r, err := Replay(t.Context(), memory(t, mutant), f, Options{})
		if err != nil || r.Void != "" || r.Sent != 3 || r.Reproduced != reproduced {
			t.Errorf("%q: %+v, %v", mutant, r, err)
		}
	}
	if r, err := Replay(t.Context(), memory(t, "answers-302"), f, Options{}); err != nil || r.Void == "" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestShrinkingReachesTheMinimum(t *testing.T) {
	large := Input{Base: Fetched, Rotating: true, Steps: []Step{
		step("field", "cookie", 0, false), step("time", "far future", 86400*365, true), step("grow", "text", 4096, true),
	}}
	small := large.shrink(func(in Input) bool {
		for _, s := range in.Steps {
			if s.Op == "time" && s.N >= 3600 && strings.HasSuffix(s.Form, "future") {
				return true
			}
		}
		return false
	})
	if want := input(Call, step("time", "future", 3600, true)); !reflect.DeepEqual(small, want) {
		t.Errorf("%s, not %s", small, want)
	}
}
