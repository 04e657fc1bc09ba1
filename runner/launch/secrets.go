package launch

import (
	"slices"
	"sync"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// secrets is a writer that looks for the secrets of a keyring in what is written to
// it, and keeps nothing else.
type secrets struct {
	keys suite.Keyring

	mu    sync.Mutex
	end   []byte // the last bytes, which a secret may begin in
	found []string
}

func (s *secrets) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := append(s.end, p...)
	for _, token := range engine.Secrets(s.keys, string(text)) {
		if !slices.Contains(s.found, token) {
			s.found = append(s.found, token)
		}
	}
	s.end = slices.Clone(text[max(0, len(text)-limits.Secret):])
	return len(p), nil
}

// Found are the secrets that were written, as tokens.
func (s *secrets) Found() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.found)
}
