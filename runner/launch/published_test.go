package launch

import (
	"errors"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/page"
)

func TestPublishedIsOneCommandForAllVersions(t *testing.T) {
	const head = "name: mine\ntitle: mine\nstart: [mine]\npath: /\ndefaultVersion: 1.0.0\n"
	d, err := read([]byte(head+"published: [npm, view, mine, versions]\n"), "target.yaml")
	if err != nil || strings.Join(d.Published, " ") != "npm view mine versions" {
		t.Errorf("published is %q: %v", d.Published, err)
	}
	_, err = read([]byte(head+"published: [npm, view, \"mine@{version}\"]\n"), "target.yaml")
	var wrong *page.Error
	if !errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Sentence, "target.yaml:6:") || !strings.Contains(wrong.Sentence, "{version}") {
		t.Errorf("a version in it: %v", err)
	}
}
