package report_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
)

func TestBodies(t *testing.T) {
	for name, test := range map[string]struct {
		body     string
		encoding string
		cut      bool
		shown    int // bytes
	}{
		"empty":              {"", "", false, 0},
		"short":              {"{}", "", false, 2},
		"at the limit":       {strings.Repeat("a", 4096), "", false, 4096},
		"beyond the limit":   {strings.Repeat("a", 4097), "", true, 4096},
		"cut inside a rune":  {strings.Repeat("a", 4095) + "é!", "", true, 4095},
		"not UTF-8":          {"\xff\x00", "base64", false, 2},
		"long and not UTF-8": {strings.Repeat("\xff", 5000), "base64", true, 4096},
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
