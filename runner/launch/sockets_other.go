//go:build !linux

package launch

// Which process listens where is not known here.
func listeners() (map[int][]string, bool) { return nil, false }
func commandOf(int) string                { return "" }
func inGroup(int) []int                   { return nil }
func orphans(string) []int                { return nil }
