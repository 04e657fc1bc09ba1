package fuzzing

import (
	"os"

	"github.com/countersign-dev/countersign/fuzz/live"
)

// Options are the options of [Run].
type Options struct {
	live.Options
	Target     string // its name in findings, corpora and records
	Folder     string // of findings
	CorpusPath string // the file of the target's corpus; empty keeps none
}

func (o Options) sharded() bool { return o.Shards > 1 }

func isFolder(path string) bool {
	found, err := os.Stat(path)
	return err == nil && found.IsDir()
}
