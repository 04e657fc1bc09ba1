package engine_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite/engine"
)

// TestForgedEvidenceIsAnError: whatever is in evidence, judging it ends with verdicts or
// an error.
func TestForgedEvidenceIsAnError(t *testing.T) {
	cases := kinds()
	judged, _ := gatheredOf(t, "two-headers-trusted", cases)
	whole := judged.Evidence()
	random, refused := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), 0
	rounds := 60
	if testing.Short() {
		rounds = 12
	}
	for range rounds {
		e := again(t, whole)
		for range 1 + random.IntN(12) {
			forge(reflect.ValueOf(&e.Cases[random.IntN(len(e.Cases))]).Elem(), random)
			forge(reflect.ValueOf(&e.Exchanges[random.IntN(len(e.Exchanges))]).Elem(), random)
		}
		if random.IntN(4) == 0 {
			e.Visibility = []string{"", "probe", "call", "introspection"}[random.IntN(4)]
		}
		if _, _, err := engine.JudgeEvidence(e, cases, ""); err != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no forgery was refused")
	}
}

// forge changes something in a value.
func forge(v reflect.Value, random *rand.Rand) {
	if !v.CanSet() {
		return // of time.Time
	}
	switch v.Kind() {
	case reflect.Struct:
		for range 3 {
			forge(v.Field(random.IntN(v.NumField())), random)
		}
	case reflect.Pointer:
		if v.IsNil() || random.IntN(3) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
		} else if random.IntN(3) == 0 {
			v.SetZero()
			return
		}
		forge(v.Elem(), random)
	case reflect.Slice:
		if v.Len() > 0 && random.IntN(2) == 0 {
			forge(v.Index(random.IntN(v.Len())), random)
		} else if v.Len() > 0 && random.IntN(3) == 0 {
			v.SetLen(random.IntN(v.Len()))
		} else {
			v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
			forge(v.Index(v.Len()-1), random)
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(random.IntN(2000) - 5))
	case reflect.String:
		v.SetString([]string{"", "x", "closed", "{{primary.secret}}"}[random.IntN(4)])
	case reflect.Bool:
		v.SetBool(!v.Bool())
	}
}

// Bytes that are no text are the same after they were written and read.
func TestTextsKeepTheirBytes(t *testing.T) {
	for _, want := range []engine.Text{"", "plain", "<&> \u2028\x00\n\"", "\xff\xfe", "a\xc3", "\xef\xbf\xbd", engine.Text(strings.Repeat("\x00", 100)), `{"base64":"AA=="}`} {
		text, err := json.Marshal(struct{ T engine.Text }{want})
		var got struct{ T engine.Text }
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil || got.T != want {
			t.Errorf("%q is %s and then %q: %v", want, text, got.T, err)
		}
		if len(text) > 3*len(want)+30 {
			t.Errorf("%q takes %d bytes", want, len(text))
		}
	}
	for _, wrong := range []string{`null`, `1`, `{}`, `{"base64":1}`, `[]`} {
		var got engine.Text
		if err := json.Unmarshal([]byte(wrong), &got); err == nil {
			t.Errorf("%s is %q", wrong, got)
		}
	}
}
