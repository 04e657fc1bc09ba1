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
			t.Errorf("%s.json is not what is generated: run `go generate ./vectors`", file.name)
		}
	}
	if !slices.Equal(names, vectors.Names) {
		t.Errorf("generated are %v, package vectors knows %v", names, vectors.Names)
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
		t.Error("the README's table is not what is generated: run `go generate ./vectors`")
	}
}

func TestGeneratingTwiceChangesNothing(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "README.md"), []byte("# a\n"+tableStart+"old\n"+tableEnd+"b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var runs [2]map[string]string
	for i := range runs {
		if err := run(folder, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		runs[i] = map[string]string{}
		for _, name := range append([]string{"../README"}, vectors.Names...) {
			extension := map[bool]string{true: ".md", false: ".json"}[strings.HasPrefix(name, "..")]
			text, err := os.ReadFile(filepath.Join(folder, "data", name+extension))
			if err != nil {
				t.Fatal(err)
			}
			runs[i][name] = string(text)
		}
	}
	if !reflect.DeepEqual(runs[0], runs[1]) {
		t.Error("the second run wrote something else")
	}
	if err := run(t.TempDir(), &bytes.Buffer{}); err == nil {
		t.Error("a folder without its parts is written to")
	}
	if _, err := withTable([]byte("no marks"), nil); err == nil {
		t.Error("a README without marks gets a table")
	}
}

// A case that says something else than the reference must not become a vector.
func TestContradictionsAreFound(t *testing.T) {
	for _, wrong := range []struct {
		when   suite.Stimulus
		stance suite.Stance
	}{
		{suite.Call{}, suite.Refuses},
		{suite.Call{Unsigned: true}, suite.Accepts},
		{suite.Call{Key: suite.UnknownKey}, suite.Accepts},
	} {
		b := book{newLedger[vectors.Verify]("", verifyFlags), map[string]int{}, map[string]suite.Case{}}
		b.enter(about("test", "4.1.3", 5, must, forgery, "", "Normal"), suite.Case{When: wrong.when}, wrong.stance)
		if len(b.errs) == 0 {
			t.Errorf("%s should be %s, and no one objects", suite.Describe(wrong.when), wrong.stance)
		}
	}
}

func TestEveryInboundCaseOfTheCatalogueIsThere(t *testing.T) {
	file, err := vectors.Load[vectors.Verify]()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, v := range file.Vectors {
		for _, id := range v.Cases {
			there[id] = true
		}
	}
	for _, c := range suite.Catalogue() {
		if left := leftOut(c); left == "" && !there[c.ID] {
			t.Errorf("%s makes a vector, and none carries it", c.ID)
		} else if left != "" && there[c.ID] {
			t.Errorf("%s makes no vector (%s), and one carries it", c.ID, left)
		}
	}
}
