package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/vectors"
)

func TestTheManifestIsFresh(t *testing.T) {
	all, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	changelog, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	manifest, updated, err := withManifest(changelog, all)
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(manifest, committed) || !bytes.Equal(updated, changelog) {
		t.Error("manifest.json or the digest in CHANGELOG.md is stale: run `go generate ./vectors`")
	}
	pinned, err := vectors.Pinned()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(changelog, []byte("## "+strings.TrimSuffix(pinned.Version, "-unreleased"))) || len(pinned.Files) != len(vectors.Names) {
		t.Errorf("version %s, %d files", pinned.Version, len(pinned.Files))
	}
}

const (
	unreleased = "# Changes\n\n## 1.1.0 (unreleased)\n\nDigest: `sha256:0a`\n\nmore\n\n## 1.0.0\n\nDigest: `sha256:0b`\n"
	released   = "# Changes\n\n## 1.1.0\n\nDigest: `sha256:0a`\n"
)

func TestADigestIsOverTheFiles(t *testing.T) {
	all := []output{{name: "b", text: []byte("2")}, {name: "a", text: []byte("1")}}
	lines := fmt.Sprintf("%x  a.json\n%x  b.json\n", sha256.Sum256([]byte("1")), sha256.Sum256([]byte("2")))
	want := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(lines)))
	manifest, updated, err := withManifest([]byte(unreleased), all)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(manifest), `"1.1.0-unreleased"`) || !strings.Contains(string(manifest), want) {
		t.Errorf("%s", manifest)
	}
	if string(updated) != strings.Replace(unreleased, "sha256:0a", want, 1) {
		t.Errorf("the changelog is now\n%s", updated)
	}
}

func TestReleasedVectorsDoNotChange(t *testing.T) {
	all := []output{{name: "a", text: []byte("1")}}
	if _, _, err := withManifest([]byte(released), all); err == nil || !strings.Contains(err.Error(), "1.1.0, which is released") {
		t.Errorf("another digest: %v", err)
	}
	same := strings.Replace(released, "sha256:0a", manifestOf(all).Digest, 1)
	manifest, updated, err := withManifest([]byte(same), all)
	if err != nil || string(updated) != same || !strings.Contains(string(manifest), `"version": "1.1.0"`) {
		t.Errorf("the same digest: %v\n%s\n%s", err, manifest, updated)
	}
	if _, _, err := withManifest([]byte("# Changes\n"), all); err == nil {
		t.Error("a changelog without a version is accepted")
	}
}
