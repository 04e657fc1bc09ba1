package matrix

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/countersign-dev/countersign/runner/page"
)

// state is the folder that keeps finished columns: plan.json, and one file for each
// target. Shards of one matrix may share it.
type state struct{ folder string }

const planFile = "plan.json"

// openState opens the folder, or makes it. An interrupted run that drew its seed is
// continued with the same one: where anySeed, that of the folder is taken.
func openState(folder string, plan *Plan, anySeed bool) (state, error) {
	s := state{folder}
	if err := os.MkdirAll(folder, page.FolderMode); err != nil {
		return s, page.Usage("--state takes a folder for results", "making the folder for results: %v", err)
	}
	var kept Plan
	switch err := readFile(filepath.Join(folder, planFile), &kept); {
	case errors.Is(err, fs.ErrNotExist):
		return s, s.write(planFile, plan)
	case err != nil:
		return s, page.Usage("remove the folder, or choose another one", "reading the kept results: %v", err)
	}
	if anySeed {
		plan.RandomSeed = kept.RandomSeed
	}
	if !plan.equal(kept) {
		return s, page.Usage("repeat the command with the same cases and --seed, or choose another folder",
			"--state %s holds results that were judged with other options: %s tier, seed %d, countersign %s", folder, kept.Tier, kept.RandomSeed, kept.Tool.Version)
	}
	return s, nil
}

// fileOf is the name of a target's file.
func fileOf(target string) string {
	sum := sha256.Sum256([]byte(target))
	return "target-" + hex.EncodeToString(sum[:8]) + ".json"
}

// finished is the kept column of a target, if it was judged and its folder is what
// it was.
func (s state) finished(c Column) (Column, bool) {
	var kept Column
	if err := readFile(filepath.Join(s.folder, fileOf(c.Target)), &kept); err != nil {
		return Column{}, false
	}
	judged := len(kept.Results) > 0 || kept.Conclusion.ExitCode == page.ExitVoid
	return kept, judged && kept.Target == c.Target && kept.Digest == c.Digest && kept.Baseline == c.Baseline
}

// empty reports whether no target is kept.
func (s state) empty() bool {
	kept, err := filepath.Glob(filepath.Join(s.folder, "target-*.json"))
	return err == nil && len(kept) == 0
}

func (s state) keep(c Column) error { return s.write(fileOf(c.Target), c) }

func (s state) write(name string, value any) error {
	return page.WriteFile(filepath.Join(s.folder, name), func(w io.Writer) error { return encode(w, value) })
}

func readFile(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func encode(w io.Writer, value any) error { return page.JSON(w, value) }
