package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/vectors"
)

func TestTheFilesAreFresh(t *testing.T) {
	all, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, file := range all {
		names = append(names, file.name)
		embedded, err := vectors.Raw(file.name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(embedded, file.text) {
			t.Errorf("%s.json is stale: run `go generate ./vectors`", file.name)
		}
	}
	if !slices.Equal(names, vectors.Names) {
		t.Errorf("generated are %v, package vectors lists %v", names, vectors.Names)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := withTable(readme, all)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readme, fresh) {
		t.Error("the README's table is stale: run `go generate ./vectors`")
	}
}

func TestGeneratingIsDeterministic(t *testing.T) {
	longtest.Skip(t)
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "README.md"), []byte("# a\n"+tableStart+"old\n"+tableEnd+"b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "CHANGELOG.md"), []byte("## 1.0.0 (unreleased)\n\nDigest: `sha256:`\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var runs [2]map[string]string
	for i := range runs {
		if err := run(folder, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		runs[i] = map[string]string{}
		for _, name := range append([]string{"../README", "../CHANGELOG", "../manifest"}, vectors.Names...) {
			extension := map[bool]string{true: ".md", false: ".json"}[strings.ToUpper(name) == name]
			text, err := os.ReadFile(filepath.Join(folder, "data", name+extension))
			if err != nil {
				t.Fatal(err)
			}
			runs[i][name] = string(text)
		}
	}
	if !reflect.DeepEqual(runs[0], runs[1]) {
		t.Error("the second run has another output")
	}
	if err := run(t.TempDir(), &bytes.Buffer{}); err == nil {
		t.Error("run succeeds in an empty directory")
	}
	if _, err := withTable([]byte("no markers"), nil); err == nil {
		t.Error("a README without markers gets a table")
	}
}

// A case that contradicts the reference must not become a vector.
func TestContradictionsAreFound(t *testing.T) {
	for _, wrong := range []struct {
		when   suite.Stimulus
		stance suite.Stance
	}{
		{suite.Call{}, suite.Refuses},
		{suite.Call{Unsigned: true}, suite.Accepts},
		{suite.Call{Key: suite.UnknownKey}, suite.Accepts},
	} {
		b := verifyBuilder{newFileBuilder[vectors.Verify]("", verifyFlags), map[string]int{}, map[string]suite.Case{}}
		b.addRequest(about("test", "4.1.3", 5, must, forgery, "", "Normal"), suite.Case{When: wrong.when}, wrong.stance)
		if len(b.errs) == 0 {
			t.Errorf("%s, expected: %s: the contradiction is not reported", suite.Describe(wrong.when), wrong.stance)
		}
	}
}

// A header of the catalogue has the same level and attacker in header.json. There
// the MAC is another one, as none is compared.
func TestHeaderAgreesWithTheCatalogue(t *testing.T) {
	file, err := vectors.Load[vectors.Header]()
	if err != nil {
		t.Fatal(err)
	}
	byValue := map[string]vectors.Header{}
	for _, v := range file.Vectors {
		byValue[strings.Join(v.Values, "\n")] = v
	}
	joined := 0
	for _, c := range suite.Catalogue() {
		if in := c.When.Fields(); in.Header == "" || in.Age != 0 || strings.Contains(in.Header, "{s:") {
			continue
		}
		made := suite.Make(c.When, scene)
		v, found := byValue[strings.ReplaceAll(made.Signature, made.MAC, strings.Repeat("0123456789abcdef", 4))]
		if !found || v.Result == vectors.Accept { // well-formed, whatever its time
			continue
		}
		joined++
		by := c.By
		if v.Result != vectors.Refuse {
			by = ""
		}
		if v.Level != string(c.Level) || v.By != string(by) {
			t.Errorf("%s is %s, by %q; %s is %s, by %q", v.ID, v.Level, v.By, c.ID, c.Level, by)
		}
	}
	if joined < 15 {
		t.Errorf("only %d headers of the catalogue are in header.json", joined)
	}
}

func TestEveryInboundCaseHasAVector(t *testing.T) {
	file, err := vectors.Load[vectors.Verify]()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, v := range file.Vectors {
		for _, id := range v.Cases {
			found[id] = true
		}
	}
	for _, c := range suite.Catalogue() {
		if reason := excluded(c); reason == "" && !found[c.ID] {
			t.Errorf("%s has no vector", c.ID)
		} else if reason != "" && found[c.ID] {
			t.Errorf("%s is excluded (%s) and has a vector", c.ID, reason)
		}
	}
}
