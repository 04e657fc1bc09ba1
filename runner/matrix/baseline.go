package matrix

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
)

// TargetBaseline is the known violations of one target, or of one version of it.
type TargetBaseline struct {
	Target string // as the targets of [Options] are named: with its version, or without for all of them
	Known  *report.Baseline
}

// ReadBaseline reads the known violations of a target: TARGET=FILE.
func ReadBaseline(text string) (TargetBaseline, error) {
	target, file, found := strings.Cut(text, "=")
	if !found || target == "" || file == "" {
		return TargetBaseline{}, page.Usage("for example --baseline inngest-js@3.18.0=known.yaml", "--baseline takes TARGET=FILE, not %q", text)
	}
	known, err := run.ReadBaseline(file)
	return TargetBaseline{target, known}, err
}

// excuse gives each column the baseline that was named for it, first that of its
// version. One for a target that is not among the columns is an error.
func (o Options) excuse(columns []Column) error {
	for _, b := range o.Baselines {
		if !slices.ContainsFunc(columns, func(c Column) bool { return b.of(c) }) {
			return page.Usage("name it as among the targets, with or without its version", "--baseline %s: there is no such target in this matrix", b.Target)
		}
	}
	for i, c := range columns {
		if b := o.baselineOf(c); b != nil {
			columns[i].Baseline = digested(b)
		}
	}
	return nil
}

func (b TargetBaseline) of(c Column) bool { return b.Target == c.Target || b.Target == c.Name }

// baselineOf is the known violations of a column; nil where none were named.
func (o Options) baselineOf(c Column) *report.Baseline {
	for _, exactly := range []bool{true, false} {
		for _, b := range o.Baselines {
			if b.Target == c.Target || !exactly && b.of(c) {
				return b.Known
			}
		}
	}
	return nil
}

// digested names a baseline and what is in it.
func digested(b *report.Baseline) string {
	sum := sha256.Sum256(fmt.Append(nil, b.Entries))
	return b.File + " " + hex.EncodeToString(sum[:6])
}
