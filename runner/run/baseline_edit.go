package run

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Excusable are the deviations of a report that a baseline may excuse and that the
// given entries do not: violations of MUSTs, and, if wanted, warnings and MUSTs that
// are inconclusive. Core are the failures that no baseline can excuse.
func Excusable(r report.Report, known []engine.Excuse, warnings, inconclusive bool) (found []engine.Excuse, core []string) {
	for _, c := range r.Cases {
		excuse := engine.Excuse{Case: c.ID}
		switch {
		case c.Verdict == engine.Fail, warnings && c.Verdict == engine.Warn:
		case inconclusive && c.Verdict == engine.Inconclusive && c.Level == suite.Must:
			excuse.Excuses = engine.Inconclusive
		default:
			continue
		}
		if slices.Contains(suite.Core, c.ID) {
			core = append(core, c.ID)
		} else if !slices.ContainsFunc(known, func(e engine.Excuse) bool { return e.Case == c.ID }) {
			found = append(found, excuse)
		}
	}
	return found, core
}

// AppendBaseline adds entries to the text of a baseline, which it leaves as it is.
func AppendBaseline(text []byte, entries []engine.Excuse) ([]byte, error) {
	if len(entries) == 0 {
		return text, nil
	}
	if trimmed := bytes.TrimSpace(text); bytes.Equal(trimmed, []byte("[]")) {
		text = nil
	} else if bytes.HasPrefix(trimmed, []byte("[")) {
		return nil, page.Usage("write each entry as `- case: …`, on lines of its own", "entries cannot be added to a baseline in brackets")
	}
	added, err := yaml.MarshalWithOptions(entries, yaml.IndentSequence(false))
	if err != nil {
		return nil, fmt.Errorf("writing a baseline: %w", err)
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(slices.Clone(text), '\n')
	}
	return slices.Concat(text, added), nil
}

// Needless are the entries of a baseline that a report shows not to be needed: their
// cases pass, do not exist, or the entries have expired.
func Needless(r report.Report, entries []engine.Excuse) (ids []string) {
	verdicts := map[string]engine.Verdict{}
	for _, c := range r.Cases {
		verdicts[c.ID] = c.Verdict
	}
	for _, e := range entries {
		_, err := suite.Find(e.Case)
		verdict := verdicts[e.Case]
		passes := verdict == engine.Surprising || verdict == engine.Pass || verdict == engine.Observed
		if err != nil || e.Expired(r.Started) || passes && e.Excuses != engine.Inconclusive {
			ids = append(ids, e.Case)
		}
	}
	return ids
}

// PruneBaseline removes entries from the text of a baseline, with the comments right
// above them, and leaves the rest as it is.
func PruneBaseline(text []byte, ids []string) ([]byte, error) {
	if len(ids) == 0 {
		return text, nil
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, fmt.Errorf("reading a baseline: %w", err)
	}
	sequence, is := file.Docs[0].Body.(*ast.SequenceNode)
	if !is || sequence.IsFlowStyle {
		return nil, page.Usage("write each entry as `- case: …`, on lines of its own", "entries cannot be removed from a baseline in brackets")
	}
	lines := strings.SplitAfter(string(text), "\n")
	begins := func(i int) int { // the first line of an entry, or of the comment above it
		line := sequence.Values[i].GetToken().Position.Line - 1
		for line > 0 && !strings.HasPrefix(strings.TrimSpace(lines[line]), "-") {
			line--
		}
		for line > 0 && strings.HasPrefix(strings.TrimSpace(lines[line-1]), "#") {
			line--
		}
		return line
	}
	var kept strings.Builder
	kept.WriteString(strings.Join(lines[:begins(0)], ""))
	left := 0
	for i, value := range sequence.Values {
		var e engine.Excuse
		if err := yaml.NodeToValue(value, &e); err != nil {
			return nil, fmt.Errorf("reading a baseline: %w", err)
		}
		if slices.Contains(ids, e.Case) {
			continue
		}
		left++
		end := len(lines)
		if i+1 < len(sequence.Values) {
			end = begins(i + 1)
		}
		kept.WriteString(strings.Join(lines[begins(i):end], ""))
	}
	if left == 0 {
		kept.WriteString("[]\n")
	}
	return []byte(kept.String()), nil
}
