package matrix

import (
	"fmt"

	"github.com/countersign-dev/countersign/runner/page"
)

// Shard is one part of the targets: every Of-th, from the Index-th on. The zero
// Shard is all of them.
type Shard struct {
	Index int `json:"index"` // from 1 on
	Of    int `json:"of"`
}

// ParseShard reads "2/4".
func ParseShard(text string) (Shard, error) {
	var s Shard
	n, err := fmt.Sscanf(text, "%d/%d", &s.Index, &s.Of)
	if n != 2 || err != nil || s.String() != text || s.Index < 1 || s.Index > s.Of {
		return Shard{}, page.Usage("write it as I/N with 1 <= I <= N, e.g. 2/4", "%q is not a shard", text)
	}
	return s, nil
}

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// whole is a Shard that is not a part.
func (s Shard) whole() bool { return s.Of <= 1 }

// normal is the Shard with its defaults.
func (s Shard) normal() Shard {
	if s.whole() {
		return Shard{1, 1}
	}
	return s
}

// has reports whether the i-th target, from 0 on, belongs to the shard.
func (s Shard) has(i int) bool { return s.whole() || i%s.Of == s.Index-1 }
