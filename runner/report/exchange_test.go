package report_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

func TestBodies(t *testing.T) {
	const most = limits.ReportedBody
	for name, test := range map[string]struct {
		body     string
		encoding string
		cut      bool
		shown    int // bytes
	}{
		"empty":              {"", "", false, 0},
		"short":              {"{}", "", false, 2},
		"at the limit":       {strings.Repeat("a", most), "", false, most},
		"beyond the limit":   {strings.Repeat("a", most+1), "", true, most},
		"cut inside a rune":  {strings.Repeat("a", most-1) + "é!", "", true, most - 1},
		"not UTF-8":          {"\xff\x00", "base64", false, 2},
		"long and not UTF-8": {strings.Repeat("\xff", most+1), "base64", true, most},
	} {
		t.Run(name, func(t *testing.T) {
			run := judged(result(must, engine.Pass))
			run.Results[4].Steps[0].Exchange.Response.Body = []byte(test.body)
			got := report.New(run, facts()).Cases[4].Exchanges[0].Response
			body := []byte(got.Body)
			if test.encoding == "base64" {
				body, _ = base64.StdEncoding.DecodeString(got.Body)
			}
			if got.Encoding != test.encoding || got.Cut != test.cut || got.Length != len(test.body) || len(body) != test.shown || !utf8.ValidString(got.Body) {
				t.Errorf("%d of %d bytes, encoding %q, cut %v", len(body), got.Length, got.Encoding, got.Cut)
			}
			if !strings.HasPrefix(test.body, string(body)) {
				t.Error("what is shown is not how the body begins")
			}
		})
	}
}

// A case with many large exchanges holds less of each; the others hold all that they would.
func TestOneLargeCaseTakesNoRoomOfTheOthers(t *testing.T) {
	large := engine.Exchange{}
	large.Response = suite.Response{Status: 401, Header: http.Header{}, Body: []byte(strings.Repeat("a", limits.ReportedBody))}
	for n := range 500 {
		large.Response.Header.Set(fmt.Sprint("X-", n), strings.Repeat("b", 100))
	}
	run := judged(result(must, engine.Pass), result(should, engine.Pass))
	for _, i := range []int{4, 5} {
		run.Results[i].Steps[0].Exchange = &large
	}
	for range 60 {
		run.Results[4].Steps = append(run.Results[4].Steps, engine.Step{Part: "the request", Exchange: &large})
	}
	r := report.New(run, facts())
	text, err := json.Marshal(r.Cases[4])
	if err != nil || len(text) > limits.ReportedCase {
		t.Errorf("the large case takes %d bytes, %v; want at most %d", len(text), err, limits.ReportedCase)
	}
	if got := r.Cases[4].Exchanges[60].Response; got.HeaderCut == 0 {
		t.Error("an exchange of the large case is whole")
	}
	if got := r.Cases[5].Exchanges[0].Response; got.Cut || got.HeaderCut > 0 {
		t.Errorf("an exchange of the small case is cut: body %v, %d fields", got.Cut, got.HeaderCut)
	}
}
