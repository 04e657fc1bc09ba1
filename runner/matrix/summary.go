package matrix

import (
	"fmt"
	"strconv"

	"github.com/countersign-dev/countersign/suite/engine"
)

// summaryHead is the first line of the table of targets.
var summaryHead = []string{"target", "version", "set-up s", "run s", "processes", "pass", "fail", "warn", "blocked", "inconclusive", "result"}

// summary is the line of a target under [summaryHead].
func (c Column) summary() []string {
	counts := make([]string, 0, 5)
	for _, verdict := range []engine.Verdict{engine.Pass, engine.Fail, engine.Warn, engine.Blocked, engine.Inconclusive} {
		text := "-"
		if len(c.Results) > 0 {
			text = strconv.Itoa(c.Summary[verdict])
		}
		counts = append(counts, text)
	}
	line := append([]string{c.Name, c.Version, seconds(c.SetupMS), seconds(c.RunMS), strconv.Itoa(c.Processes)}, counts...)
	return append(line, c.Conclusion.Verdict)
}

func seconds(ms int64) string { return fmt.Sprintf("%.1f", float64(ms)/1000) }
