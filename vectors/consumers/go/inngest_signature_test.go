// Package signature checks a signature verifier with Countersign's vectors: copy this
// file and verify.json into your repository, fill in verify below, and run
//
//	go test -v -run Signature
//
// COUNTERSIGN_VECTORS names the directory of verify.json; without it, it is beside
// this file or in ../../data. COUNTERSIGN_STRICT=1 makes a SHOULD fail the test, too.
package signature

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// request is what a verifier gets. Body is the bytes as received; Header holds the
// values of a repeated header in their order; Primary and Fallback are the values of
// the two environment variables, nil where one is not set.
type request struct {
	Method, Target    string
	Header            http.Header
	Body              []byte
	Primary, Fallback *string
	Now               time.Time
}

// ---- your verifier: begin

// verify returns whether the request is accepted. time.Now() is r.Now during the call.
func verify(t *testing.T, r request) bool {
	t.Fatal("fill in verify in this file: call your verifier there")
	return false
}

// ---- your verifier: end

// vectorFile is the part of verify.json that the test needs.
type vectorFile struct {
	Count   int
	Flags   map[string]struct{ Bug string }
	Vectors []vector
}

type vector struct {
	ID, Clause, Level, By, Comment, Control, Result string
	Flags                                           []string
	Now                                             int64
	Keys                                            struct{ Primary, Fallback *string }
	Method, Target                                  string
	Headers                                         []struct{ Name, Value string }
	Body                                            string
	BodyBase64                                      []byte
}

func (v vector) request() request {
	r := request{v.Method, v.Target, http.Header{}, v.BodyBase64, v.Keys.Primary, v.Keys.Fallback, time.Unix(v.Now, 0)}
	for _, field := range v.Headers {
		r.Header.Add(field.Name, field.Value)
	}
	if r.Body == nil {
		r.Body = []byte(v.Body)
	}
	return r
}

func TestSignature(t *testing.T) {
	file := read(t)
	accepted := map[string]bool{}
	for _, v := range file.Vectors {
		accepted[v.ID] = accepts(t, v.request())
	}
	var violations, warnings, uncounted []string
	scored, agree := 0, 0
	for _, v := range file.Vectors {
		if v.Result == "unspecified" { // recorded, never scored
			continue
		}
		scored++
		got := map[bool]string{true: "accept", false: "refuse"}[accepted[v.ID]]
		switch {
		case got != v.Result && (v.Level == "MUST" || os.Getenv("COUNTERSIGN_STRICT") == "1"):
			violations = append(violations, file.describe(v, got))
		case got != v.Result:
			warnings = append(warnings, file.describe(v, got))
		case v.Control != "" && !accepted[v.Control]: // a refusal shows nothing where the control is refused, too
			uncounted = append(uncounted, v.ID)
		default:
			agree++
		}
	}
	for _, line := range warnings {
		t.Log(line)
	}
	if len(uncounted) > 0 {
		t.Logf("not counted, because their control is refused: %s", strings.Join(uncounted, ", "))
	}
	t.Logf("agrees with %d of %d vectors; %d SHOULD differ; %d not counted; %d unspecified", agree, scored, len(warnings), len(uncounted), file.Count-scored)
	if len(violations) > 0 {
		t.Errorf("%d vectors differ:\n%s", len(violations), strings.Join(violations, "\n"))
	}
	if agree == 0 {
		t.Error("no vector counts")
	}
}

// accepts calls the verifier at the time of the request. The clock of a bubble starts
// in the year 2000 and advances at once when everything in it sleeps.
func accepts(t *testing.T, r request) (accepted bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(r.Now))
		accepted = verify(t, r)
	})
	return accepted
}

func read(t *testing.T) (file vectorFile) {
	t.Helper()
	folder := os.Getenv("COUNTERSIGN_VECTORS")
	for _, place := range []string{".", filepath.Join("..", "..", "data")} {
		if _, err := os.Stat(filepath.Join(place, "verify.json")); folder == "" && err == nil {
			folder = place
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "verify.json"))
	if err != nil {
		t.Fatalf("reading the vectors: %v", err)
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatalf("reading the vectors: %v", err)
	}
	if file.Count == 0 || file.Count != len(file.Vectors) {
		t.Fatalf("verify.json is incomplete: %d of %d vectors", len(file.Vectors), file.Count)
	}
	return file
}

func (f vectorFile) describe(v vector, got string) string {
	by, likely := "", ""
	if v.By != "" {
		by = ", by " + v.By
	}
	for _, flag := range v.Flags {
		if bug := f.Flags[flag].Bug; bug != "" && likely == "" {
			likely = "; likely: " + bug
		}
	}
	return fmt.Sprintf("%s %s (%s%s): want %s, got %s: %s%s", v.Level, v.ID, v.Clause, by, v.Result, got, v.Comment, likely)
}
