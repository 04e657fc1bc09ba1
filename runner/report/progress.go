package report

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// ProgressPrinter shows how far a run has come: on a terminal in one line that is
// rewritten, elsewhere in plain lines. The zero ProgressPrinter is silent.
type ProgressPrinter struct {
	Out   io.Writer // nil: nothing is shown
	Live  bool      // Out is a terminal
	Width int       // columns of the terminal

	mu   sync.Mutex
	seen map[suite.Setup]bool
	done int // cases, as last shown in a plain line
}

// plainStep is the number of cases between two plain lines.
const plainStep = 25

// Say shows what begins now.
func (p *ProgressPrinter) Say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Out == nil {
		return
	}
	p.write(fmt.Sprintf(format, args...))
}

// Announce shows what the user has to know before something begins. It stays on a
// terminal.
func (p *ProgressPrinter) Announce(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Out == nil {
		return
	}
	text := page.Clean(fmt.Sprintf(format, args...))
	if p.Live {
		text = "\r\x1b[K" + strings.Join(page.Wrap(text, max(p.Width-1, narrowest)), "\n")
	}
	_, _ = fmt.Fprintln(p.Out, text) // progress that cannot be shown stops no run
}

// narrowest is the width below which a text is not broken into lines.
const narrowest = 40

// Watch shows one case; [engine.Options] calls it.
func (p *ProgressPrinter) Watch(now engine.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Out == nil {
		return
	}
	if p.seen == nil {
		p.seen = map[suite.Setup]bool{}
	}
	fresh := !p.seen[now.Setup]
	p.seen[now.Setup] = true
	if p.Live {
		p.write(fmt.Sprintf("%3d/%d  %s  (%s)", now.Done, now.Total, now.Case, now.Setup))
		return
	}
	if now.Done <= p.done { // the count does not move while inconclusive cases are judged once more
		return
	}
	if fresh || now.Done%plainStep == 0 || now.Done == now.Total {
		p.write(fmt.Sprintf("%3d/%d  %s", now.Done, now.Total, now.Setup))
		p.done = now.Done
	}
}

// Done removes the line on a terminal.
func (p *ProgressPrinter) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Out != nil && p.Live {
		_, _ = io.WriteString(p.Out, "\r\x1b[K") // progress that cannot be shown stops no run
	}
}

func (p *ProgressPrinter) write(line string) {
	line = page.CleanLine(line)
	if !p.Live {
		_, _ = fmt.Fprintln(p.Out, line)
		return
	}
	if runes := []rune(line); p.Width > 1 && len(runes) >= p.Width {
		line = string(runes[:p.Width-2]) + "…"
	}
	_, _ = io.WriteString(p.Out, "\r\x1b[K"+line)
}
